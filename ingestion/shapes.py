"""Tables of files to received rows: long (a row is a reading) and wide (a column is a point)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion import values
from ingestion.points import loosely
from ingestion.source import Context
from ingestion.time import Clock
from lake.errors import SourceShapeError

_LONG = {"address": "point_id", "time": "reading_at", "value": "value", "status": "status", "known": "known_at"}
_NEEDED = ("address", "time", "value")


@dataclass(frozen=True)
class Shape:
    """Which column of a file means what; `columns` are places in its header."""

    columns: dict[str, int]
    is_wide: bool
    clock: Clock


def shape_of(header: Sequence[str], context: Context) -> Shape:
    """Match a file's header with the source's mapping, tolerantly: case, spaces, dots, dashes, underscores."""
    mapping = context.mapping()
    found = {loosely(name): place for place, name in reversed(list(enumerate(header)))}
    clock = _clock(mapping.get("time") or {}, context)
    if mapping.get("shape") == "wide":
        return Shape(_once(_wide(found, mapping, context), header), is_wide=True, clock=clock)
    names = _LONG | {str(key): str(name) for key, name in (mapping.get("columns") or {}).items()}
    columns = {key: found[loosely(name)] for key, name in names.items() if loosely(name) in found}
    for key in _NEEDED:
        if key not in columns:
            raise SourceShapeError(f"no column {names[key]!r}; the header is {', '.join(header[:20])}")
    return Shape(_once(columns, header), is_wide=False, clock=clock)


def _once(columns: dict[str, int], header: Sequence[str]) -> dict[str, int]:
    """Return the columns, each of which must stand once in the header: which of two is meant is not guessed."""
    counts = Counter(loosely(name) for name in header)
    for place in columns.values():
        if counts[loosely(header[place])] > 1:
            raise SourceShapeError(f"column {header[place]!r} stands twice in the header; name each column once")
    return columns


def received(shape: Shape, table: pa.Table, positions: npt.NDArray[np.int64]) -> pa.Table:
    """Return received rows of a table whose columns have the names of the shape."""
    return _unpivoted(table, positions) if shape.is_wide else table.append_column("position", pa.array(positions))


def _unpivoted(table: pa.Table, positions: npt.NDArray[np.int64]) -> pa.Table:
    """Return one received row per cell that holds something; an empty cell is no reading."""
    parts = []
    for name in (name for name in table.column_names if name != "time"):
        cells = table.column(name)
        present = np.flatnonzero(~np.asarray(values.is_missing(cells)))
        address = pa.DictionaryArray.from_arrays(np.zeros(len(present), np.int32), pa.array([name]))
        parts.append(
            pa.table(
                {
                    "position": positions[present],
                    "address": address,
                    "time": table.column("time").take(pa.array(present)),
                    "value": cells.take(pa.array(present)),
                }
            )
        )
    return pa.concat_tables(parts, promote_options="permissive")


def _wide(found: Mapping[str, int], mapping: Mapping[str, Any], context: Context) -> dict[str, int]:
    time = str((mapping.get("time") or {}).get("column", "reading_at"))
    if loosely(time) not in found:
        raise SourceShapeError(f"no time column {time!r}; the columns are {', '.join(list(found)[:20])}")
    columns = {address: found[loosely(address)] for address in context.points.addresses() if loosely(address) in found}
    if not columns:
        raise SourceShapeError(f"no column is the address of a point of source {context.source}")
    return {"time": found[loosely(time)], **columns}


def _clock(time: Mapping[str, Any], context: Context) -> Clock:
    return Clock(
        zone=context.zone(),
        unit=time.get("unit", "iso"),
        layout=time.get("format"),
        ambiguous=time.get("ambiguous", "refuse"),
        midnight=time.get("midnight", "same_day"),
        shift_minutes=context.interval_minutes if time.get("label", "end") == "start" else 0,
    )
