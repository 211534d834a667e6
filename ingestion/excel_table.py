"""A sheet of an Excel file to columns of text, as a CSV file has them: cells as typed, times as wall clocks."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lake import archives
from lake.errors import NotTakenError, SourceShapeError

_ROWS, _MOST_UNPACKED = 1_048_576, 500_000_000


def header_and_rows(
    path: Path, sheet: str | None, header_row: int
) -> tuple[list[str], pa.Table, npt.NDArray[np.int64]]:
    """Return the header, the rows below it as columns c0, c1… of text, and their numbers in the sheet.

    Rows without any content are left out; a formula counts with the value that was last saved, macros are never run.
    Raises SourceShapeError where the file is no workbook, has no such sheet or header, or unpacks to too much.
    """
    from openpyxl import load_workbook

    try:
        with path.open("rb") as file:  # the name of a kept payload has no ending
            archives.check_parts(file, ".xlsx", _MOST_UNPACKED)
            book = load_workbook(file, read_only=True, data_only=True)
            if sheet is not None and sheet not in book.sheetnames:
                raise SourceShapeError(f"no sheet {sheet!r}; it has {', '.join(book.sheetnames[:20])}")
            page = book[sheet] if sheet is not None else book.worksheets[0]
            names = next(page.iter_rows(min_row=header_row, max_row=header_row, values_only=True), ())
            # a row that names one cell far to the right would be filled up to there
            span = {"max_row": _ROWS, "max_col": max(len(names), 1), "values_only": True}
            rows = [tuple(row) for row in page.iter_rows(min_row=header_row, **span)]
            book.close()
    except SourceShapeError:
        raise
    except NotTakenError as cause:
        raise SourceShapeError(f"no Excel workbook (.xlsx): {cause}") from cause
    except Exception as cause:  # a damaged workbook makes the library raise whatever it trips over
        raise SourceShapeError(f"no Excel workbook (.xlsx): {cause}") from cause
    if not rows or all(cell is None for cell in rows[0]):
        raise SourceShapeError(f"row {header_row} holds no header; say header_row")
    header = ["" if cell is None else _text(cell).strip() for cell in rows[0]]
    kept = [number for number, row in enumerate(rows) if number and any(cell is not None for cell in row)]
    columns = {
        f"c{place}": pa.array(
            [_text(rows[number][place]) if place < len(rows[number]) else "" for number in kept], pa.string()
        )
        for place in range(len(header))
    }
    return header, pa.table(columns), np.array(kept, np.int64) + header_row


def _text(cell: Any) -> str:  # noqa: ANN401 - what a cell may hold
    """Return a cell as text; a number with the digits that it shows at most, a date as the midnight of its day."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime | time):
        return cell.isoformat()
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00:00"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
