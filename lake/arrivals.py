"""A batch's readings as the landing works on them: scaled integers, knowledge time filled, in canonical order."""

import numpy as np
import polars as pl
import pyarrow as pa

from lake import decimals, repeats
from lake.batch import Batch
from lake.coded import coded

_TEXTS = ("point_id", "unit", "status")
_ORDER = ["point_id", "reading_at", "known_at", "position"]


def ordered(table: pa.Table, batch: Batch) -> pl.DataFrame:
    """Return readings sorted by point, time, knowledge and position.

    Texts are Enums, `is_told` marks rows whose sender gave the knowledge time, `is_replayed` rows that the transport
    may have delivered before.
    """
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
        frame = frame[pl.Series(packed).arg_sort()]
        if repeats.has_twins(frame):
            return frame.sort(_ORDER)
    return frame
