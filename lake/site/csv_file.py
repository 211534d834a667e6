"""Reads one CSV file of a site folder into a typed table and notes every fault with its line."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from lake.site import convert
from lake.site.declared import ColumnSpec, FileSpec
from lake.site.fault import Fault, allowed, nearest

_SAVE_AS = "save the file as CSV in UTF-8 or GB 18030"
_UNREADABLE = "\ufffd"


@dataclass
class CsvFile:
    """One CSV file: the typed rows, the line each stands on, and what is wrong."""

    spec: FileSpec
    table: pa.Table
    lines: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    present: bool = True

    def fault(self, row: int, column: str, message: str) -> None:
        """Note a fault of one row."""
        self.faults.append(Fault(self.spec.file, self.lines[row], column, message))

    def frame(self) -> pl.DataFrame:
        """Return the rows with their number as `row`."""
        frame = pl.from_arrow(self.table)
        assert isinstance(frame, pl.DataFrame)
        return frame.with_row_index("row")


def read_csv(path: Path, spec: FileSpec, zone: ZoneInfo) -> CsvFile:
    """Read a CSV file as declared; an absent one is an empty table with the declared columns."""
    if not path.is_file():
        absent = CsvFile(spec, _empty(spec), present=False)
        if spec.required:
            absent.faults.append(Fault(spec.file, 1, "file", "is missing, a site needs it"))
        return absent
    file = CsvFile(spec, _empty(spec))
    header, rows = _records(path, file)
    header = _checked_header(header, file)
    rows = _squared(header, rows, file)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    _fill(file, dict(zip(header, columns, strict=True)), zone)
    return file


def read_texts(spec: FileSpec, texts: dict[str, list[str]], lines: list[int], zone: ZoneInfo) -> CsvFile:
    """Type and check columns of text that stand on these lines, as if they had been read from the file."""
    file = CsvFile(spec, _empty(spec), lines)
    _fill(file, dict(texts), zone)
    return file


def _empty(spec: FileSpec) -> pa.Table:
    fields = [pa.field(name, convert.arrow_type(column)) for name, column in spec.columns.items()]
    return pa.Table.from_batches([], pa.schema(fields))  # empty_table() would import pandas


def _text(path: Path) -> str:
    """Return the file's text: UTF-8, or GB 18030 as Chinese spreadsheets save it."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _records(path: Path, file: CsvFile) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows, and note the line on which each row begins."""
    text = _text(path)
    if "\0" in text:
        file.faults.append(Fault(file.spec.file, 1, "file", f"is no CSV text, {_SAVE_AS}"))
        return [], []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    begins = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                records.append(record)
                file.lines.append(begins)
            if any(_UNREADABLE in cell for cell in record):
                file.faults.append(Fault(file.spec.file, begins, "row", f"holds bytes that are no text, {_SAVE_AS}"))
            begins = reader.line_num + 1
    except csv.Error as cause:
        file.faults.append(Fault(file.spec.file, begins, "row", f"cannot be read as CSV ({cause}), check its quotes"))
    if not records:
        file.faults.append(Fault(file.spec.file, 1, "header", f"is missing, {allowed(file.spec.columns, 99)}"))
        return [], []
    file.lines.pop(0)
    return [cell.strip() for cell in records[0]], records[1:]


def _checked_header(header: list[str], file: CsvFile) -> list[str]:
    """Note missing and repeated headings; return names that are unique."""
    spec = file.spec
    unique = [name if name and name not in header[:place] else f"{name}#{place}" for place, name in enumerate(header)]
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        file.faults.append(Fault(spec.file, 1, name, "stands twice in the header, each column once"))
    strangers = [name for name in header if name not in spec.columns]
    for name, column in spec.columns.items() if header else ():
        if name in header:
            continue
        meant = nearest(name, strangers)
        if column.required or meant:
            hint = meant.replace("did you mean", "is it spelt")
            file.faults.append(Fault(spec.file, 1, name, f"the column is missing{hint}, the header needs it"))
    return unique


