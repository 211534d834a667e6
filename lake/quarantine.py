"""Refused rows: kept with their reason, counted, never dropped, and never twice for one delivery."""

from datetime import UTC
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from lake import commits, compaction, datafiles, tablerows
from lake.batch import Batch, Kept
from lake.schemas import QUARANTINE


def news(path: Path, batch: Batch, refused: pa.Table) -> pa.Table:
    """Leave out refused rows that quarantine already holds, where this batch may have been there before."""
    if refused.num_rows == 0 or not DeltaTable.is_deltatable(str(path)):
        return refused
    rows = pl.DataFrame(refused).with_row_index("row")
    if isinstance(batch.payload, Kept):
        same = _held(path).filter(pl.col("batch_id") == batch.payload.digest)
        again = rows.join(same, on=["position", "reason_code"], how="semi")
    elif batch.quiet:
        again = rows.join(_held(path), on=["reason_code", "payload"], how="semi", nulls_equal=True)
    elif "replayed" in rows.columns and rows["replayed"].any():
        replayed = rows.filter("replayed")
        again = replayed.join(_held(path), on=["reason_code", "payload"], how="semi", nulls_equal=True)
    else:
        return refused
    return refused.take(pa.array(rows.join(again, on="row", how="anti", maintain_order="left")["row"].to_numpy()))


def append(path: Path, batch: Batch, refused: pa.Table, batch_id: str) -> None:
    """Add refused rows of a batch; the table is made in any case, so that there is always one to look into."""
    table = commits.open_or_create(path, QUARANTINE)
    count = refused.num_rows
    if count == 0:
        return
    columns = {name: refused.column(name) for name in refused.column_names} | {
        "received_at": pa.array([batch.received_at.astimezone(UTC)] * count, QUARANTINE.field("received_at").type),
        "source": pa.array([batch.source] * count),
        "batch_id": pa.array([batch_id] * count),
    }
    rows = pa.table([columns[field.name] for field in QUARANTINE], names=QUARANTINE.names).cast(QUARANTINE)
    commits.commit(table, [datafiles.write(rows, path, {})])
    compaction.tidy(table, ["received_at", "position"])


def _held(path: Path) -> pl.DataFrame:
    columns = ["reason_code", "payload", "batch_id", "position"]
    return pl.DataFrame(tablerows.read(path, columns))
