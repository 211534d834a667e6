"""Which rows of a batch the lake already knows: an exact repeat is counted, not stored.

A row whose sender gave a knowledge time repeats one that is equal in point, reading time, value and knowledge time. A
row without one repeats what was the latest known value at its knowledge time, so a value that changes and changes back
is three facts, and a batch that is read again (after a crash, after a mapping was mended) adds only what it lacked.
"""

from dataclasses import dataclass

import polars as pl

KEY = ["point_id", "reading_at"]
_FACT = [*KEY, "value", "known_at"]


@dataclass(frozen=True)
class Split:
    """The rows to store, in order of point and time, and how many were repeats."""

    fresh: pl.DataFrame
    repeated: int


def has_twins(batch: pl.DataFrame) -> bool:
    """Whether two rows of a sorted batch share point and reading time."""
    same = (pl.col("point_id") == pl.col("point_id").shift(1)) & (pl.col("reading_at") == pl.col("reading_at").shift(1))
    return bool(batch.select(same.any()).item())


def split(batch: pl.DataFrame, existing: pl.DataFrame) -> Split:
    """Part a batch from its repeats.

    `batch` is sorted by point, reading time, knowledge time and position, with `known_at` filled, `is_told` (the sender
    gave it) and `is_replayed`. `existing` holds the lake's rows in the batch's time span: point, time, value, known_at.
    """
    if existing.is_empty() and not has_twins(batch):
        return Split(batch, 0)
    batch = batch.with_row_index("row")
    known = existing.join(batch.select(KEY).unique(), on=KEY, how="semi")
    doubtful = _doubtful(batch, known)
    repeats = _repeats(doubtful, known)
    if repeats.is_empty():
        return Split(batch.drop("row"), 0)
    fresh = batch.join(repeats.to_frame(), on="row", how="anti", maintain_order="left").drop("row")
    return Split(fresh, len(repeats))


def _doubtful(batch: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose point and reading time occur more than once, in the lake or in the batch."""
    twins = batch.filter(pl.struct(KEY).is_duplicated()).select(KEY) if has_twins(batch) else batch.select(KEY).clear()
    keys = pl.concat([twins, known.select(KEY)]).unique()
    return batch.join(keys, on=KEY, how="semi", maintain_order="left")


def _repeats(doubtful: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Return the `row` numbers of repeats."""
    columns = ["row", *_FACT, "is_told", "is_replayed"]
    ours = doubtful.select(columns)
    theirs = known.select(
        pl.lit(None, pl.UInt32).alias("row"), *_FACT, pl.lit(True).alias("is_told"), pl.lit(False).alias("is_replayed")
    )
    rows = pl.concat([theirs, ours], how="vertical_relaxed")
    exact = rows.with_columns(seen=pl.int_range(pl.len()).over(_FACT) > 0).filter(pl.col("seen"))
    replayed = ours.filter("is_replayed").join(known.select([*KEY, "value"]), on=[*KEY, "value"], how="semi")
    numbers = [exact["row"], replayed["row"], _unchanged(rows)]
    return pl.concat([series.drop_nulls().cast(pl.UInt32) for series in numbers]).unique().alias("row")


def _unchanged(rows: pl.DataFrame) -> pl.Series:
    """Return rows without a told knowledge time that say what was known just before.

    Rows of one point, reading time and knowledge time stand or fall together: they are one statement.
    """
    group = [*KEY, "known_at"]
    ranked = rows.with_columns(place=pl.col("known_at").rank("dense").over(KEY))
    before = ranked.select(*KEY, "value", place=pl.col("place") + 1).unique()
    told = ranked.join(before.with_columns(is_old=True), on=[*KEY, "value", "place"], how="left")
    is_news = pl.col("is_old").is_null().any().over(group)
    return told.filter(~is_news & ~pl.col("is_told"))["row"]
