"""The published marts against the truth: energy of the month, cost of the outage, what does not say what it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from bench.faults.cases import Planted, Span
from bench.faults.plant import RESOLUTION, Floats
from bench.faults.readings import HOUR_US, QUARTER_US
from bench.faults.site import Plant, prices

#: What an interval may say whose energy is not read at both of its ends.
_GUESSED = ("estimated", "substituted", "missing")


@dataclass(frozen=True)
class Month:
    """What is published of one meter, per quarter of an hour; nan where there is nothing."""

    quantity: Floats
    quality: list[str | None]


@dataclass(frozen=True)
class Found:
    """What became of one meter. `is_inside` says whether the truth lies in the published range."""

    meter_id: str
    fault: str
    energy_error_ratio: float
    unlabelled: int
    is_inside: bool
    is_bounded: bool = True
    cost_error_ratio: float = 0.0
    falsely_labelled: int = 0


def labelled_at_first(made: Plant, marts: Path) -> dict[str, int]:
    """Return per meter how many intervals of its gaps do not say so after the first delivery."""
    with _opened(marts) as connection:
        return {
            one: _unsaid(planted.gaps_at_first, _month(connection, made, one), made, _GUESSED)
            for one, planted in made.meters.items()
        }


def found(made: Plant, marts: Path) -> list[Found]:
    """Compare what is published in the end with the truth."""
    with _opened(marts) as connection:
        return [_found(connection, made, one, planted) for one, planted in made.meters.items()]


def _opened(marts: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(marts), read_only=True)


def _found(connection: duckdb.DuckDBPyConnection, made: Plant, meter_id: str, planted: Planted) -> Found:
    month = _month(connection, made, meter_id)
    edges = np.arange(made.month[0], made.month[1] + 1, QUARTER_US)
    true = np.diff(planted.truth.at(edges))
    total = float(true.sum())
    published = _published_kwh(connection, made, meter_id)
    low, high = _published_range(connection, meter_id, published)
    step_kwh = RESOLUTION * planted.ratio
    wrong = _wrongly_sure(month, true, 2 * step_kwh)
    unlabelled = (
        wrong
        | _unsaid_mask(planted.gaps, month, made, _GUESSED)
        | _unsaid_mask(planted.touched, month, made, ("interpolated", *_GUESSED))
    )
    fault = made.fault_of[meter_id]
    return Found(
        meter_id=meter_id,
        fault=fault,
        energy_error_ratio=abs(published - total) / total,
        unlabelled=int(unlabelled.sum()),
        is_inside=low - step_kwh <= total <= high + step_kwh,
        is_bounded=planted.is_bounded,
        cost_error_ratio=_cost_error(connection, made, meter_id, true) if planted.gaps else 0.0,
        falsely_labelled=_too_careful(month, planted) if fault == "clean" else 0,
    )


def _month(connection: duckdb.DuckDBPyConnection, made: Plant, meter_id: str) -> Month:
    begin, end = made.month
    rows = connection.execute(
        "select (epoch_us(period_start_at) - ?) // ? as place, quantity::double as quantity, quality "
        "from energy.intervals "
        "where point_id = ? and period_start_at >= make_timestamptz(?) and period_start_at < make_timestamptz(?)",
        [begin, QUARTER_US, f"{meter_id}_ep", begin, end],
    ).fetchnumpy()
    count = (end - begin) // QUARTER_US
    quantity = np.full(count, np.nan)
    quality: list[str | None] = [None] * count
    place = np.asarray(rows["place"], np.int64)
    quantity[place] = np.ma.filled(np.ma.asarray(rows["quantity"], np.float64), np.nan)
    for index, word in zip(place, rows["quality"], strict=True):
        quality[int(index)] = word
    return Month(quantity, quality)


def _published_range(connection: duckdb.DuckDBPyConnection, meter_id: str, published_kwh: float) -> tuple[float, float]:
    """Return within which the month's energy lies, as the marts tell it of each stretch that no register bounds."""
    row = connection.execute(
        "select sum(coalesce(quantity, 0) - quantity_low)::double, sum(quantity_high - coalesce(quantity, 0))::double "
        "from (select distinct from_at, to_at, quantity, quantity_low, quantity_high from quality.reading_faults "
        "where point_id = ? and quantity_low is not null)",
        [f"{meter_id}_ep"],
    ).fetchone()
    below, above = row if row and row[0] is not None else (0.0, 0.0)
    return published_kwh - below, published_kwh + above


def _published_kwh(connection: duckdb.DuckDBPyConnection, made: Plant, meter_id: str) -> float:
    """Return what the daily mart says that the meter's unit consumed in the month."""
    days = (made.month[1] - made.month[0]) // (24 * HOUR_US)
    row = connection.execute(
        "select sum(quantity)::double from energy.consumption_daily "
        "where energy_unit_id = ? and local_date >= ? and local_date < ?::date + ?::integer",
        [f"unit_{meter_id}", made.first_day, made.first_day, days],
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _wrongly_sure(month: Month, true: Floats, tolerance_kwh: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return where nothing is published, or an amount that calls itself read and is not what passed.

    An interpolated amount may be off by what passed in the intervals beside it, and no more.
    """
    said = np.array([word or "" for word in month.quality])
    off = np.abs(month.quantity - true)
    beside = np.max([true, np.roll(true, 1), np.roll(true, -1)], axis=0)
    sure = ((said == "measured") & ~(off <= tolerance_kwh)) | (
        (said == "interpolated") & ~(off <= beside + tolerance_kwh)
    )
    return np.asarray((said == "") | (np.isnan(month.quantity) & (said != "missing")) | sure)


def _unsaid_mask(
    spans: Iterable[Span], month: Month, made: Plant, accepted: tuple[str, ...]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask = np.zeros(len(month.quality), np.bool_)
    for begin, end in spans:
        first, last = (begin - made.month[0]) // QUARTER_US, -((made.month[0] - end) // QUARTER_US)
        for place in range(max(0, first), min(len(mask), last)):
            mask[place] = month.quality[place] not in accepted
    return mask


def _unsaid(spans: Iterable[Span], month: Month, made: Plant, accepted: tuple[str, ...]) -> int:
    return int(_unsaid_mask(spans, month, made, accepted).sum())


def _too_careful(month: Month, planted: Planted) -> int:
    """Return how many intervals of a sound meter do not say that they were read, where both ends were."""
    is_exact = bool(np.all(planted.readings.at_us % QUARTER_US == 0))
    accepted = ("measured",) if is_exact else ("measured", "interpolated")
    return sum(word not in accepted for word in month.quality)


def _cost_error(connection: duckdb.DuckDBPyConnection, made: Plant, meter_id: str, true: Floats) -> float:
    """Return how far the published cost of the hours of the gap is off."""
    (begin, end), *_ = made.meters[meter_id].gaps
    first, last = begin // HOUR_US * HOUR_US, -(-end // HOUR_US) * HOUR_US
    row = connection.execute(
        "select sum(cost_cny)::double from energy.consumption_hourly where energy_unit_id = ? "
        "and period_start_at >= make_timestamptz(?) and period_start_at < make_timestamptz(?)",
        [f"unit_{meter_id}", first, last],
    ).fetchone()
    places = slice((first - made.month[0]) // QUARTER_US, (last - made.month[0]) // QUARTER_US)
    cost = float(np.sum(true[places] * prices(made)[places]))
    return abs((float(row[0]) if row and row[0] is not None else 0.0) - cost) / cost
