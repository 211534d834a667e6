"""Every product's intensities in one pass: what a unit of it causes along its whole chain, loops to the end.

The adjoint of the inventory: with y the impacts per unit of product, A^T y = b for every impact at once, so one
factorisation or one run of sweeps answers for all products (Heijungs & Suh 2002, sections 2.2 and 4.2). Three ways, in
this order for a large system and starting with the last for a small one; whichever was taken, its residual is checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lake.errors import NengtanError
from methods.footprint import ways
from methods.footprint.scaled import Scaled, refuse_loops, scaled
from methods.footprint.system import System

Numbers = npt.NDArray[np.float64]

#: Up to here a system is factorised at once.
SMALL = 1_000


@dataclass(frozen=True)
class Solution:
    """The intensities of every product (products x impacts: impact per unit of the product), and how they were found.

    way: factorised, swept or preconditioned. steps: sweeps or iterations. residual: the largest part of an equation
    that does not close, by the sum of the sizes of its terms.
    """

    system: System
    intensities: Numbers
    way: str
    steps: int
    residual: float

    def intensity(self, product: str) -> dict[str, float]:
        """Return the impacts of a unit of a product."""
        values = self.intensities[self.system.of_product(product)]
        return dict(zip(self.system.impacts, values.tolist(), strict=True))

    @cached_property
    def unit(self) -> Scaled:
        """The system per unit of what each process is run for."""
        return scaled(self.system)


def solve(system: System) -> Solution:
    """Return the intensities of all products; raises NengtanError for a loop that uses up all it makes."""
    unit = scaled(system)
    found = _answered(system, unit, unit.takes, unit.effects)
    return Solution(system, found.answer * unit.sign[:, None], found.way, found.steps, found.residual)


def supply(system: System, demand: Mapping[str, float]) -> Numbers:
    """Return how often each process runs for a demand (product: amount): the scaling vector s of A s = f."""
    return np.asarray(supplies(system, [demand])[0], np.float64)


def supplies(system: System, demands: Sequence[Mapping[str, float]]) -> Numbers:
    """Return the same for each of several demands, demands x processes, in one pass.

    Raises NengtanError for a product that is not in the system, and for a loop that uses up all it makes.
    """
    unit = scaled(system)
    wanted = np.column_stack([system.demand(demand) * unit.sign for demand in demands])
    found = _answered(system, unit, sparse.csr_array(unit.takes.T), wanted)
    return np.ascontiguousarray(found.answer.T / np.abs(system.made))


def _answered(system: System, unit: Scaled, matrix: sparse.csr_array, right: Numbers) -> ways.Answer:
    """Return x of x = M x + right, by the first way that closes.

    A column of ones is solved along: where the system has no credits and every entry of its answer is positive, every
    loop is productive (the condition of Hawkins and Simon); else the loop that is not is looked for and named.
    """
    small = len(unit.sign) <= SMALL
    beside = np.column_stack([right, np.ones(len(right))])
    for way in (ways.factorised,) if small else (ways.swept, ways.preconditioned, ways.factorised):
        found = way(matrix, beside)
        if not unit.has_credits and (found is None or not (found.answer[:, -1] > 0).all()):
            refuse_loops(system, unit)
        if found is not None and found.residual <= ways.CLOSED:
            return replace(found, answer=found.answer[:, :-1])
    raise NengtanError(
        "footprint: the system is singular: its processes can be run so that nothing comes out and nothing goes in"
    )
