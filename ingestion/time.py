"""Wall clocks to UTC, column-wise: what a source calls a time becomes an instant, or null where it cannot.

A time without a zone is refused unless the source declares one. Guessing a zone is how a day gets cut in the wrong
place, so nothing here has a default zone.
"""

import datetime
from dataclasses import dataclass
from typing import Literal

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
Ambiguous = Literal["refuse", "earliest", "latest"]
Unit = Literal["iso", "s", "ms"]

_ZONED = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")
_NAIVE = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%d.%m.%YT%H:%M:%S")
#: 1990 to 2100 in microseconds: a slip between s and ms falls outside.
_EPOCH_REACH = (631_152_000_000_000, 4_102_444_800_000_000)
#: 1990 to the end of year 9998: a clock that has lost its time says 1970, or what no calendar holds.
_REACH = (631_152_000_000_000, 253_370_764_800_000_000)
#: Midnight written as the end of its day.
_DAY_END = r"^(.*T)24(:?00(?::?00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)$"


@dataclass(frozen=True)
class Clock:
    """How a source tells the time.

    `midnight` next_day is for exports that write 00:00 as the last row of a day. `shift_minutes` turns the start of an
    interval, by which some label it, into its end.
    """

    zone: str | None = None
    unit: Unit = "iso"
    layout: str | None = None
    ambiguous: Ambiguous = "refuse"
    midnight: Literal["same_day", "next_day"] = "same_day"
    shift_minutes: int = 0


def instants(texts: pl.Series, clock: Clock) -> pl.Series:
    """Return the instants of texts; null where a text is no time, or a wall clock that cannot be placed."""
    return in_reach(shifted(_instants(texts, clock), clock))


def in_reach(at: pl.Series) -> pl.Series:
    """Return instants that a meter can mean; null where its clock had lost the time."""
    return at.set(~at.to_physical().is_between(*_REACH).fill_null(True), None)


