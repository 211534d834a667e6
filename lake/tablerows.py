"""A small Delta table read whole into memory."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from pyarrow import fs


def read(path: Path, columns: list[str] | None = None, filters: list[tuple[str, str, Any]] | None = None) -> pa.Table:
    """Return a table's rows, all columns or those named, those that a filter keeps.

    The files are read by Arrow's own file system. deltalake's calls back into Python from Arrow's threads, and one that
    still reads ahead when the interpreter ends aborts the process ("terminate called without an active exception").
    """
    files = fs.SubTreeFileSystem(str(path), fs.LocalFileSystem())
    rows: pa.Table = DeltaTable(path).to_pyarrow_table(columns=columns, filters=filters, filesystem=files)
    return rows
