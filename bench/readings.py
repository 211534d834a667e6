"""A works' registers over time, from a seed: repeated, missing and late readings, roll-overs and resets among them.

Called as a program it makes a site and its lake, and beside them what arrives later: `python -m bench.readings FOLDER
METERS DAYS SEED`; `land LAKE FILE METERS DAY` brings one of these. A program of its own, so that its memory and its
seconds are nobody else's.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench import site
from bench.landing import Delivery, Numbers, land, together
from lake.periods import microseconds
from lake.store import Lake

SLOTS = 96
_SLOT_US = 900_000_000
_HOUR_US = 3_600_000_000
_DAYS_TOLD = 30
REPEATED, SHORT_GAPS, OUTAGES, LATE = 0.005, 0.005, 0.005, 0.01
_OUTAGE_SLOTS = 32
_RESETS_PER_METER_YEAR = 0.1
#: What arrives after everything else: this share of all readings, spread over so many days before the last ten.
WITHHELD, WITHHELD_DAYS = 0.01, 30


@dataclass
class Registers:
    """The registers of all meters, read every quarter of an hour, a stretch of days at a time."""

    meters: int
    seed: int

    def __post_init__(self) -> None:
        """Give every meter its size and the value that it begins with."""
        made = np.random.default_rng([self.seed, 0])
        self._kw = np.clip(made.lognormal(3.0, 1.0, self.meters), 0.2, 800.0)
        self._shift = made.uniform(0, 24, self.meters)
        self._counts = (made.uniform(0, 0.99, self.meters) * site.REGISTER_COUNTS).astype(np.int64)

    def days(self, first: int, count: int) -> Delivery:
        """Return the readings of local days, in order of point and time; the first day begins with one at its start."""
        made = np.random.default_rng([self.seed, 1, first])
        slots = np.arange(count * SLOTS)
        values = self._counts[:, None] + np.cumsum(self._flow(made, first, slots), axis=1, dtype=np.int64)
        values = self._with_resets(made, values, count) % site.REGISTER_COUNTS
        start = microseconds(site.instant(first))
        at = np.broadcast_to(start + (slots + 1) * _SLOT_US, values.shape)
        if first == 0:
            values = np.concatenate([self._counts[:, None], values], axis=1)
            at = np.concatenate([np.full((self.meters, 1), start), at], axis=1)
        self._counts = values[:, -1].copy()
        point = np.broadcast_to(np.arange(self.meters)[:, None], values.shape)
        day_end = start + (((at - 1 - start) // (24 * _HOUR_US)) + 1) * 24 * _HOUR_US
        told = Delivery(point.ravel(), at.ravel(), values.ravel(), (day_end + _HOUR_US).ravel())
        return _disturbed(made, told, _missing(made, values.shape).ravel())

    def _flow(self, made: np.random.Generator, first: int, slots: Numbers) -> Numbers:
        """Return the counts of each meter and quarter of an hour."""
        hour = (slots % SLOTS) / 4
        weekday = (first + slots // SLOTS + site.FIRST_DAY.weekday()) % 7
        shape = 0.6 + 0.4 * np.sin((hour[None, :] + self._shift[:, None]) * np.pi / 12)
        load = self._kw[:, None] * shape * np.where(weekday < 5, 1.0, 0.6)[None, :]
        noise = made.uniform(0.9, 1.1, load.shape)
        flow: Numbers = np.rint(load * noise / 4 * 10**site.DECIMALS).astype(np.int64)
        return flow

    def _with_resets(self, made: np.random.Generator, values: Numbers, days: int) -> Numbers:
        """Return the registers with some that fell to zero."""
        struck = np.flatnonzero(made.random(self.meters) < _RESETS_PER_METER_YEAR * days / 365)
        for meter, slot in zip(struck, made.integers(1, values.shape[1], struck.size), strict=True):
            values[meter, slot:] -= values[meter, slot - 1]
        return values


def _missing(made: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return what was never read: one to three readings in a row, and eight hours in a row."""
    gone = np.zeros(shape, bool)
    for share, lengths in ((SHORT_GAPS / 2, (1, 4)), (OUTAGES / _OUTAGE_SLOTS, (_OUTAGE_SLOTS, _OUTAGE_SLOTS + 1))):
        starts = np.argwhere(made.random(shape) < share)
        for (meter, slot), length in zip(starts, made.integers(*lengths, len(starts)), strict=True):
            gone[meter, slot : slot + length] = True
    gone[:, [0, -1]] = False  # a stretch of days begins and ends with a reading
    return gone


