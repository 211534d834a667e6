"""How far an amount can be off: a distribution of the ratio of the true amount to the stated one."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lake.errors import NengtanError

Numbers = npt.NDArray[np.float64]

#: Half of a 95 % interval of a normal error, in standard deviations.
COVERAGE = 1.959963984540054


@dataclass(frozen=True)
class Uncertainty:
    """A distribution by its name and parameters; made by the functions below, which check them."""

    name: str
    parameters: tuple[float, ...]


def lognormal(sigma: float) -> Uncertainty:
    """Median 1 and the standard deviation of the logarithm, as Brightway's `scale`; amounts keep their sign."""
    return _checked("lognormal", (sigma,), sigma >= 0.0, "sigma is not below zero")


def lognormal_gsd2(gsd2: float) -> Uncertainty:
    """The same by the squared geometric standard deviation: 95 % lie between 1/GSD2 and GSD2 (SD95 of ecoinvent)."""
    return _checked("lognormal", (math.log(gsd2) / 2.0 if gsd2 > 0 else math.nan,), gsd2 >= 1.0, "GSD2 is 1 or more")


def normal(deviation: float) -> Uncertainty:
    """Mean 1 and the relative standard deviation; a draw below zero counts as zero."""
    return _checked("normal", (deviation,), deviation >= 0.0, "the deviation is not below zero")


def normal_u95(u95: float) -> Uncertainty:
    """The same by half of the 95 % interval, as a share of the amount."""
    return normal(u95 / COVERAGE)


def uniform(low: float, high: float) -> Uncertainty:
    """Every ratio between the two is as likely."""
    return _checked("uniform", (low, high), low <= high, "low is not above high")


def triangular(low: float, mode: float, high: float) -> Uncertainty:
    """Ratios between low and high, the mode the likeliest."""
    return _checked("triangular", (low, mode, high), low <= mode <= high, "low, mode and high stand in order")


def drawn(one: Uncertainty, name: str, draws: int, seed: int) -> Numbers:
    """Return the ratios of what is called so, one a draw: the same for a seed and a name, whoever asks."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:16], "big"))
    match one.name, one.parameters:
        case "lognormal", (sigma,):
            return np.exp(sigma * random.standard_normal(draws))
        case "normal", (deviation,):
            return np.maximum(1.0 + deviation * random.standard_normal(draws), 0.0)
        case "uniform", (low, high):
            return low + (high - low) * random.random(draws)
        case "triangular", (low, mode, high):
            return _triangular(random.random(draws), low, mode, high)
    raise NengtanError(f"footprint: {one.name} is not a distribution that can be drawn")


def _triangular(even: Numbers, low: float, mode: float, high: float) -> Numbers:
    """By the inverse of its distribution function."""
    width = high - low
    rising = low + np.sqrt(even * width * (mode - low))
    falling = high - np.sqrt((1.0 - even) * width * (high - mode))
    return np.where(even * width < mode - low, rising, falling)


def _checked(name: str, parameters: tuple[float, ...], is_sound: bool, rule: str) -> Uncertainty:
    if not is_sound or not all(math.isfinite(number) for number in parameters):
        raise NengtanError(f"footprint: a {name} distribution cannot have {parameters}: {rule}")
    return Uncertainty(name, parameters)
