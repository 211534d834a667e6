"""Workbooks: a template down, a filled one up, and back with a comment at each wrong cell."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.portal import taking
from ingestion.portal.kinds import Kind
from ingestion.portal.refusal import Refusal
from lake import archives, cells
from lake.site.declared import ColumnSpec
from lake.site.fault import Fault

Row = dict[str, str]
#: Row 1 names the columns as the site's file does, row 2 says them in the reader's language, data begin in row 3.
FIRST_LINE = 3
#: A row that names one cell far to the right would be filled up to there.
_MOST_ROWS, _MOST_COLUMNS = 50_000, 200
_HEAD, _SAID, _WRONG = (PatternFill("solid", fgColor=colour) for colour in ("1F5C57", "E8F0EF", "F6C6BE"))


@dataclass(frozen=True)
class Filled:
    """What a workbook holds: rows as text, the line of each, the letter of each column, and cells that are formulas."""

    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    formulas: list[Fault] = field(default_factory=list)


def template(
    kind: Kind, columns: Sequence[ColumnSpec], rows: Sequence[Row], choices: Mapping[str, list[str]], language: str
) -> bytes:
    """Return a workbook to fill in, with these rows in it; `choices` are the words that a column's list offers."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet), "a new workbook has one sheet"
    sheet.title = kind.name
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        _head(sheet, place, column, language)
        offered = choices.get(column.name) or (sorted(column.words) if column.enum else [])
        if offered:
            for line, word in enumerate(offered, start=1):
                lists.cell(line, place, word)
            source = f"lists!${letter}$1:${letter}${len(offered)}"
            choice = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
            choice.add(f"{letter}{FIRST_LINE}:{letter}10000")
            sheet.add_data_validation(choice)
        for line, row in enumerate(rows, start=FIRST_LINE):
            _put(sheet, line, place, row.get(column.name, ""), column)
    sheet.freeze_panes = f"A{FIRST_LINE}"
    cells.as_texts(book)
    return _bytes(book)


def _head(sheet: Worksheet, place: int, column: ColumnSpec, language: str) -> None:
    name, said = sheet.cell(1, place, column.name), sheet.cell(2, place, column.zh if language == "zh" else column.en)
    name.font, name.fill = Font(bold=True, color="FFFFFF"), _HEAD
    said.font, said.fill = Font(color="44524F", size=10), _SAID
    said.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[get_column_letter(place)].width = 20 if column.type != "text" else 26
    sheet.row_dimensions[2].height = 48


def _put(sheet: Worksheet, line: int, place: int, text: str, column: ColumnSpec) -> None:
    """Write a number as a number, so that a spreadsheet can add it up, and everything else as it is spelt."""
    cell = sheet.cell(line, place)
    try:
        cell.value = float(text) if column.type in ("decimal", "integer") and text else text or None
    except ValueError:
        cell.value = text
    if column.type in ("month", "date", "instant", "text"):
        cell.number_format = "@"


def read(content: bytes, kind: Kind) -> Filled:
    """Read a filled workbook; raises Refusal where it is none, or not of this kind."""
    lines = _opened(content, kind)
    names = [str(cell).strip() if cell is not None else "" for cell in next(lines, ())]
    missing = [column.name for column in kind.uploaded if column.required and column.name not in names]
    if missing:
        raise Refusal("workbook_columns", 422, columns=", ".join(missing))
    columns = {name: place for place, name in enumerate(names) if name in kind.spec.columns}
    filled = Filled(letters={name: get_column_letter(place + 1) for name, place in columns.items()})
    said = {label for column in kind.uploaded for label in (column.zh, column.en)}
    for line, row in enumerate(lines, start=2):
        texts = {
            name: as_text(row[place], kind.spec.columns[name]) for name, place in columns.items() if place < len(row)
        }
        if not any(texts.values()) or (line == 2 and set(filter(None, texts.values())) <= said):
            continue
        filled.rows.append(texts)
        filled.lines.append(line)
    if len(filled.rows) > _MOST_ROWS:
        raise Refusal("workbook_too_long", 413, most=_MOST_ROWS)
    filled.formulas.extend(_formulas(content, kind, columns))
    return filled


def _formulas(content: bytes, kind: Kind, columns: Mapping[str, int]) -> Iterator[Fault]:
    """Yield the cells that are formulas: their saved value need not be what the formula shows to who reviews it."""
    if not archives.has_formulas(io.BytesIO(content)):
        return
    book = load_workbook(io.BytesIO(content), read_only=True)
    sheet = book[kind.name] if kind.name in book.sheetnames else book.worksheets[0]
    names = {place: name for name, place in columns.items()}
    for line, row in enumerate(sheet.iter_rows(max_row=_MOST_ROWS + FIRST_LINE, max_col=_MOST_COLUMNS), start=1):
        for place, cell in enumerate(row):
            if place in names and cell.data_type == "f":
                yield Fault(kind.spec.file, line, names[place], "is a formula, allowed: its value")


def _opened(content: bytes, kind: Kind) -> Iterator[tuple[Any, ...]]:
    """Return the lines of the kind's sheet, or of the first."""
    taking.workbook(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book[kind.name] if kind.name in book.sheetnames else book.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=_MOST_ROWS + FIRST_LINE, max_col=_MOST_COLUMNS)
        return iter(list(rows))
    except Exception as cause:  # a damaged workbook makes the library raise whatever it trips over
        raise Refusal("no_workbook", 422) from cause


def as_text(value: object, column: ColumnSpec) -> str:
    """Return a cell as it would stand in the site's file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"  # a spreadsheet keeps fifteen digits
    if isinstance(value, date) and column.type in ("month", "date"):
        return f"{value:%Y-%m}" if column.type == "month" else f"{value:%Y-%m-%d}"
    return value.isoformat() if isinstance(value, date | time) else str(value).strip()


def marked(content: bytes, kind: Kind, filled: Filled, faults: Sequence[Fault], said: Mapping[str, str]) -> bytes:
    """Return the workbook with a comment and a colour at each wrong cell; `said` puts a fault into other words."""
    book = load_workbook(io.BytesIO(content))
    sheet = book[kind.name] if kind.name in book.sheetnames else book.worksheets[0]
    told: dict[str, list[str]] = {}
    for fault in faults:
        told.setdefault(cell_of(filled, fault), []).append(said[fault.message])
    for address, words in told.items():
        cell = sheet[address]
        cell.fill = _WRONG
        cell.comment = Comment("\n".join(words), "Nengtan", width=320, height=110)
    return _bytes(book)


def cell_of(filled: Filled, fault: Fault) -> str:
    """Return the address of a fault's cell."""
    return f"{filled.letters.get(fault.column, 'A')}{fault.line}"


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
