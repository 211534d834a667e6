"""Received values to scaled integers, column-wise; null where a value is no number that raw can hold."""

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from lake.coded import coded
from lake.decimals import DIGITS

#: A number as countries write it that put a comma before the decimals: dots only between groups of three.
_WITH_COMMA = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"


def counts(column: pa.ChunkedArray, decimals: int, sentinels: tuple[str, ...] = (), mark: str = ".") -> pl.Series:
    """Return value x 10^decimals, rounded half to even; null for text that is no number, infinities and sentinels.

    `mark` is what stands before the decimals of a text: a dot or a comma.
    """
    kind = column.type
    if pa.types.is_floating(kind):
        found = _of_floats(pl.Series(column).cast(pl.Float64), decimals)
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        found = _of_exact(column, decimals)
    elif pa.types.is_dictionary(kind):
        texts = coded(column)
        found = texts.spread(_of_texts(_dotted(texts.distinct, mark), decimals))
    else:
        found = _of_texts(_dotted(pl.Series(column.cast(pa.string())), mark), decimals)
    return _without_sentinels(found, decimals, sentinels)


def _of_texts(texts: pl.Series, decimals: int) -> pl.Series:
    exact = texts.str.strip_chars().cast(pl.Decimal(DIGITS, decimals), strict=False)
    return exact.to_physical().cast(pl.Int64)


def _dotted(texts: pl.Series, mark: str) -> pl.Series:
    """Return texts with a dot before the decimals; null where a text is not written with the mark."""
    if mark == ".":
        return texts
    plain = texts.str.strip_chars()
    dotted = plain.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return dotted.set(~plain.str.contains(_WITH_COMMA).fill_null(False), None)


def _of_floats(floats: pl.Series, decimals: int) -> pl.Series:
    scaled = (floats * float(10**decimals)).round(mode="half_to_even")
    fits = scaled.is_finite() & (scaled.abs() < float(10**DIGITS))
    return scaled.set(~fits.fill_null(False), None).cast(pl.Int64)


def _of_exact(column: pa.ChunkedArray, decimals: int) -> pl.Series:
    if pa.types.is_decimal256(column.type):
        column = column.cast(pa.decimal128(38, column.type.scale))
    if not pa.types.is_decimal(column.type):
        column = column.cast(pa.decimal128(20, 0)) if not pa.types.is_boolean(column.type) else column.cast(pa.int8())
    series = pl.Series(column)
    return series.cast(pl.Decimal(DIGITS, decimals), strict=False).to_physical().cast(pl.Int64)


def _without_sentinels(found: pl.Series, decimals: int, sentinels: tuple[str, ...]) -> pl.Series:
    if not sentinels:
        return found
    marks = _of_texts(pl.Series(sentinels, dtype=pl.String), decimals).drop_nulls()
    return found.set(found.is_in(marks.implode()).fill_null(False), None)


def is_missing(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether a cell of a wide table holds no reading at all: null, NaN, blank."""
    if pa.types.is_floating(column.type):
        return pc.or_kleene(pc.is_null(column), pc.is_nan(column)).fill_null(True)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pc.equal(pc.utf8_trim_whitespace(column), "").fill_null(True)
    return pc.is_null(column)


def rows_of(mask: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the numbers of the rows where a mask holds."""
    return np.flatnonzero(mask.to_numpy())
