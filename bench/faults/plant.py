"""What passes a meter in a plant, minute by minute (shifts, weekends, machines, noise), and what its register shows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MINUTE_US = 60_000_000
DAY_MINUTES = 24 * 60
#: What a register counts in, and where it starts again from zero: eight digits, two of them behind the point.
RESOLUTION = 0.01
SIZE = 1_000_000.0

#: Name, first and last minute of work, whether Saturday and Sunday are worked, power at rest as a share of the rated.
_RHYTHMS = (
    ("continuous", 0, DAY_MINUTES, True, True, 0.55),
    ("two shifts", 6 * 60, 22 * 60, True, False, 0.12),
    ("day shift", 8 * 60, 17 * 60 + 30, False, False, 0.06),
    ("press without standby", 7 * 60, 19 * 60, True, False, 0.0),
    ("night shift", 20 * 60, 6 * 60, True, True, 0.2),
)


@dataclass(frozen=True)
class Truth:
    """Energy in kWh since `first_us` (local midnight, in microseconds since 1970), at each minute's end."""

    first_us: int
    passed_kwh: Floats
    rated_kw: float

    def at(self, instants_us: Whole) -> Floats:
        """Return what had passed at instants, in kWh."""
        minutes = (instants_us - self.first_us) / MINUTE_US
        return np.interp(minutes, np.arange(len(self.passed_kwh)), self.passed_kwh)

    def between(self, from_us: int, to_us: int) -> float:
        """Return what passed between two instants, in kWh."""
        first, last = self.at(np.array([from_us, to_us]))
        return float(last - first)


def truth(chance: np.random.Generator, first_us: int, first_weekday: int, days: int, rhythm: int) -> Truth:
    """Return what a machine hall used over so many days; Monday is weekday 0."""
    _, begin, end, saturday, sunday, rest = _RHYTHMS[rhythm % len(_RHYTHMS)]
    minutes = np.arange(days * DAY_MINUTES)
    of_day, day = minutes % DAY_MINUTES, minutes // DAY_MINUTES
    works = (of_day >= begin) & (of_day < end) if begin < end else (of_day >= begin) | (of_day < end)
    weekday = (first_weekday + day) % 7
    works &= (weekday < 5) | ((weekday == 5) & saturday) | ((weekday == 6) & sunday)
    rated_kw = float(np.exp(chance.uniform(np.log(30), np.log(600))))
    busy = chance.normal(0.78, 0.04, days).clip(0.55, 0.95)[day]
    lunch = np.where((of_day >= 12 * 60) & (of_day < 12 * 60 + 45), 0.7, 1.0)
    # Machines start and stop within half an hour or so; the hall as a whole drifts over some hours.
    quick = _smooth(chance.normal(0, 1, len(minutes)), 12)
    slow = _smooth(chance.normal(0, 1, len(minutes)), 180)
    share = np.where(works, busy * lunch * (1 + 0.08 * quick + 0.04 * slow), rest * (1 + 0.04 * quick))
    power_kw = rated_kw * share.clip(0, 1)
    return Truth(first_us, np.concatenate(([0.0], np.cumsum(power_kw / 60))), rated_kw)


def register(passed_kwh: Floats, ratio: float, first: float = 0.0, size: float = SIZE) -> Floats:
    """Return what a register shows that stood at `first` before so much passed: whole steps, the last one cut off."""
    steps = np.floor((passed_kwh / ratio + first) / RESOLUTION + 1e-6)
    return np.asarray(steps % round(size / RESOLUTION) * RESOLUTION, np.float64).round(2)


def _smooth(noise: Floats, minutes: int) -> Floats:
    """Return noise that remembers so many minutes, with variance 1."""
    kernel = np.exp(-np.arange(5 * minutes) / minutes)
    kernel /= np.sqrt(np.sum(kernel**2))
    size = 1 << int(np.ceil(np.log2(len(noise) + len(kernel))))
    spectrum = np.fft.rfft(noise, size) * np.fft.rfft(kernel, size)
    return np.fft.irfft(spectrum, size)[: len(noise)]
