"""Which rows of a batch the lake already knows: an exact repeat is counted, not stored.

A row whose sender gave a knowledge time repeats one that is equal in point, reading time, value and knowledge time. A
row without one repeats what was the latest known value at its knowledge time, so a value that changes and changes back
is three facts, and a batch that is read again (after a crash, after a mapping was mended) adds only what it lacked.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

KEY = ["point_id", "reading_at"]
_FACT = [*KEY, "value", "known_at"]


@dataclass(frozen=True)
class Split:
    """The rows to store, in order of point and time, and how many were repeats."""

    fresh: pl.DataFrame
    repeated: int


def split(batch: pl.DataFrame, existing: pl.DataFrame) -> Split:
    """Part a batch from its repeats.

    `batch` is sorted by point, reading time, knowledge time and position, with `known_at` filled, `is_told` (the sender
    gave it) and `is_replayed`. `existing` holds the lake's rows in the batch's time span: point, time, value, known_at.
    """
    if existing.is_empty() and not has_twins(batch):
        return Split(batch, 0)
    batch = batch.with_row_index("row")
    met = _met(batch, existing)
    doubtful = batch.join(met.filter("is_manifold").select("row").unique(), on="row", how="semi", maintain_order="left")
    numbers = [_plain_repeats(met.filter(~pl.col("is_manifold")))]
    if doubtful.height:
        known = existing.join(doubtful.select(KEY).unique(), on=KEY, how="semi")
        numbers.append(_repeats(doubtful, known))
    repeats = pl.concat(numbers)
    if repeats.is_empty():
        return Split(batch.drop("row"), 0)
    is_repeat = pl.Series(np.isin(np.arange(batch.height), repeats.to_numpy()))
    return Split(batch.filter(~is_repeat).drop("row"), len(repeats))


def has_twins(batch: pl.DataFrame) -> bool:
    """Whether two neighbours of a sorted batch share point and reading time."""
    return bool(batch.select(_is_twin(KEY).any()).item())


def _is_twin(columns: list[str]) -> pl.Expr:
    """Whether a row's neighbour above or below is equal in these columns."""
    above = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in columns)
    below = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in columns)
    return above.fill_null(False) | below.fill_null(False)


def _met(batch: pl.DataFrame, existing: pl.DataFrame) -> pl.DataFrame:
    """Return the batch beside what the lake holds of the same point and time, once per row of the lake.

    `is_manifold` marks keys that occur more than once on either side and need the full rule.
    """
    ours = batch.select("row", *_FACT, "is_told", "is_replayed", is_twin=_is_twin(KEY))
    theirs = existing.select(*KEY, old_value="value", old_known_at="known_at")
    met = ours.join(theirs, on=KEY, how="left", maintain_order="left")
    return met.with_columns(is_manifold=pl.col("is_twin") | _is_twin(["row"]))


def _plain_repeats(met: pl.DataFrame) -> pl.Series:
    """Return the `row` numbers that repeat the one row that the lake has of their point and time."""
    told = pl.col("is_told") & (pl.col("old_known_at") == pl.col("known_at"))
    untold = ~pl.col("is_told") & (pl.col("old_known_at") <= pl.col("known_at"))
    equal = pl.col("old_value") == pl.col("value")
    return met.filter(equal & (told | untold | pl.col("is_replayed")))["row"]


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
