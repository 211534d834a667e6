"""What a new sheet begins with: what the site's file says for the month, else last month's lines without numbers."""

import re
import sqlite3
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from ingestion.portal import sheets
from ingestion.portal.kinds import Kind, kinds
from ingestion.portal.place import Known
from ingestion.portal.sheets import Key, Row
from lake.entries import READINGS, month_of

_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
#: What a person measures anew each month.
_NUMBERS = ("quantity", "value", "opening", "purchased", "closing", "sold")
#: Kinds whose lines are the same each month; samples and readings are not.
_REPEATING = ("production", "finance", "activity", "stock")


def first_rows(connection: sqlite3.Connection, key: Key, known: Known) -> list[Row]:
    """Return the rows that a new sheet shows."""
    kind = kinds()[key.kind]
    filed = in_file(kind, key, known)
    if filed or kind.name not in _REPEATING:
        return filed
    before = Key(key.kind, key.organization_id, earlier(key.month))
    entered = sheets.latest(connection, before)
    rows = entered.rows if entered else in_file(kind, before, known)
    return [{**row, "month": key.month, **{name: "" for name in _NUMBERS if name in row}} for row in rows]


def in_file(kind: Kind, key: Key, known: Known) -> list[Row]:
    """Return what the site's file says for a sheet, as text."""
    if kind.name == READINGS or not known.files[kind.name].table.num_rows:
        return []
    frame = known.files[kind.name].frame()
    first = date.fromisoformat(f"{key.month}-01")
    mine = frame.filter((pl.col("organization_id") == key.organization_id) & (month_of(kind.name) == first))
    names = list(kind.spec.columns)
    own = {"month": key.month} if "month" in names else {}
    return [{**dict(zip(names, map(_text, row), strict=True)), **own} for row in mine.select(names).iter_rows()]


def is_month(text: str) -> bool:
    """Whether a text names a month as 2025-01."""
    return _MONTH.fullmatch(text) is not None


def earlier(month: str, months: int = 1) -> str:
    """Return the month that many months before."""
    year, number = (int(part) for part in month.split("-"))
    count = year * 12 + number - 1 - months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def _text(value: Any) -> str:  # noqa: ANN401 - a cell of any declared type
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if value != 0 else "0"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
