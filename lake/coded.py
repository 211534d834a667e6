"""Columns with few distinct texts, worked on once per text: names of points, stamps of a 15-minute grid."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Coded:
    """Distinct texts and, for each row, which one; -1 where there is none."""

    distinct: pl.Series
    codes: npt.NDArray[np.int32]
    is_full: bool

    def spread(self, per_text: pl.Series) -> pl.Series:
        """Return a value per row from a value per distinct text; null where the row has no text."""
        if self.is_full:
            return per_text.gather(pl.Series(self.codes.view(np.uint32)))
        padded = pl.concat([per_text, per_text.clear(1)])
        return padded.gather(pl.Series(np.where(self.codes < 0, len(per_text), self.codes).astype(np.uint32)))

    def ranked(self) -> pl.Series:
        """Return the texts row by row as an Enum in alphabetical order, which sorts and joins as fast as numbers."""
        ordered = self.distinct.sort()
        ranks = self.distinct.arg_sort().arg_sort().cast(pl.UInt32)
        return self.spread(ranks).cat.to(pl.Enum(ordered))


def coded(column: pa.ChunkedArray) -> Coded:
    """Encode a text column."""
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column if pa.types.is_string(column.type) else column.cast(pa.string()))
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # an empty column has no chunk to combine
        return Coded(pl.Series(dtype=pl.String), np.empty(0, np.int32), is_full=True)
    is_full = whole.null_count == 0
    codes = whole.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    distinct = pl.Series(whole.dictionary.cast(pa.string()))
    return Coded(distinct, codes, is_full)
