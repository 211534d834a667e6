"""Monte Carlo: the same lines with drawn inputs, multiplied as they are and not by their first order."""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from methods.uncertainty.budget import COVERAGE, Budget, Input, Line

#: Draws and seed that the marts are made with: the ends of an interval are then good to about 2 % of its half width.
DRAWS, SEED = 10_000, 20_260_101
#: How many inputs are kept; another is drawn again from its name, with the same result.
_KEPT = 500

Column = npt.NDArray[np.float64]


class Sampler:
    """Draws each input once, by its name, so that it is the same in every line, total and run."""

    def __init__(self, draws: int = DRAWS, seed: int = SEED) -> None:
        self.draws = draws
        self._seed = seed
        self._kept: dict[Input, Column] = {}

    def ratio(self, one: Input) -> Column:
        """Return true by reported value of an input, one number a draw; never below zero.

        Within bounds every value is as likely; beside a 95 % interval each half is that of a normal distribution, so
        that 2.5 % lie beyond either limit.
        """
        if one not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            random = np.random.default_rng([self._seed, zlib.crc32(one.key.encode())])
            if one.is_bounded:
                off = random.uniform(-one.high, one.high, self.draws)
            else:
                normal = random.standard_normal(self.draws) / COVERAGE
                off = np.where(normal < 0, normal * one.low, normal * one.high)
            self._kept[one] = np.maximum(1.0 + off, 0.0)
        return self._kept[one]

    def line(self, line: Line) -> Column:
        """Return the tonnes of a line in every draw."""
        activity = np.ones(self.draws)
        for one, share in line.activity:
            activity += share * (self.ratio(one) - 1.0)
        for one in line.factor:
            activity *= self.ratio(one)
        return line.emissions_tco2e * activity

    def total(self, budget: Budget) -> Column:
        """Return the tonnes of a total in every draw."""
        drawn = np.zeros(self.draws)
        for line in budget.lines:
            drawn += self.line(line)
        return drawn


def interval(drawn: Column, ends: Sequence[float] = (0.025, 0.975)) -> tuple[float, ...]:
    """Return the quantiles of the draws."""
    return tuple(float(end) for end in np.quantile(drawn, ends))
