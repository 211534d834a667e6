"""Cells of tables that leave the house: what a spreadsheet would take for a formula is marked as text.

A spreadsheet that opens a CSV file reckons whatever begins like a formula, and some formulas start programs or call
out (CWE-1236, "CSV injection").
"""

import re
from collections.abc import Iterable
from typing import Any

#: What begins a formula, in letters of either width; spaces, tabs and ends of line before it are passed over.
BEGINS = r"^[\s\x00]*[=@+\-＝＠＋－]"
#: A sign with nothing but digits and what stands between: a number, a date, a telephone, a dash. It can do nothing.
HARMLESS = r"^\s*[+\-＋－][\d\s.,:/()%+\-－]*([eE][+-]?\d+\s*)?$"
_BEGINS, _HARMLESS = re.compile(BEGINS), re.compile(HARMLESS)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would reckon this text instead of showing it."""
    return _BEGINS.match(text) is not None and _HARMLESS.match(text) is None


def plain(text: str) -> str:
    """Return a text as it may stand in a CSV file: an apostrophe before what would be a formula."""
    return f"'{text}" if is_formula(text) else text


def as_texts(sheets: Iterable[Any]) -> None:
    """Let no cell of a workbook of ours be a formula: a text that begins like one is shown, also after an edit."""
    for sheet in sheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and is_formula(cell.value):
                    cell.data_type, cell.quotePrefix = "s", True
