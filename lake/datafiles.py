"""Parquet files of the lake, written once in one shape, as the add actions of a commit.

Delta encoding on sorted times and scaled integers brings a raw reading to about one byte and a half, and writing the
file ourselves costs a sixth of what the general writer takes.
"""

import json
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

_ROWS_PER_GROUP = 250_000
#: Columns whose least and greatest value stand in the commit, so that a reader can leave files out.
_BOUNDED = ("point_id", "reading_at", "known_at", "received_at")


def write(table: pa.Table, root: Path, partition: dict[str, str], *, changes_data: bool = True) -> AddAction:
    """Write rows of one partition below the table's root and return the action that a commit needs.

    The file is invisible until that commit; one that is never committed is an orphan that vacuum removes.
    """
    body = table.drop_columns([name for name in partition if name in table.column_names])
    folder = "/".join(f"{name}={value}" for name, value in partition.items())
    path = f"{folder}/{_file_name()}" if folder else _file_name()
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    integers = [field.name for field in body.schema if _delta_encodes(field.type)]
    pq.write_table(
        body,
        target,
        compression="zstd",
        row_group_size=_ROWS_PER_GROUP,
        use_dictionary=[name for name in body.column_names if name not in integers],
        column_encoding=dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
        store_decimal_as_integer=True,
        store_schema=False,  # how a column lay in our memory is nobody's business
    )
    return AddAction(
        path=path,
        size=target.stat().st_size,
        partition_values=partition,
        modification_time=int(time.time() * 1000),
        data_change=changes_data,
        stats=json.dumps(_statistics(body)),
    )


def _file_name() -> str:
    return f"part-{uuid.uuid4()}.parquet"


def _delta_encodes(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= 18)
    return bool(pa.types.is_integer(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _statistics(table: pa.Table) -> dict[str, Any]:
    least: dict[str, str] = {}
    greatest: dict[str, str] = {}
    for name in (column for column in _BOUNDED if column in table.column_names and table.num_rows):
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = pc.unique(column).dictionary_decode()
        bounds = pc.min_max(column).as_py()
        if bounds["min"] is not None:
            least[name], greatest[name] = _text(bounds["min"]), _text(bounds["max"])
    nulls = {name: table.column(name).null_count for name in table.column_names}
    return {"numRecords": table.num_rows, "minValues": least, "maxValues": greatest, "nullCount": nulls}


def _text(value: str | datetime | date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)
