"""The factor library as Arrow tables: numbers that come from documents, never from meters."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML

from factors.check import Fault, row_faults, table_faults, typed
from factors.numbers import numbers
from factors.spec import Table, tables
from lake.errors import FactorError
from lake.units import conversions_table, units_table

TABLES_DIR = Path(__file__).with_name("tables")
SOURCES_FILE = Path(__file__).with_name("sources.yaml")


@dataclass
class _Read:
    """One table as read: its rows with their lines, and what is wrong with them."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def load(folder: Path = TABLES_DIR) -> dict[str, pa.Table]:
    """Return every factor table by the name it has under ref/, with `factor_numbers`, `units` and `unit_conversions`.

    Raises FactorError naming every bad row as file:line: column: what is wrong.
    """
    read = _read(folder)
    faults = [str(fault) for found in read.values() for fault in found.faults]
    if faults:
        raise FactorError("the factor library has faults:\n" + "\n".join(faults))
    specs = tables()
    loaded = {
        name: pa.Table.from_pylist([row for _, row in found.rows], schema=specs[name].schema)
        for name, found in read.items()
    }
    loaded["factor_numbers"] = numbers(loaded)
    return loaded | {"units": units_table(), "unit_conversions": conversions_table()}


def check(folder: Path = TABLES_DIR) -> list[Fault]:
    """Return everything that is wrong with the tables of a folder, all at once."""
    return [fault for found in _read(folder).values() for fault in found.faults]


def sources() -> dict[str, dict[str, str]]:
    """Return the documents behind the tables by source_id."""
    return dict(YAML(typ="safe").load(SOURCES_FILE)["sources"])


def _read(folder: Path) -> dict[str, _Read]:
    known = set(sources())
    return {name: _table(table, folder, known) for name, table in tables().items()}


def _table(table: Table, folder: Path, known_sources: set[str]) -> _Read:
    file, read = folder / f"{table.name}.csv", _Read()
    if not file.is_file():
        read.faults.append(Fault(file, 1, table.key, "the file is missing; the library needs it"))
        return read
    for line, cells in _lines(file):
        if line == 1:
            read.faults += _header_faults(table, file, cells)
            continue
        row, faults = typed(table, file, line, cells)
        read.faults += faults
        if not faults:
            read.faults += row_faults(table, file, line, row)
            read.rows.append((line, row))
        if row.get("source_id") and row["source_id"] not in known_sources:
            words = f"'{row['source_id']}' is not in sources.yaml; add the document"
            read.faults.append(Fault(file, line, "source_id", words))
    read.faults += table_faults(table, file, read.rows)
    return read


def _header_faults(table: Table, file: Path, cells: dict[str, str]) -> Iterator[Fault]:
    for column in table.columns.keys() - cells.keys():
        yield Fault(file, 1, column, "the column is missing")
    for column in cells.keys() - table.columns.keys():
        yield Fault(file, 1, str(column), "the column is not declared in tables.yaml")


def _lines(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, cells), the header first, as a row that names itself."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        yield 1, {name: name for name in reader.fieldnames or ()}
        for cells in reader:
            yield reader.line_num, cells
