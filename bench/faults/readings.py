"""The readings of one meter as a collector would have written them down, and the ways to spoil them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.faults.plant import Floats, Whole

QUARTER_US = 900_000_000
HOUR_US = 4 * QUARTER_US
DAY_US = 24 * HOUR_US

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Readings:
    """Stamps, register values and when each was known; `is_late` marks what the first delivery does not hold."""

    at_us: Whole
    value: Floats
    known_us: Whole
    is_late: Mask

    def where(self, mask: Mask) -> "Readings":
        """Return some of the readings."""
        return Readings(self.at_us[mask], self.value[mask], self.known_us[mask], self.is_late[mask])

    def without(self, from_us: int, to_us: int) -> "Readings":
        """Return the readings that do not lie strictly between two instants."""
        return self.where((self.at_us <= from_us) | (self.at_us >= to_us))

    def with_value(self, index: int, value: float) -> "Readings":
        """Return the readings with one of them changed."""
        values = self.value.copy()
        values[index] = round(value, 2)
        return replace(self, value=values)

    def and_also(self, other: "Readings") -> "Readings":
        """Return the readings of both."""
        return Readings(
            np.concatenate((self.at_us, other.at_us)),
            np.concatenate((self.value, other.value)),
            np.concatenate((self.known_us, other.known_us)),
            np.concatenate((self.is_late, other.is_late)),
        )

    def nearest(self, instant_us: int) -> int:
        """Return the index of the last reading at or before an instant."""
        return int(np.searchsorted(self.at_us, instant_us, side="right")) - 1


def stamps(chance: np.random.Generator, first_us: int, last_us: int, *, exact: bool) -> Whole:
    """Return when a meter is read: on each quarter of an hour, or some seconds later, never twice alike."""
    grid = np.arange(first_us, last_us + 1, QUARTER_US)
    if exact:
        return grid
    lag_us = chance.integers(5, 40) * 1_000_000 + chance.integers(0, 10_000_000, len(grid))
    return grid + lag_us


def collected(chance: np.random.Generator, at_us: Whole, value: Floats, cut_us: int) -> Readings:
    """Return readings known a minute or so after their time; what is known after the cut is delivered later."""
    known_us = at_us + chance.integers(20_000_000, 90_000_000, len(at_us))
    return Readings(at_us, value, known_us, known_us >= cut_us)
