"""Scaled integers in and out of decimal columns without a row loop: 12.340000 at six places is the count 12340000."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: DECIMAL(18, d) is the raw value: the largest decimal that Parquet keeps as a 64-bit integer.
DIGITS = 18

Counts = npt.NDArray[np.int64]


def counts(column: pa.ChunkedArray | pa.Array, decimals: int) -> Counts:
    """Return a DECIMAL(18, d) column without nulls as its scaled integers; another decimal is cast first, exactly."""
    wanted = pa.decimal128(DIGITS, decimals)
    if column.type != wanted:
        column = column.cast(wanted)
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [_low_words(chunk) for chunk in chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def from_counts(values: Counts, decimals: int) -> pa.Array:
    """Return scaled integers as a DECIMAL(18, d) array."""
    words = np.empty((len(values), 2), np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63
    return pa.Array.from_buffers(pa.decimal128(DIGITS, decimals), len(values), [None, pa.py_buffer(words)])


def _low_words(chunk: pa.Array) -> Counts:
    words = np.frombuffer(chunk.buffers()[1], dtype=np.int64)
    return words[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2]
