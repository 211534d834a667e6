"""Tables of a pack as Parquet: small, and the same bytes for the same rows."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

#: Rows of one group, and of one batch that is read.
ROWS = 250_000


def writer(file: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a file to be written: sorted numbers by their differences, words by a dictionary."""
    words = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    numbers = [field.name for field in schema if _has_differences(field.type)]
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=words,
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        store_decimal_as_integer=True,
        store_schema=False,
    )


def _has_differences(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= 18)
    return bool(pa.types.is_integer(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind))
