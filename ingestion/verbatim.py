"""Refused rows as text: whatever a file or a database held, what no calendar and no JSON can say included."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa


def values(column: pa.ChunkedArray) -> list[object]:
    """Return a column's values; a time beyond every calendar as the number that it was."""
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    return [_time(cell, column.type.unit) for cell in column]


def rows(table: pa.Table) -> list[str]:
    """Return each row of a table as one line of JSON."""
    columns = [values(column) for column in table.columns]
    return [line(dict(zip(table.column_names, row, strict=True))) for row in zip(*columns, strict=True)]


def line(row: Mapping[str, object]) -> str:
    """Return one row as a line of JSON; infinities and what is no number become text, as JSON has no word for them."""
    try:
        return json.dumps(row, default=_plain, ensure_ascii=False, allow_nan=False)
    except ValueError:
        finite = {name: str(value) if _is_endless(value) else value for name, value in row.items()}
        return json.dumps(finite, default=_plain, ensure_ascii=False)


def _time(cell: pa.Scalar, unit: str) -> object:
    try:
        return cell.as_py()
    except (OverflowError, ValueError):
        return f"{cell.value} {unit} since 1970"


def _is_endless(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return value.isoformat() if isinstance(value, datetime) else str(value)
