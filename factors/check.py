"""What makes a factor row wrong: types, blanks, ranges, dimensions, arithmetic, repeated ids, overlapping validity."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import Any

from factors.arithmetic import CHECKS
from factors.dimensions import same_dimension
from factors.spec import Table
from lake.errors import NengtanError
from lake.units import units

Row = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one cell, named the way an editor jumps to it."""

    file: Path
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}: {self.column}: {self.message}"


def typed(table: Table, file: Path, line: int, cells: dict[str, str]) -> tuple[Row, list[Fault]]:
    """Return the row with each cell in its column's type, and what could not be typed."""
    row: Row = {}
    faults: list[Fault] = []
    for column, kind in table.columns.items():
        text = (cells.get(column) or "").strip()
        try:
            row[column] = _typed(kind.name, text, table.enums)
            if text == "" and kind.required:
                faults.append(Fault(file, line, column, "is blank; this column is never blank"))
        except ValueError as cause:
            row[column] = None
            faults.append(Fault(file, line, column, str(cause)))
    return row, faults


def row_faults(table: Table, file: Path, line: int, row: Row) -> Iterator[Fault]:
    """Yield what is wrong inside one typed row."""
    for column, (low, high) in table.ranges.items():
        value = row[column]
        if value is not None and not low <= value <= high:
            yield Fault(file, line, column, f"is {value}; allowed is {low} to {high}")
    for column, allowed in table.dimensions.items():
        message = _dimension_fault(row[column], allowed)
        if message:
            yield Fault(file, line, column, message)
    if table.arithmetic:
        for column, message in CHECKS[table.arithmetic](row):
            yield Fault(file, line, column, message)
    begin, end = row.get("valid_from"), row.get("valid_to")
    if begin and end and begin >= end:
        yield Fault(file, line, "valid_to", f"is {end}; it must lie after valid_from {begin}")


def table_faults(table: Table, file: Path, rows: list[tuple[int, Row]]) -> Iterator[Fault]:
    """Yield what is wrong between rows: an id used twice, a series with two values on one day."""
    first_line: dict[str, int] = {}
    for line, row in rows:
        key = row[table.key]
        if key in first_line:
            yield Fault(file, line, table.key, f"'{key}' is already on line {first_line[key]}; an id names one row")
        first_line.setdefault(key, line)
    if table.series:
        yield from _overlaps(table, file, rows)


def _overlaps(table: Table, file: Path, rows: list[tuple[int, Row]]) -> Iterator[Fault]:
    def series(item: tuple[int, Row]) -> tuple[str, ...]:
        return tuple(str(item[1][column] or "") for column in table.series)

    def begins(item: tuple[int, Row]) -> tuple[tuple[str, ...], date]:
        return series(item), item[1].get("valid_from") or date.min

    for _, members in groupby(sorted(rows, key=begins), key=series):
        previous: tuple[int, Row] | None = None
        for line, row in members:
            if previous and (previous[1].get("valid_to") or date.max) > (row.get("valid_from") or date.min):
                yield Fault(
                    file,
                    line,
                    "valid_from",
                    f"overlaps line {previous[0]}, the same {', '.join(table.series)}; end one",
                )
            previous = (line, row)


def _dimension_fault(unit: str | None, allowed: list[str]) -> str | None:
    if not unit:
        return None
    try:
        if any(same_dimension(unit, example) for example in allowed):
            return None
    except NengtanError as cause:
        return str(cause)
    return f"'{unit}' has the wrong dimension; allowed is that of {', '.join(allowed)}"


def _typed(kind: str, text: str, enums: dict[str, list[str]]) -> object:
    if text == "":
        return None
    if kind in enums:
        return _word(text, enums[kind])
    return _READERS.get(kind, str)(text)


def _unit(text: str) -> str:
    return _word(text, list(units()))


def _boolean(text: str) -> bool:
    return _word(text, ["true", "false"]) == "true"


def _word(text: str, allowed: list[str]) -> str:
    if text not in allowed:
        raise ValueError(f"'{text}' is not allowed; use {' | '.join(allowed)}")
    return text


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as cause:
        raise ValueError(f"'{text}' is not a decimal number") from cause
    if not value.is_finite():
        raise ValueError(f"'{text}' is not a decimal number")
    return value


_READERS: dict[str, Callable[[str], object]] = {
    "unit": _unit,
    "boolean": _boolean,
    "decimal": _decimal,
    "integer": int,
    "date": date.fromisoformat,
}
