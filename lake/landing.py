"""Landing a batch: payload, quarantine, readings, batch row, in this order, so that a kill between any two is harmless.

Each step is atomic and can be repeated: the payload is named by its hash, refused rows and readings that are already
there are left out, and only the batch row, written last, says that the batch is complete.
"""

from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from lake import commits, compaction, datafiles, decimals, payloads, repeats
from lake.batch import Batch, Kept, Landed
from lake.coded import coded
from lake.errors import LakeError
from lake.schemas import BATCH, QUARANTINE, raw_reading

_MONTH = ("month",)
_TEXTS = ("point_id", "unit", "status")
_ORDER = ["point_id", "reading_at", "known_at", "position"]


@dataclass(frozen=True)
class Places:
    """Where the parts of one batch go."""

    payloads: Path
    readings: Path
    batches: Path
    quarantine: Path


def land(places: Places, batch: Batch) -> Landed:
    """Land one batch; the caller holds the source's lock."""
    table = commits.open_or_create(places.readings, raw_reading(batch.decimals), _MONTH)
    _same_decimals(table, batch)
    rows = _ordered(batch)
    parted = repeats.split(rows, _existing(table, rows)) if rows.height else repeats.Split(rows, 0)
    refused = _new_refusals(places, batch)
    if batch.quiet and parted.fresh.is_empty() and refused.num_rows == 0:
        return _landed(batch, "", parted, refused, table.version())
    kept = payloads.keep(places.payloads, batch.payload, batch.suffix)
    _quarantine(places, batch, refused, kept)
    version = _append(table, parted.fresh, batch, kept) if parted.fresh.height else table.version()
    landed = _landed(batch, kept.digest, parted, refused, version)
    _record(places, batch, landed, kept)
    return landed


def _same_decimals(table: DeltaTable, batch: Batch) -> None:
    kind = pa.schema(table.schema().to_arrow()).field("value").type
    if kind.scale != batch.decimals:
        raise LakeError(
            f"source {batch.source}: its raw table keeps {kind.scale} decimals since its first batch, the site says "
            f"{batch.decimals}; set decimals back to {kind.scale} in sources.yaml, or give the source a new id"
        )


def _ordered(batch: Batch) -> pl.DataFrame:
    """Return the readings as scaled integers, knowledge time filled, sorted by point, time, knowledge, position."""
    table = batch.readings
    texts = {name: coded(table.column(name)).ranked() for name in _TEXTS}
    value = pl.Series(decimals.counts(table.column("value"), batch.decimals))
    frame = pl.DataFrame(table.drop_columns([*_TEXTS, "value"])).with_columns(value=value, **texts)
    default = pl.lit(batch.known_at or batch.received_at).cast(pl.Datetime("us", "UTC"))
    arrived = [pl.col("arrived_at")] if "arrived_at" in frame.columns else []
    replayed = pl.col("replayed") if "replayed" in frame.columns else pl.lit(False)
    frame = frame.with_columns(
        pl.coalesce("known_at", *arrived, default).alias("known_at"),
        pl.col("known_at").is_not_null().alias("is_told"),
        replayed.alias("is_replayed"),
    )
    return _sorted(frame)


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by one packed number where point and time fit into it; unless the sender already did, as historians do."""
    if frame.is_empty():
        return frame
    at = frame["reading_at"].to_physical().to_numpy()
    first, span = int(at.min()), int(at.max() - at.min()) + 1
    numbers = frame["point_id"].to_physical().to_numpy().astype(np.int64)
    if (int(numbers.max()) + 1) * span >= 2**63:
        return frame.sort(_ORDER)
    packed = numbers * span + (at - first)
    if not np.all(packed[1:] > packed[:-1]):
        places = pl.Series(packed).arg_sort()
        frame = frame[places]
        if repeats.has_twins(frame):
            return frame.sort(_ORDER)
    return frame


def _existing(table: DeltaTable, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the lake's rows in the batch's time span, reading only files that can hold some."""
    first, last = rows["reading_at"].min(), rows["reading_at"].max()
    adds = pl.DataFrame(pa.table(table.get_add_actions(flatten=True)))
    empty = rows.select(*repeats.KEY, "value", "known_at").clear()
    if adds.is_empty():
        return empty
    overlap = adds.filter(pl.col("max.reading_at") >= first, pl.col("min.reading_at") <= last)
    if overlap.is_empty():
        return empty
    root = Path(table.table_uri.removeprefix("file://"))
    points = rows["point_id"].dtype
    span = pl.col("reading_at").is_between(pl.lit(first), pl.lit(last))
    found = (
        pl.scan_parquet([root / path for path in overlap["path"]], hive_partitioning=False)
        .filter(span)
        .select("point_id", "reading_at", pl.col("value").to_physical().cast(pl.Int64), "known_at")
        .collect()
    )
    return found.with_columns(pl.col("point_id").cast(points, strict=False)).filter(pl.col("point_id").is_not_null())


def _append(table: DeltaTable, fresh: pl.DataFrame, batch: Batch, kept: Kept) -> int:
    root = Path(table.table_uri.removeprefix("file://"))
    actions = [
        datafiles.write(_raw(part, batch, kept, month), root, {"month": str(month)}) for month, part in _by_month(fresh)
    ]
    return commits.commit(table, actions, _MONTH)


