"""Reports for Excel: a cover, the text, and a sheet for each table with real numbers, ready to print."""

import re
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from exchange.reports import stable
from exchange.reports.document import (
    NOTHING,
    WIDE_LINE,
    Cell,
    Chart,
    Diagram,
    Document,
    Heading,
    Lines,
    Number,
    Table,
    Text,
    printed,
    width,
)
from lake import cells

if TYPE_CHECKING:
    from openpyxl import Workbook

_INK, _SHADE, _FONT = "12344D", "E8EEF3", "等线"
_WIDEST = 60
_TEXT = 70
_LANDSCAPE_FROM = 90


def written(document: Document) -> bytes:
    """Return the report as an XLSX file; the same document gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    made = datetime.fromisoformat(document.made_at).replace(tzinfo=None)
    book.properties.title, book.properties.creator = f"{document.title} {document.subtitle}", document.owner
    book.properties.description, book.properties.created = document.mark, made
    names = [_sheet_name(table.caption) for table in document.tables()]
    _cover(book, document, names)
    _text(book, document)
    charts = [block for section in document.sections for block in section.blocks if isinstance(block, Chart)]
    for name, table in zip(names, document.tables(), strict=True):
        sheet = book.create_sheet(name)
        _table(sheet, table)
        _printed(sheet, document, table)
    for chart in charts:
        _chart(book, document, chart)
    file = BytesIO()
    cells.as_texts(book)
    book.save(file)
    return stable.packed(file.getvalue())


def _sheet_name(caption: str) -> str:
    """Return the number and the title of a table, as far as a tab has room for it."""
    return re.sub(r"[\\/*?:\[\]]", " ", caption).replace("  ", " ")[:31].strip()


def _cover(book: "Workbook", document: Document, names: list[str]) -> None:
    from openpyxl.styles import Alignment

    sheet = book.active
    assert sheet is not None
    sheet.title = "封面" if document.language == "zh" else "Cover"
    sheet.append([document.title])
    sheet.append([document.owner])
    sheet.append([document.subtitle])
    sheet.append([])
    for fact in document.facts:
        sheet.append([*fact])
    sheet.append([])
    for remark in document.remarks:
        sheet.append([remark])
        row = sheet.max_row
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = _height(remark, _TEXT, 10)
    sheet.append([])
    sheet.append(["目录" if document.language == "zh" else "Contents"])
    for name, table in zip(names, document.tables(), strict=True):
        sheet.append([table.caption])
        cell = sheet.cell(sheet.max_row, 1)
        cell.hyperlink = "#'{}'!A1".format(name.replace("'", "''"))
        cell.style = "Hyperlink"
    for row in sheet.iter_rows():
        for cell in row:
            cell.font = _font(size=10, color="0563C1" if cell.hyperlink else None)
    sheet["A1"].font = _font(size=20, color=_INK, bold=True)
    sheet["A2"].font = sheet["A3"].font = _font(size=13)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 50
    _printed(sheet, document, None)


def _text(book: "Workbook", document: Document) -> None:
    """Write the text of the report; where a table or a chart stands in it, its caption."""
    from openpyxl.styles import Alignment

    sheet = book.create_sheet("正文" if document.language == "zh" else "Text")
    for section in document.sections:
        _line(sheet, section.title, size=14, color=_INK, bold=True)
        for block in section.blocks:
            match block:
                case Heading():
                    _line(sheet, block.text, size=11, color=_INK, bold=True)
                case Text() | Lines():
                    _line(sheet, block.text, size=10)
                case Table() | Chart():
                    _line(sheet, f"→ {block.caption}", size=10, color="808080")
                case Diagram():
                    _line(sheet, f"{block.caption}: {block.boundary}", size=10)
                    for stage in block.stages:
                        _line(sheet, f"→ {stage.title}: {'; '.join(stage.boxes) or NOTHING}", size=10)
    sheet.column_dimensions["A"].width = _TEXT
    for row in sheet.iter_rows(max_col=1):
        row[0].alignment = Alignment(wrap_text=True, vertical="top")
    _printed(sheet, document, None)


def _line(sheet: Any, text: str, **font: Any) -> None:  # noqa: ANN401 - openpyxl's sheet
    sheet.append([text])
    sheet.cell(sheet.max_row, 1).font = _font(**font)
    sheet.row_dimensions[sheet.max_row].height = _height(text, _TEXT, font["size"])


def _table(sheet: Any, table: Table) -> None:  # noqa: ANN401
    from openpyxl.styles import Alignment, Border, PatternFill, Side
    from openpyxl.utils import get_column_letter

    sheet.append([table.caption])
    sheet["A1"].font = _font(size=12, color=_INK, bold=True)
    sheet.append([column.text for column in table.columns])
    widths = [min(max(asked + 2, 10), _WIDEST) for asked in table.widths(WIDE_LINE)]
    sheet.row_dimensions[2].height = max(
        _height(column.text, across, 10) for column, across in zip(table.columns, widths, strict=True)
    )
    thin = Border(bottom=Side(style="hair", color="8AA0B0"))
    shade = PatternFill("solid", fgColor=_SHADE)
    for cell, column in zip(sheet[2], table.columns, strict=True):
        cell.font, cell.fill, cell.border = _font(size=10, color=_INK, bold=True), shade, thin
        side = "right" if column.is_number else "left"
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=side)
    for number, row in enumerate(table.rows):
        sheet.append([_value(cell) for cell in row])
        sheet.row_dimensions[sheet.max_row].height = max(
            _height(printed(cell), across, 10) for cell, across in zip(row, widths, strict=True)
        )
        for made, told, column in zip(sheet[sheet.max_row], row, table.columns, strict=True):
            is_strong = number in table.strong
            made.font, made.border = _font(size=10, bold=is_strong), thin
            made.alignment = Alignment(
                wrap_text=True, vertical="top", horizontal="right" if column.is_number else "left"
            )
            if isinstance(told, Number):
                made.number_format = told.layout
            elif isinstance(made.value, str):
                made.data_type = "s"  # a text that begins with = is no formula
            if is_strong:
                made.fill = shade
    for note in table.notes:
        sheet.append([note])
        sheet.cell(sheet.max_row, 1).font = _font(size=9, color="606060")
    for place, across in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = across
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:2"


def _value(cell: Cell) -> str | int | float | None:
    """Return a cell for a spreadsheet: a number is the number itself, which its format prints as the report does."""
    if isinstance(cell, Number):
        return int(cell.value) if cell.value == int(cell.value) else float(cell.value)
    return NOTHING if cell is None else cell.strip() or None


def _height(text: str, across: float, size: float) -> float:
    """Return the height of a row in points that shows all of a text; not every program works that out itself."""
    lines = sum(-(-(width(line) * size) // (across * 10)) or 1 for line in text.split("\n"))
    return max(lines, 1) * size * 1.45


def _known(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _chart(book: "Workbook", document: Document, chart: Chart) -> None:
    """Draw a chart from the numbers beside it, so that it can be changed in Excel."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_sheet_name(chart.caption))
    sheet.append([f"{chart.caption} ({chart.unit})", *(one.name for one in chart.series)])
    for place, label in enumerate(chart.labels):
        sheet.append([label, *(_known(one.values[place]) for one in chart.series)])
        for cell in sheet[sheet.max_row][1:]:
            cell.number_format = "#,##0.00"
    drawn = BarChart()
    drawn.type, drawn.grouping, drawn.overlap = "col", "stacked", 100
    drawn.title, drawn.y_axis.title = chart.caption, chart.unit
    drawn.x_axis.delete = drawn.y_axis.delete = False
    last = len(chart.labels) + 1
    drawn.add_data(
        Reference(sheet, min_col=2, max_col=len(chart.series) + 1, min_row=1, max_row=last), titles_from_data=True
    )
    drawn.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    drawn.width, drawn.height = 24, 11
    sheet.add_chart(drawn, f"A{last + 2}")
    for place in range(len(chart.series) + 1):
        sheet.column_dimensions[get_column_letter(place + 1)].width = 22 if place else 34
    _printed(sheet, document, None)


def _printed(sheet: Any, document: Document, table: Table | None) -> None:  # noqa: ANN401
    """Say how a sheet comes out of the printer: A4, as wide as the page, with the mark and the page number."""
    is_wide = table is not None and sum(table.widths(WIDE_LINE)) > _LANDSCAPE_FROM
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if is_wide else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.left.text = f"{document.title} {document.subtitle}"
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = document.mark, "&P / &N"


def _font(size: float, color: str | None = None, *, bold: bool = False) -> Any:  # noqa: ANN401 - openpyxl's font
    from openpyxl.styles import Font

    return Font(name=_FONT, size=size, bold=bold, color=color)
