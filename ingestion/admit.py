"""The one door for readings: typed, identified and placed in time, or refused with the reason.

Connectors hand over what they received as columns; nothing here loops over rows. A reading is never repaired: a wrong
one goes to quarantine as it came. Whether a value is plausible is not decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
import pyarrow as pa

from ingestion import values
from ingestion import verbatim as verbatim_of
from ingestion.points import Points, scaled_sizes
from ingestion.time import INSTANT, Clock, complaint, counted, in_reach, instants, placed, shifted
from lake import decimals as scaled
from lake.coded import coded
from lake.schemas import READING, REFUSED

#: How far a clock may be ahead.
FUTURE = timedelta(minutes=10)
_CARRIED = ("arrived_at", "replayed")
Verbatim = Callable[[list[int]], list[str]]


@dataclass(frozen=True)
class Rules:
    """What a source declares about its readings."""

    decimals: int = 6
    clock: Clock = field(default_factory=Clock)
    sentinels: tuple[str, ...] = ()
    decimal_mark: str = "."


@dataclass(frozen=True)
class Admitted:
    """READING and REFUSED rows of one batch."""

    readings: pa.Table
    refused: pa.Table


def admit(rows: pa.Table, points: Points, rules: Rules, received_at: datetime, verbatim: Verbatim) -> Admitted:
    """Part received rows into readings and refusals.

    `rows` has position, address, time (text, or an instant, or a wall clock) and value (text, number or decimal), and
    may have status, known (like time), arrived_at and replayed. `verbatim` returns the received text of positions.
    """
    address = coded(rows.column("address")).ranked()
    known = _known(points, rules.decimals, address.dtype)
    frame = pl.DataFrame(
        {
            "position": pl.Series(rows.column("position")),
            "address": address,
            "reading_at": _instants(rows.column("time"), rules.clock),
            "value": values.counts(rows.column("value"), rules.decimals, rules.sentinels, rules.decimal_mark),
            **_optional(rows, rules.clock),
        }
    ).with_row_index("row")
    judged = frame.join(known, on="address", how="left", maintain_order="left")
    judged = judged.with_columns(reason_code=_reason_code(received_at))
    if judged["reason_code"].null_count() == judged.height:
        return Admitted(_readings(judged, rules.decimals), REFUSED.empty_table())
    good = judged.filter(pl.col("reason_code").is_null())
    bad = judged.filter(pl.col("reason_code").is_not_null())
    return Admitted(_readings(good, rules.decimals), _refused(bad, rows, rules, received_at, verbatim))


def _known(points: Points, decimals: int, addresses: pl.DataType) -> pl.DataFrame:
    """Return the points behind the addresses that occur: address, point_id, unit, register_size."""
    sizes = scaled_sizes(points, decimals)
    texts = {name: pl.Enum(sizes[name].drop_nulls().unique().sort()) for name in ("point_id", "unit")}
    return (
        sizes.with_columns(pl.col("address").cast(addresses, strict=False))
        .filter(pl.col("address").is_not_null())
        .cast(texts)  # type: ignore[arg-type]
    )


def refusal(position: int, code: str, reason: str, payload: str | None) -> pa.Table:
    """Return one refused row, for what cannot even be taken apart into rows."""
    row = {"position": position, "reason_code": code, "reason": reason, "payload": payload}
    return pa.Table.from_pylist([row], REFUSED)


def _reason_code(received_at: datetime) -> pl.Expr:
    latest = pl.lit(received_at + FUTURE).cast(INSTANT)
    past_size = pl.col("register_size").is_not_null() & (
        (pl.col("value") < 0) | (pl.col("value") >= pl.col("register_size"))
    )
    return (
        pl.when(pl.col("point_id").is_null())
        .then(pl.lit("unknown_point"))
        .when(pl.col("reading_at").is_null() | pl.col("is_known_bad"))
        .then(pl.lit("bad_time"))
        .when(pl.col("value").is_null())
        .then(pl.lit("bad_value"))
        .when((pl.col("reading_at") > latest) | (pl.col("known_at") > latest))
        .then(pl.lit("future_time"))
        .when(pl.col("reading_at") > (pl.col("known_at") + pl.lit(FUTURE)))
        .then(pl.lit("future_time"))
        .when(past_size)
        .then(pl.lit("register_out_of_range"))
    )


def _instants(column: pa.ChunkedArray, clock: Clock) -> pl.Series:
    if not pa.types.is_timestamp(column.type):
        texts = coded(column)
        return texts.spread(instants(texts.distinct, clock))
    wall = counted(pl.Series(column.cast(pa.int64())), column.type.unit)
    zoned = placed(wall, clock) if column.type.tz is None else wall.dt.replace_time_zone("UTC")
    return in_reach(shifted(zoned, clock))


def _optional(rows: pa.Table, clock: Clock) -> dict[str, pl.Series]:
    size = rows.num_rows
    good = pl.Series(["good"], dtype=pl.Enum(["good"]))
    found = {
        "status": good.new_from_index(0, size),
        "known_at": pl.Series([None], dtype=INSTANT).new_from_index(0, size),
        "is_known_bad": pl.Series([False]).new_from_index(0, size),
    }
    if "status" in rows.column_names:
        texts = coded(rows.column("status"))
        named = pl.Series(["good" if text == "" else text for text in texts.distinct], dtype=pl.String)
        labels = pl.Enum(pl.concat([named, pl.Series(["good"])]).unique().sort())
        found["status"] = texts.spread(named.cast(labels)).fill_null("good")
    if "known" in rows.column_names:
        told = rows.column("known")
        found["known_at"] = _instants(told, clock)
        plain = told.cast(pa.string()) if pa.types.is_dictionary(told.type) else told
        found["is_known_bad"] = ~pl.Series(values.is_missing(plain)) & found["known_at"].is_null()
    return found | {name: pl.Series(rows.column(name)) for name in _CARRIED if name in rows.column_names}


def _readings(good: pl.DataFrame, decimals: int) -> pa.Table:
    """Return READING rows; their texts are dictionary-encoded, their values already DECIMAL(18, decimals)."""
    columns = [*READING.names, *(name for name in _CARRIED if name in good.columns)]
    arrow = good.select([name for name in columns if name != "value"]).to_arrow()
    by_name = {name: arrow.column(name) for name in arrow.column_names}
    by_name["value"] = scaled.from_counts(good["value"].to_numpy(), decimals)
    return pa.table([by_name[name] for name in columns], names=columns)


def _refused(bad: pl.DataFrame, rows: pa.Table, rules: Rules, received_at: datetime, verbatim: Verbatim) -> pa.Table:
    if bad.is_empty():
        return REFUSED.empty_table()
    given = rows.take(pa.array(bad["row"].to_numpy()))
    times, received = (verbatim_of.values(given.column(name)) for name in ("time", "value"))
    reasons = [
        _reason(row, times[index], received[index], rules, received_at)
        for index, row in enumerate(bad.iter_rows(named=True))
    ]
    table = pa.table(
        {
            "position": pa.array(bad["position"], pa.int64()),
            "reason_code": pa.array(bad["reason_code"], pa.string()),
            "reason": pa.array(reasons, pa.string()),
            "payload": pa.array(verbatim(bad["position"].to_list()), pa.string()),
        },
        schema=REFUSED,
    )
    if "replayed" in bad.columns:
        table = table.append_column("replayed", pa.array(bad["replayed"], pa.bool_()))
    return table


def _too_late(row: dict[str, object], received_at: datetime) -> str:
    """Say which time lies after which: a reading cannot be known before it was taken, nor after it arrived."""
    at, known_at = row["reading_at"], row["known_at"]
    assert isinstance(at, datetime)
    arrived = received_at.isoformat(timespec="seconds")
    if at > received_at + FUTURE:
        return f"{at} lies after its arrival at {arrived}"
    if isinstance(known_at, datetime) and known_at > received_at + FUTURE:
        return f"its known_at {known_at} lies after its arrival at {arrived}"
    return f"{at} lies after its own known_at {known_at}: the clock of the meter or of the sender is wrong"


def _reason(row: dict[str, object], time: object, value: object, rules: Rules, received_at: datetime) -> str:
    """Say in a sentence what was refused; only refused rows come here."""
    code, point = row["reason_code"], row["point_id"]
    if code == "unknown_point":
        return f"no point of points.csv has the address {row['address']!r} in this source"
    if code == "bad_time" and row["is_known_bad"] and row["reading_at"]:
        return f"{point}: its known_at is no time; write it as 2025-01-31T08:00:00+08:00, or leave it empty"
    if code == "bad_time":
        text = time if isinstance(time, str) or time is None else str(time)
        return f"{point}: {complaint(text, rules.clock)}"
    if code == "bad_value":
        return f"{point}: {value!r} is no number of at most 18 digits with {rules.decimals} decimals"
    if code == "future_time":
        return f"{point}: {_too_late(row, received_at)}"
    size = row["register_size"]
    assert isinstance(size, int)
    return f"{point}: {value} is outside the register, which counts from 0 to below {size / 10**rules.decimals:g}"
