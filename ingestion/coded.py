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

    def spread(self, per_text: pl.Series) -> pl.Series:
        """Return a value per row from a value per distinct text; null where the row has no text."""
        padded = pl.concat([per_text, per_text.clear(1)])
        return padded.gather(pl.Series(np.where(self.codes < 0, len(per_text), self.codes).astype(np.uint32)))


def coded(column: pa.ChunkedArray) -> Coded:
    """Encode a text column."""
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column.cast(pa.string()))
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # an empty column has no chunk to combine
        return Coded(pl.Series(dtype=pl.String), np.empty(0, np.int32))
    codes = whole.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    distinct = pl.Series(whole.dictionary.cast(pa.string()))
    return Coded(distinct, codes)