def _squared(header: list[str], rows: list[list[str]], file: CsvFile) -> list[list[str]]:
    """Note rows of another width than the header and leave them out."""
    width = len(header)
    if all(len(row) == width for row in rows):
        return rows
    kept, lines = [], []
    for row, line in zip(rows, file.lines, strict=True):
        surplus = row[width:]
        if len(row) < width or any(cell.strip() for cell in surplus):
            message = f"has {len(row)} cells, the header has {width}; quote a cell that holds a comma"
            file.faults.append(Fault(file.spec.file, line, "row", message))
            continue
        kept.append(row[:width])
        lines.append(line)
    file.lines = lines
    return kept


def _fill(file: CsvFile, texts: dict[str, Iterable[str]], zone: ZoneInfo) -> None:
    """Type every column and put the table together, declared columns first."""
    columns: dict[str, pa.Array] = {}
    rows = len(file.lines)
    for name, spec in file.spec.columns.items():
        present = name in texts
        cells = pl.Series(name, list(texts.pop(name)) if present else [None] * rows, dtype=pl.String)
        columns[name] = _column(file, spec, _trimmed(cells), zone, present=present)
    for name, extra in texts.items():
        columns[name] = _trimmed(pl.Series(name, list(extra), dtype=pl.String)).to_arrow().cast(pa.string())
    file.table = pa.table(columns) if columns else file.table


def _trimmed(cells: pl.Series) -> pl.Series:
    trimmed = cells.str.strip_chars()
    return trimmed.set((trimmed == "").fill_null(False), None)


def _column(file: CsvFile, spec: ColumnSpec, texts: pl.Series, zone: ZoneInfo, *, present: bool) -> pa.Array:
    """Type one column, note its faults, and fill the default in."""
    if spec.required and present:
        for row in texts.is_null().arg_true():
            file.fault(row, spec.name, "is empty, a value is needed")
    array = convert.typed(spec, texts, zone)
    wrong = texts.is_not_null() & pl.Series(array).is_null()
    for row in wrong.arg_true():
        file.fault(row, spec.name, f"{texts[row]!r} is not {_how(spec)}")
    _check_words(file, spec, texts.set(wrong, None))
    _check_bounds(file, spec, texts, array)
    if spec.default is None:
        return array
    default = convert.typed(spec, pl.Series([spec.default]), zone)[0]
    return pc.if_else(texts.is_null().to_arrow(), default, array)


def _how(spec: ColumnSpec) -> str:
    limit = f" (at most {18 - spec.decimals} digits before and {spec.decimals} after the point)"
    return convert.HOW.get(spec.type, "text") + (limit if spec.type == "decimal" else "")


def _check_words(file: CsvFile, spec: ColumnSpec, texts: pl.Series) -> None:
    if spec.words:
        for row in (~texts.is_in(list(spec.words))).fill_null(False).arg_true():
            word = texts[row]
            file.fault(row, spec.name, f"{word!r} is unknown{nearest(word, spec.words)}, {allowed(spec.words)}")
    if spec.pattern:
        for row in (~texts.str.contains(f"^(?:{spec.pattern})$")).fill_null(False).arg_true():
            file.fault(row, spec.name, f"{texts[row]!r} has the wrong form, allowed: {spec.pattern}")


def _check_bounds(file: CsvFile, spec: ColumnSpec, texts: pl.Series, array: pa.Array) -> None:
    if spec.type not in ("decimal", "integer"):
        return
    values = pl.Series(array).cast(pl.Float64)
    for bound, wrong, words in (
        (spec.min, values.__lt__, "at least"),
        (spec.above, values.__le__, "more than"),
        (spec.max, values.__gt__, "at most"),
    ):
        if bound is not None:
            for row in wrong(float(bound)).fill_null(False).arg_true():
                file.fault(row, spec.name, f"{texts[row]} is out of range, allowed: {words} {bound}")
