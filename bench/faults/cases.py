"""Each fault as a change of a sound meter's readings: what the site's files say of it, and what must be labelled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bench.faults.plant import SIZE, Floats, Truth, Whole, register
from bench.faults.readings import DAY_US, HOUR_US, QUARTER_US, Mask, Readings, collected, stamps

Span = tuple[int, int]
_OUTAGE_US = 8 * HOUR_US
_JUMP_US = 2 * HOUR_US


@dataclass(frozen=True)
class Event:
    """A row of meter_events.csv; None is an empty cell."""

    at_us: int
    event: str
    final_register: float | None = None
    initial_register: float | None = None
    new_ratio: float | None = None


@dataclass(frozen=True)
class Planted:
    """A meter with its fault.

    `gaps` must say that they are not measured once everything has arrived, `gaps_at_first` after the first delivery;
    `touched` are intervals that one bad reading touches. `is_bounded` is false where no register bounds the energy. The
    site knows the physical maximum of a meter that `is_rated`; of the others it does not know every third one.
    """

    truth: Truth
    ratio: float
    readings: Readings
    events: tuple[Event, ...] = ()
    gaps: tuple[Span, ...] = ()
    gaps_at_first: tuple[Span, ...] = ()
    touched: tuple[Span, ...] = ()
    size: float = SIZE
    is_bounded: bool = True
    is_rated: bool = False


@dataclass(frozen=True)
class Setting:
    """A sound meter before its fault is planted; `number` counts the meters with the same fault from 0."""

    chance: np.random.Generator
    truth: Truth
    number: int
    month: Span
    cut_us: int
    first: float = field(init=False)
    ratio: float = field(init=False)
    is_exact: bool = field(init=False)

    def __post_init__(self) -> None:
        """Draw what the meter is like; two of three are read exactly on the quarter of an hour."""
        rated_kw = self.truth.rated_kw
        object.__setattr__(self, "ratio", 1.0 if rated_kw < 80 else 20.0 if rated_kw < 250 else 60.0)
        object.__setattr__(self, "first", float(self.chance.uniform(0, SIZE / 4)))
        object.__setattr__(self, "is_exact", self.number % 3 != 2)

    def sound(self, first: float | None = None, size: float = SIZE) -> Planted:
        """Return the meter without a fault."""
        at_us = stamps(self.chance, self.truth.first_us, self.month[1], exact=self.is_exact)
        value = register(self.truth.at(at_us), self.ratio, self.first if first is None else first, size)
        return Planted(self.truth, self.ratio, collected(self.chance, at_us, value, self.cut_us), size=size)

    def instant(self, *, room_us: int = 0) -> int:
        """Return a quarter of an hour of the month, two days off its ends, at which the machines run."""
        for _ in range(200):
            at = int(self.chance.integers(self.month[0] + 2 * DAY_US, self.month[1] - 3 * DAY_US - room_us))
            at = at // QUARTER_US * QUARTER_US
            if self.truth.between(at - HOUR_US, at) > 0.3 * self.truth.rated_kw:
                return at
        raise AssertionError("a hall that never runs")

    def shows(self, at_us: int) -> float:
        """Return what the sound register shows at an instant."""
        return float(register(self.truth.at(np.array([at_us])), self.ratio, self.first)[0])


def clean(setting: Setting) -> Planted:
    """No fault: everything is measured."""
    return setting.sound()


def outage_catchup(setting: Setting) -> Planted:
    """Eight hours without a reading; the first one after them holds what passed."""
    made, at = setting.sound(), setting.instant(room_us=_OUTAGE_US)
    gap = (at, at + _OUTAGE_US)
    return replace(made, readings=made.readings.without(*_lagged(gap)), gaps=(gap,), gaps_at_first=(gap,))


def outage_backfilled(setting: Setting) -> Planted:
    """The same, but the logger kept the readings: they come a day later, with the second delivery."""
    made = setting.sound()
    latest = setting.cut_us // QUARTER_US * QUARTER_US - _OUTAGE_US - HOUR_US
    at = latest if setting.number % 2 == 0 else setting.instant(room_us=_OUTAGE_US)
    gap, readings = (at, at + _OUTAGE_US), made.readings
    inside = (readings.at_us > _lagged(gap)[0]) & (readings.at_us < _lagged(gap)[1])
    back_us = max(gap[1] + DAY_US, setting.cut_us + HOUR_US)
    told = replace(readings, known_us=np.where(inside, back_us, readings.known_us), is_late=readings.is_late | inside)
    return replace(made, readings=told, gaps_at_first=(gap,))


def glitch_up(setting: Setting) -> Planted:
    """One reading that is three days' use too high; every second time the newest one of the first delivery."""
    return _glitch(setting, 1)


def glitch_down(setting: Setting) -> Planted:
    """One reading that is three days' use too low; every second time zero, as after a reboot."""
    return _glitch(setting, -1)


