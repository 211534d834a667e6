"""A month's clinker of the park, corrected with the entry portal's own Excel template, reviewed and approved."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook

from tests.integration import portal_site

SHEET = "/sheets/production/cement/2025-12"
NAME = "熟料复磅 2025-12.xlsx"


@dataclass(frozen=True)
class Entered:
    """The workbook as it was sent, the line and column of the clinker in it, and what the site's file says instead."""

    workbook: bytes
    line: int
    column: int
    filed: Decimal
    quantity: Decimal


def by_workbook(site: Path, lake: Path, home: Path, environment: Mapping[str, str]) -> Entered:
    """Fetch the sheet as a workbook, change one cell, send it back, and let others review and approve it."""
    with portal_site.opened(site, lake, home, environment) as (portal, _):
        manager, deputy = portal.signed_in("p02"), portal.signed_in("p07")
        entered = _filled(manager.get(f"{SHEET}/workbook").content)
        manager.get("/upload")
        answer = manager.post("/upload", {"workbook": (NAME, entered.workbook)}, kind="production")
        assert answer.status_code == 200, answer.text
        rows = manager.get(f"/api{SHEET}").json()["rows"]
        cells = {
            f"r{number}.{name}": text
            for number, row in enumerate(rows, start=1)
            for name, text in row.items()
            if name not in ("organization_id", "month")
        }
        manager.step(SHEET, "submit", **cells)
        for step in ("review", "approve"):
            deputy.step(SHEET, step)
        assert manager.get(f"/api{SHEET}").json()["batch_id"], "it is in the lake"
    return entered


def _filled(template: bytes) -> Entered:
    book = load_workbook(io.BytesIO(template))
    sheet = book["production"]
    heads = [cell.value for cell in sheet[1]]
    product, column = heads.index("product_id") + 1, heads.index("quantity") + 1
    line = next(row for row in range(3, sheet.max_row + 1) if sheet.cell(row, product).value == "clinker")
    filed = Decimal(str(sheet.cell(line, column).value))
    sheet.cell(line, column, 149000.25)
    out = io.BytesIO()
    book.save(out)
    return Entered(out.getvalue(), line, column, filed, Decimal("149000.25"))