def _disturbed(made: np.random.Generator, told: Delivery, missing: npt.NDArray[np.bool_]) -> Delivery:
    """Return the readings without the missing ones, some late, some told again, a few of these with a new value."""
    read = told.where(~missing)
    late = made.random(len(read)) < LATE
    delay = made.integers(24, 72, len(read)) * _HOUR_US
    read = replace(read, known_us=read.known_us + np.where(late, delay, 0))
    again = read.where(made.random(len(read)) < REPEATED)
    corrected = made.random(len(again)) < 0.2
    again = replace(
        again, known_us=again.known_us + 96 * _HOUR_US, counts=again.counts - corrected * (again.counts > 0)
    )
    return together([read, again])


def make(folder: Path, meters: int, days: int, seed: int) -> None:
    """Make `site`, `lake`, and beside them `late.npz` and `day.npz`, which hold what arrives afterwards."""
    site.write(folder / "site", meters)
    points, lake, registers = site.points(meters), Lake(str(folder / "lake")), Registers(meters, seed)
    kept_back = []
    for first, sent in _stretches(registers, days):
        held = _held_back(sent, days, seed + first)
        kept_back.append(sent.where(held))
        received = site.instant(first + _DAYS_TOLD) + timedelta(days=5)
        land(lake, points, sent.where(~held), f"days from {first}, seed {seed}", received)
    lake.compact(site.SOURCE, thoroughly=True)
    late = together(kept_back)
    save(folder / "late.npz", replace(late, known_us=np.full(len(late), microseconds(site.instant(days)))))
    save(folder / "day.npz", registers.days(days, 1))


def save(file: Path, sent: Delivery) -> None:
    """Keep a delivery for later."""
    np.savez(file, point=sent.point, reading_us=sent.reading_us, counts=sent.counts, known_us=sent.known_us)


def load(file: Path) -> Delivery:
    """Return a delivery that was kept."""
    with np.load(file) as kept:
        return Delivery(kept["point"], kept["reading_us"], kept["counts"], kept["known_us"])


def _stretches(registers: Registers, days: int) -> Iterator[tuple[int, Delivery]]:
    for first in range(0, days, _DAYS_TOLD):
        yield first, registers.days(first, min(_DAYS_TOLD, days - first))


def _held_back(sent: Delivery, days: int, seed: int) -> npt.NDArray[np.bool_]:
    """Choose the readings that arrive last."""
    before = max(days - 10, 1)
    first = max(before - WITHHELD_DAYS, 0)
    share = WITHHELD * days / (before - first)
    inside = (sent.reading_us > microseconds(site.instant(first))) & (
        sent.reading_us <= microseconds(site.instant(before))
    )
    return inside & (np.random.default_rng([seed, 2]).random(len(sent)) < share)


def add(lake: Path, delivery: Path, meters: int, day: int) -> None:
    """Land what was kept for later, received on the morning after a day."""
    sent = load(delivery)
    land(Lake(str(lake)), site.points(meters), sent, delivery.stem, site.instant(day) + timedelta(days=1, hours=2))


if __name__ == "__main__":
    if sys.argv[1] == "land":
        add(Path(sys.argv[2]), Path(sys.argv[3]), *(int(word) for word in sys.argv[4:6]))
    else:
        make(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:5]))
