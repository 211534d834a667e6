"""Turns a column of CSV text into a typed column and says which cells cannot be.

Every function takes the trimmed texts (empty cells are null) and returns the typed column, null where
a cell is wrong. The caller compares nulls before and after, so wrong cells cost nothing where there are none.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from lake.site.declared import ColumnSpec

#: How a value is written, by type; the second half of a fault's sentence.
HOW = {
    "date": "a date, write it as 2025-01-31",
    "month": "a month, write it as 2025-01",
    "instant": "a time, write it as 2025-01-31T08:00:00+08:00",
    "time": "a time of day, write it as 08:30 (24:00 ends a day)",
    "months": "a list of months, write it as 1-3;7",
    "decimal": "a number, write it as 1234.5 without separators and unit",
    "integer": "a whole number, write it as 12",
    "boolean": "a yes or no, write true or false",
}

ARROW = {
    "date": pa.date32(),
    "month": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}

_BOOLEAN = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False, "是": True, "否": False}


def arrow_type(spec: ColumnSpec) -> pa.DataType:
    """Return the Arrow type of a declared column."""
    if spec.type == "decimal":
        return pa.decimal128(18, spec.decimals)
    return ARROW.get(spec.type, pa.string())


def typed(spec: ColumnSpec, texts: pl.Series, zone: ZoneInfo) -> pa.Array:
    """Return the column in its declared type; a cell that cannot be typed is null."""
    if spec.type == "decimal":
        return _decimal(texts, spec.decimals)
    if spec.type == "instant":
        at = pl.Series(texts.name, [_instant(text, zone) for text in texts], dtype=pl.Datetime("us", "UTC"))
        return at.to_arrow().cast(ARROW["instant"])
    convert = _COLUMNWISE.get(spec.type)
    column = convert(texts) if convert else texts
    return column.to_arrow().cast(arrow_type(spec))


def _date(texts: pl.Series) -> pl.Series:
    return _matching(texts, r"^\d{4}-\d{2}-\d{2}$").str.to_date("%Y-%m-%d", strict=False)


def _month(texts: pl.Series) -> pl.Series:
    months = _matching(texts, r"^\d{4}-\d{2}(-01)?$").str.slice(0, 7)
    return (months + "-01").str.to_date("%Y-%m-%d", strict=False)


def _time(texts: pl.Series) -> pl.Series:
    valid = _matching(texts, r"^(([01]?\d|2[0-3]):[0-5]\d(:00)?|24:00(:00)?)$")
    return valid.str.extract(r"^(\d+:\d\d)").str.zfill(5)


def _integer(texts: pl.Series) -> pl.Series:
    return _matching(texts, r"^[+-]?\d{1,18}$").str.strip_prefix("+").cast(pl.Int64)


def _boolean(texts: pl.Series) -> pl.Series:
    return texts.str.to_lowercase().replace_strict(_BOOLEAN, default=None, return_dtype=pl.Boolean)


def _months(texts: pl.Series) -> pl.Series:
    return texts.map_elements(expand_months, return_dtype=pl.String, skip_nulls=True)


def expand_months(text: str) -> str | None:
    """Return `1-3;7` as `1;2;3;7`, a range over the new year included; None where it is not a list of months."""
    months: set[int] = set()
    for part in text.split(";"):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            return None
        start, end = int(first), int(last) if dash else int(first)
        if not (1 <= start <= 12 and 1 <= end <= 12):
            return None
        months.update(range(start, end + 1) if start <= end else [*range(start, 13), *range(1, end + 1)])
    return ";".join(str(month) for month in sorted(months))


def _instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _decimal(texts: pl.Series, decimals: int) -> pa.Array:
    whole = 18 - decimals
    plain = texts.str.contains(rf"^[+-]?\d{{1,{whole}}}(\.\d{{0,{decimals}}})?$")
    odd = texts.filter(~plain.fill_null(True)).unique()
    if odd.len():
        texts = texts.replace(odd, [_respelt(text, whole, decimals) for text in odd])
    return (
        texts.str.strip_prefix("+")
        .str.strip_chars_end(".")
        .to_arrow()
        .cast(pa.string())
        .cast(pa.decimal128(18, decimals))
    )


def _respelt(text: str, whole: int, decimals: int) -> str | None:
    """Spell a number of a spreadsheet (1.2E+05, 0.50000000000) plainly; None where it is none or does not fit."""
    try:
        number = Decimal(text)
        fits = number.is_finite() and number.adjusted() < whole and number == round(number, decimals)
    except InvalidOperation:
        return None
    return f"{round(number, decimals):f}" if fits else None


def _matching(texts: pl.Series, pattern: str) -> pl.Series:
    return texts.set(~texts.str.contains(pattern).fill_null(True), None)


_COLUMNWISE: dict[str, Callable[[pl.Series], pl.Series]] = {
    "date": _date,
    "month": _month,
    "time": _time,
    "months": _months,
    "integer": _integer,
    "boolean": _boolean,
}