def counted(counts: pl.Series, unit: str) -> pl.Series:
    """Return wall clock times of counts since 1970 (unit s, ms, us or ns); null beyond what a meter can mean.

    What no calendar holds is left out as a number: the libraries overflow on it, or end the process.
    """
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    day = 86_400 * per_second  # a wall clock may be that far from UTC
    first, last = (bound // 10**6 * per_second for bound in _REACH)
    is_kept = counts.is_between(first - day, min(last + day, 2**63 - 1)).fill_null(True)
    kept = counts if is_kept.all() else counts.set(~is_kept, None)
    micros = kept // 1000 if unit == "ns" else kept * (10**6 // per_second)
    return micros.cast(pl.Datetime("us"))


def shifted(at: pl.Series, clock: Clock) -> pl.Series:
    """Return instants moved to the end of their interval, where the source labels the start."""
    return at.dt.offset_by(f"{clock.shift_minutes}m") if clock.shift_minutes else at


def _instants(texts: pl.Series, clock: Clock) -> pl.Series:
    if clock.unit != "iso":
        return _epoch(texts, clock.unit)
    if clock.layout:
        if "%z" in clock.layout or "%#z" in clock.layout or "%+" in clock.layout:
            return _parsed(texts, clock.layout, INSTANT)
        return placed(wall_times(texts, clock.layout), clock)
    plain = _plain(texts)
    zoned = _first_of(plain, _ZONED, INSTANT)
    if clock.zone is None or zoned.null_count() == 0:
        return zoned
    return zoned.fill_null(placed(_first_of(plain, _NAIVE, pl.Datetime("us")), clock))


def wall_times(texts: pl.Series, layout: str | None = None) -> pl.Series:
    """Return texts without a zone as wall clock times."""
    if layout:
        return _parsed(texts.str.strip_chars(), layout, pl.Datetime("us"))
    return _first_of(_plain(texts), _NAIVE, pl.Datetime("us"))


def placed(wall: pl.Series, clock: Clock) -> pl.Series:
    """Return wall clocks as instants: null in an hour that the zone skips, and in one it repeats unless told which."""
    if clock.zone is None:
        return pl.Series(wall.name, [None] * len(wall), dtype=INSTANT)
    ambiguous: Literal["null", "earliest", "latest"] = "null" if clock.ambiguous == "refuse" else clock.ambiguous
    if clock.midnight == "next_day":
        wall = _next_day(wall, (wall.dt.time() == datetime.time()).fill_null(False))
    local = wall.dt.cast_time_unit("us").dt.replace_time_zone(clock.zone, ambiguous=ambiguous, non_existent="null")
    return local.dt.convert_time_zone("UTC")


def complaint(text: str | None, clock: Clock) -> str:
    """Say why one refused text is no instant."""
    if text is None or not text.strip():
        return "there is no time"
    one = pl.Series([text])
    if clock.unit != "iso":
        return f"{text!r} is not a time between 1990 and 2100 in {clock.unit} since 1970"
    if _instants(one, clock).null_count() == 0:
        return f"{text!r} lies before 1990 or after 9998: the sender's clock had lost the time"
    if wall_times(one, clock.layout).null_count():
        return f"{text!r} is not a time, write it as 2025-01-31T08:00:00+08:00"
    if clock.zone is None:
        return f"{text!r} has no zone; declare the source's timezone, or write the offset"
    is_gap = placed(wall_times(one, clock.layout), Clock(clock.zone, ambiguous="earliest")).null_count()
    gap = f"{text!r} does not exist in {clock.zone}: the clock is put forward over it"
    twice = f"{text!r} occurs twice in {clock.zone}: write the offset, or set `ambiguous` to earliest or latest"
    return gap if is_gap else twice


def _plain(texts: pl.Series) -> pl.Series:
    """Bring the common spellings to one: T between date and time, dashes in the date, no space before the offset."""
    plain = texts.str.strip_chars().str.replace(r"^(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?", "$1-$2-$3")
    return plain.str.replace(r"^([\d.-]+)\s+(\d)", "${1}T$2").str.replace(r"\s+([+-]\d|Z)", "$1")


def _first_of(plain: pl.Series, layouts: tuple[str, ...], kind: pl.Datetime) -> pl.Series:
    """Parse with the first layout that fits each text; `24:00` is the next day's `00:00`."""
    is_day_end = plain.str.contains(_DAY_END).fill_null(False)
    texts = plain.str.replace(_DAY_END, "${1}00${2}") if is_day_end.any() else plain
    found = pl.Series(plain.name, [None] * len(plain), dtype=kind)
    for layout in layouts:
        if found.null_count() == 0:
            break
        found = found.fill_null(_parsed(texts, layout, kind))
    return _next_day(found, is_day_end)


def _next_day(found: pl.Series, is_day_end: pl.Series) -> pl.Series:
    """Return times with a day added to those that are marked."""
    if not is_day_end.any():
        return found
    frame = pl.DataFrame({"at": found, "late": is_day_end})
    later = pl.col("at").dt.offset_by("1d")
    return frame.select(pl.when("late").then(later).otherwise("at").alias(found.name)).to_series()


def _parsed(texts: pl.Series, layout: str, kind: pl.Datetime) -> pl.Series:
    found = texts.str.to_datetime(layout, time_unit="us", strict=False)
    return found.dt.convert_time_zone("UTC").cast(kind) if kind.time_zone else found.cast(kind)


def _epoch(texts: pl.Series, unit: Unit) -> pl.Series:
    per_unit = {"s": 1_000_000, "ms": 1_000}[unit]
    scaled = texts.str.strip_chars().cast(pl.Decimal(38, 6), strict=False) * per_unit
    whole = scaled.cast(pl.Int64, strict=False)
    in_reach = whole.is_between(*_EPOCH_REACH)
    return whole.set(~in_reach.fill_null(False), None).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