def _glitch(setting: Setting, sign: int) -> Planted:
    made, number = setting.sound(), setting.number
    first = made.readings.nearest(setting.instant())
    index = first if sign < 0 or number % 2 == 0 else int(np.flatnonzero(~made.readings.is_late)[-1])
    at = int(made.readings.at_us[index])
    use = setting.truth.between(at - 3 * DAY_US, at) / setting.ratio
    value = 0.0 if sign < 0 and number % 2 else max(0.0, float(made.readings.value[index]) + sign * use)
    spoilt = made.readings.with_value(index, value)
    before, after = (int(made.readings.at_us[place]) for place in (index - 1, index + 1))
    return replace(made, readings=spoilt, touched=((before, after),))


def rollover(setting: Setting) -> Planted:
    """The register starts again from zero: once, or every few days where it has few digits."""
    at = setting.instant()
    if setting.number % 2 == 0:
        return setting.sound(first=SIZE - float(setting.truth.at(np.array([at]))[0]) / setting.ratio)
    week = setting.truth.between(setting.month[0], setting.month[0] + 7 * DAY_US) / setting.ratio
    return setting.sound(size=float(10 ** max(2, int(np.ceil(np.log10(week * 0.7))))))


def reset(setting: Setting) -> Planted:
    """Set to zero between two readings; the site's file holds the register before and after."""
    at = _between(setting)
    return _swapped(setting, at, 0.0, Event(at, "reset", setting.shows(at), 0.0))


def exchange(setting: Setting) -> Planted:
    """Another meter; the site's file holds the final register of the old one and the initial one of the new one."""
    at, first = _between(setting), _first_of_new(setting)
    return _swapped(setting, at, first, Event(at, "exchange", setting.shows(at), first))


def reset_without_registers(setting: Setting) -> Planted:
    """Set to zero; the file knows when, or nothing at all."""
    at = _between(setting)
    return replace(_swapped(setting, at, 0.0, *_bare(setting, at, "reset")), is_bounded=False, touched=(_around(at),))


def exchange_without_registers(setting: Setting) -> Planted:
    """Another meter; the file knows when, or nothing at all: then only the meter's rating betrays a jump upwards."""
    at = _between(setting)
    made = _swapped(setting, at, _first_of_new(setting), *_bare(setting, at, "exchange"))
    return replace(made, is_bounded=False, is_rated=True, touched=(_around(at),))


def unknowable_loss(setting: Setting) -> Planted:
    """Another meter in the middle of an outage of eight hours, and nobody wrote the registers down."""
    at = _between(setting)
    begin = at // QUARTER_US * QUARTER_US - _OUTAGE_US // 2
    gap = (begin, begin + _OUTAGE_US)
    made = _swapped(setting, at, _first_of_new(setting), Event(at, "exchange"))
    return replace(
        made, readings=made.readings.without(*_lagged(gap)), gaps=(gap,), gaps_at_first=(gap,), is_bounded=False
    )


