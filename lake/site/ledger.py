"""The files of the ledger: what a row of each kind says, serials that stand twice, and what was never held.

What is held depends on what was entered in the portal, too: there it is judged when all of it is together, that is
when somebody approves and when a run takes it up.
"""

import polars as pl

from lake.ledger import rows, serials
from lake.site.csv_file import CsvFile


def check(files: dict[str, CsvFile], *, is_entered: bool) -> None:
    """Check the rows of the ledger; `is_entered` where the portal has more of it than the files."""
    for name in rows.TABLES:
        check_rows(files[name])
    tables = {name: files[name].table for name in rows.TABLES}
    if not is_entered and any(table.num_rows for table in tables.values()):
        for fault in rows.settled(tables)[1]:
            name, row = fault.entry.place
            column = "quantity_t" if fault.column == "quantity" and name != rows.CERTIFICATES else fault.column
            files[name].fault(row, column, fault.reason)


def check_rows(file: CsvFile) -> None:
    """Check what each row says by itself."""
    if "kind" in file.spec.columns:
        _check_kinds(file)
    if "serial_from" in file.spec.columns:
        _check_serials(file)


def _check_kinds(file: CsvFile) -> None:
    """A row says what its kind needs, and nothing that it would ignore."""
    for cells in file.frame().filter(pl.col("kind").is_not_null()).to_dicts():
        row, kind = cells["row"], cells["kind"]
        _check_cell(file, row, "compliance_year", cells, is_needed=kind == "surrendered")
        if kind in ("bought", "sold") and cells["counterparty"] is None:
            file.fault(row, "counterparty", f"is empty, what was {kind} names the other side")
        if "to_vintage" not in cells:
            continue
        _check_cell(file, row, "to_vintage", cells, is_needed=kind == "carried_over")
        before, after = cells["vintage"], cells["to_vintage"]
        if before is not None and after is not None and after <= before:
            file.fault(row, "to_vintage", f"{after} is not after {before}, allowed: a later year")


def _check_cell(file: CsvFile, row: int, column: str, cells: dict[str, object], *, is_needed: bool) -> None:
    if is_needed and cells[column] is None:
        file.fault(row, column, f"is empty, a row of kind {cells['kind']} needs it")
    elif not is_needed and cells[column] is not None:
        file.fault(row, column, f"is given, but a row of kind {cells['kind']} has no use for it, leave it empty")


def _check_serials(file: CsvFile) -> None:
    """Both ends of a range stand together and are of one run."""
    for row, first, last in file.frame().select("row", "serial_from", "serial_to").iter_rows():
        if (first is None) != (last is None):
            column = "serial_from" if first is None else "serial_to"
            file.fault(row, column, "is empty, a range has a first and a last serial")
        elif first is not None and isinstance(found := serials.between(first, last), str):
            file.fault(row, "serial_from", found)