def _by_month(rows: pl.DataFrame) -> list[tuple[date, pl.DataFrame]]:
    """Return the rows of each UTC month, in order."""
    month = rows["reading_at"].dt.date().dt.month_start()
    found = sorted(month.unique().to_list())
    return [(found[0], rows)] if len(found) == 1 else [(one, rows.filter(month == one)) for one in found]


def _raw(part: pl.DataFrame, batch: Batch, kept: Kept, month: date) -> pa.Table:
    """Return one month's rows in the columns of the raw table; texts stay dictionary-encoded until they are written."""
    arrow = part.select("point_id", "reading_at", "unit", "status", "known_at", "position").to_arrow()
    columns = {name: arrow.column(name) for name in arrow.column_names} | {
        "value": decimals.from_counts(part["value"].to_numpy(), batch.decimals),
        "batch_id": _constant(pa.array([kept.digest]), part.height),
        "month": _constant(pa.array([month]), part.height),
    }
    names = raw_reading(batch.decimals).names
    return pa.table([columns[name] for name in names], names=names)


def _constant(value: pa.Array, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), value)


def _new_refusals(places: Places, batch: Batch) -> pa.Table:
    """Leave out refused rows that quarantine already holds, where this batch may have been there before."""
    refused = batch.refused
    if refused.num_rows == 0 or not DeltaTable.is_deltatable(str(places.quarantine)):
        return refused
    held = DeltaTable(places.quarantine).to_pyarrow_table(columns=["reason_code", "payload", "batch_id", "position"])
    known = pl.DataFrame(held)
    rows = pl.DataFrame(refused).with_row_index("row")
    if isinstance(batch.payload, Kept):
        known, on = known.filter(pl.col("batch_id") == batch.payload.digest), ["position", "reason_code"]
        again = rows.join(known, on=on, how="semi")
    elif batch.quiet:
        again = rows.join(known, on=["reason_code", "payload"], how="semi", nulls_equal=True)
    elif "replayed" in rows.columns:
        again = rows.filter("replayed").join(known, on=["reason_code", "payload"], how="semi", nulls_equal=True)
    else:
        return refused
    return refused.take(pa.array(rows.join(again, on="row", how="anti")["row"].to_numpy()))


def _quarantine(places: Places, batch: Batch, refused: pa.Table, kept: Kept) -> None:
    table = commits.open_or_create(places.quarantine, QUARANTINE)
    if refused.num_rows == 0:
        return
    count = refused.num_rows
    stamp = pa.array([batch.received_at.astimezone(UTC)] * count, QUARANTINE.field("received_at").type)
    columns = {name: refused.column(name) for name in refused.column_names} | {
        "received_at": stamp,
        "source": pa.array([batch.source] * count),
        "batch_id": pa.array([kept.digest] * count),
    }
    rows = pa.table([columns[field.name] for field in QUARANTINE], names=QUARANTINE.names).cast(QUARANTINE)
    root = Path(table.table_uri.removeprefix("file://"))
    commits.commit(table, [datafiles.write(rows, root, {})])
    compaction.tidy(table, QUARANTINE.names[:1])


def _record(places: Places, batch: Batch, landed: Landed, kept: Kept) -> None:
    row = {
        "batch_id": kept.digest,
        "source": batch.source,
        "entity": batch.entity,
        "origin": batch.origin,
        "payload_hash": kept.digest,
        "payload_bytes": kept.size_bytes,
        "received_at": batch.received_at,
        "rows_read": landed.rows_read,
        "rows_landed": landed.rows_landed,
        "rows_repeated": landed.rows_repeated,
        "rows_refused": landed.rows_refused,
        "cursor": batch.cursor,
    }
    table = commits.open_or_create(places.batches, BATCH)
    root = Path(table.table_uri.removeprefix("file://"))
    commits.commit(table, [datafiles.write(pa.Table.from_pylist([row], BATCH), root, {})])
    compaction.tidy(table, ["received_at"])


def _landed(batch: Batch, batch_id: str, parted: repeats.Split, refused: pa.Table, version: int) -> Landed:
    reasons: dict[str, int] = {}
    if refused.num_rows:
        counted = pl.DataFrame(refused.select(["reason_code"])).group_by("reason_code").len().sort("reason_code")
        reasons = dict(counted.iter_rows())
    again = batch.refused.num_rows - refused.num_rows
    return Landed(
        source=batch.source,
        entity=batch.entity,
        origin=batch.origin,
        batch_id=batch_id,
        rows_read=batch.readings.num_rows + batch.refused.num_rows,
        rows_landed=parted.fresh.height,
        rows_repeated=parted.repeated + again,
        rows_refused=refused.num_rows,
        version=version,
        reasons=reasons,
    )


def recorded(places: Places) -> pa.Table:
    """Return the batch rows in order of arrival."""
    if not DeltaTable.is_deltatable(str(places.batches)):
        return BATCH.empty_table()
    return pa.table(DeltaTable(places.batches).to_pyarrow_table()).sort_by("received_at")