def out_of_service(setting: Setting) -> Planted:
    """The meter is away for a day and its place goes on consuming; the file knows when, or its registers, too."""
    made, at = setting.sound(), setting.instant(room_us=DAY_US)
    gap = (at, at + DAY_US)
    unseen = setting.truth.between(*gap) / setting.ratio
    after = made.readings.at_us >= gap[1]
    values = np.where(after, np.round(made.readings.value - unseen, 2), made.readings.value)
    readings = replace(made.readings, value=values).without(*_lagged(gap))
    shown = setting.shows(at) if setting.number % 2 == 0 else None
    left = Event(at + QUARTER_US // 10, "out_of_service", final_register=shown)
    came = Event(gap[1] - QUARTER_US // 10, "back_in_service", initial_register=shown)
    return replace(made, readings=readings, events=(left, came), gaps=(gap,), gaps_at_first=(gap,), is_bounded=False)


def ct_change(setting: Setting) -> Planted:
    """Another transformer ratio; the file holds the register at the change."""
    at = _between(setting)
    return _rescaled(setting, at, is_told=True)


def ct_change_without_registers(setting: Setting) -> Planted:
    """Another transformer ratio; the file holds only when, and which."""
    at = _between(setting)
    return replace(_rescaled(setting, at, is_told=False), is_bounded=False, touched=(_around(at),))


def duplicates(setting: Setting) -> Planted:
    """A third of the month arrives twice: half of that under its own knowledge time, half under a later one.

    Every second meter has an outage of eight hours, too, and what stands at its ends arrives three times.
    """
    made = outage_catchup(setting) if setting.number % 2 == 0 else setting.sound()
    readings = made.readings
    count = len(readings.at_us)
    at_ends = np.zeros(count, np.bool_)
    for edge in (edge for gap in made.gaps for edge in gap):
        at_ends |= abs(readings.at_us - edge) < HOUR_US
    some = (readings.at_us >= setting.month[0]) & (setting.chance.random(count) < 1 / 3)
    later = setting.chance.random(count) < 0.5
    twice = _again(readings, some | at_ends, HOUR_US * later, setting.cut_us)
    thrice = _again(readings, at_ends, np.full(count, 2 * HOUR_US), setting.cut_us)
    return replace(made, readings=readings.and_also(twice).and_also(thrice))


def clock_jump(setting: Setting) -> Planted:
    """For six hours the meter's clock is two hours ahead, or every second time two hours behind; then it is set."""
    made, at = setting.sound(), setting.instant(room_us=_OUTAGE_US)
    begin, end = _lagged((at, at + 6 * HOUR_US + QUARTER_US))
    wrong = (made.readings.at_us > begin) & (made.readings.at_us < end)
    jump_us = _JUMP_US if setting.number % 2 == 0 else -_JUMP_US
    jumped = replace(made.readings, at_us=np.where(wrong, made.readings.at_us + jump_us, made.readings.at_us))
    is_set = Event(at + 6 * HOUR_US + QUARTER_US // 2, "clock_set")
    return replace(made, readings=jumped, events=(is_set,), gaps=((at, at + 6 * HOUR_US),))


def stuck_register(setting: Setting) -> Planted:
    """The gateway repeats one value for twelve hours; then the register is read again and holds everything."""
    made, at = setting.sound(), setting.instant(room_us=12 * HOUR_US)
    index = made.readings.nearest(at + HOUR_US // 120)
    last = made.readings.nearest(at + 12 * HOUR_US)
    values = made.readings.value.copy()
    values[index:last] = values[index]
    return replace(made, readings=replace(made.readings, value=values), gaps=((at, at + 12 * HOUR_US),))


FAULTS: Mapping[str, Callable[[Setting], Planted]] = {
    "outage_catchup": outage_catchup,
    "outage_backfilled": outage_backfilled,
    "glitch_up": glitch_up,
    "glitch_down": glitch_down,
    "rollover": rollover,
    "reset": reset,
    "exchange": exchange,
    "duplicates": duplicates,
    "ct_change": ct_change,
    "clock_jump": clock_jump,
    "reset_without_registers": reset_without_registers,
    "exchange_without_registers": exchange_without_registers,
    "ct_change_without_registers": ct_change_without_registers,
    "stuck_register": stuck_register,
    "unknowable_loss": unknowable_loss,
    "clean": clean,
    "out_of_service": out_of_service,
}


def _again(readings: Readings, mask: Mask, later_us: Whole, cut_us: int) -> Readings:
    """Return some readings as they arrive once more, so much later."""
    known_us = readings.known_us + later_us
    return replace(readings, known_us=known_us, is_late=known_us >= cut_us).where(mask)


def _between(setting: Setting) -> int:
    """Return an instant between two quarters of an hour: nothing happens exactly when a meter is read."""
    return setting.instant(room_us=_OUTAGE_US) + int(setting.chance.integers(120, 780)) * 1_000_000


def _around(at_us: int) -> Span:
    begin = at_us // QUARTER_US * QUARTER_US
    return (begin, begin + QUARTER_US)


def _lagged(span: Span) -> Span:
    """Return the span in which readings are lost: what belongs to its first boundary is still read."""
    return (span[0] + QUARTER_US // 2, span[1] - QUARTER_US // 2)


def _bare(setting: Setting, at_us: int, event: str) -> tuple[Event, ...]:
    return (Event(at_us, event),) if setting.number % 2 == 0 else ()


def _first_of_new(setting: Setting) -> float:
    """Return where a new meter begins: near zero, or far above the old one where it was used before."""
    if setting.number % 2 == 0:
        return round(float(setting.chance.uniform(0, 20)), 2)
    return round(float(setting.chance.uniform(0.5, 0.7) * SIZE), 2)


def _swapped(setting: Setting, at_us: int, first: float, *events: Event) -> Planted:
    """Return the meter whose register goes on from `first` at an instant."""
    made = setting.sound()
    after = made.readings.at_us > at_us
    since: Floats = setting.truth.at(made.readings.at_us) - float(setting.truth.at(np.array([at_us]))[0])
    values = np.where(after, register(since.clip(0), setting.ratio, first), made.readings.value)
    return replace(made, readings=replace(made.readings, value=values), events=events)


def _rescaled(setting: Setting, at_us: int, *, is_told: bool) -> Planted:
    """Return the meter whose register counts with another ratio from an instant on."""
    ratio = setting.ratio * 1.5
    shown = setting.shows(at_us)
    made = setting.sound()
    after = made.readings.at_us > at_us
    since: Floats = setting.truth.at(made.readings.at_us) - float(setting.truth.at(np.array([at_us]))[0])
    values = np.where(after, register(since.clip(0), ratio, shown), made.readings.value)
    event = Event(at_us, "ratio_change", shown if is_told else None, shown if is_told else None, ratio)
    return replace(made, readings=replace(made.readings, value=values), events=(event,))
