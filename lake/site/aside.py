"""Sets the rows of a site folder aside that have a fault and that nothing else hangs on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lake.site.csv_file import CsvFile
from lake.site.fault import Fault

#: ref/refused_rows: what stands in the site and is not used. `payload` is the row as JSON, empty where it has another
#: width than the header.
SCHEMA = pa.schema([(name, pa.string()) for name in ("file", "line", "column", "reason", "payload")])
_HEADER = 1


@dataclass(frozen=True)
class Aside:
    """What is used of the files, what is not, and the faults for which the site cannot be read at all."""

    tables: dict[str, pa.Table]
    refused: pa.Table
    blocking: list[Fault]


def split(files: Mapping[str, CsvFile], faults: Iterable[Fault]) -> Aside:
    """Part faults that cost one row from those that cost the site; the tables come without the rows of the former."""
    of_rows = {file.spec.file: file for file in files.values() if file.spec.row_by_row}
    blocking, refused = [], []
    for fault in faults:
        if fault.file in of_rows and fault.line > _HEADER:
            refused.append(fault)
        else:
            blocking.append(fault)
    wrong: dict[str, set[int]] = {}
    for fault in refused:
        wrong.setdefault(fault.file, set()).add(fault.line)
    tables = {name: _without(file, wrong.get(file.spec.file, set())) for name, file in files.items()}
    rows = [_row(of_rows[fault.file], fault) for fault in refused]
    return Aside(tables, pa.Table.from_pylist(rows, SCHEMA), blocking)


def _without(file: CsvFile, lines: set[int]) -> pa.Table:
    if not lines:
        return file.table
    return file.table.filter(pa.array([line not in lines for line in file.lines], pa.bool_()))


def _row(file: CsvFile, fault: Fault) -> dict[str, str | None]:
    payload: dict[str, Any] = {}
    if fault.line in file.lines:
        found = file.table.slice(file.lines.index(fault.line), 1).to_pylist()[0]
        payload = {name: str(value) for name, value in found.items() if value is not None}
    return {
        "file": fault.file,
        "line": str(fault.line),
        "column": fault.column,
        "reason": fault.message,
        "payload": json.dumps(payload, ensure_ascii=False) if payload else None,
    }
