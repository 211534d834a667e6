"""Files that a historian, a logger or a person drops: CSV and Parquet, long and wide, by a glob.

A file that is unchanged since it landed (size and time of change, same mapping and points) is not opened. A changed
one is read whole: the lake keeps only what is new of it. What cannot be read at all is one refused row, so that the
other files go on.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import admit, csv_text, shapes
from ingestion.source import Context, Keep, Memory, now
from lake.batch import Batch
from lake.errors import SourceAwayError, SourceShapeError
from lake.schemas import READING, REFUSED


@dataclass(frozen=True)
class _Found:
    """A file of the source and how the lake names it."""

    path: Path
    origin: str
    stamp: str


def read(context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
    """Yield a batch per new or changed file, in order of their names."""
    for found in _found(context):
        if memory.cursors.get(found.origin) != found.stamp:
            yield _batch(context, memory, keep, found)


def _found(context: Context) -> list[_Found]:
    pattern = Path(str(context.settings["path"])).expanduser()
    root, parts = (
        (Path(pattern.anchor), pattern.parts[1:]) if pattern.is_absolute() else (context.folder, pattern.parts)
    )
    fixed = 0
    while fixed < len(parts) - 1 and not any(mark in parts[fixed] for mark in "*?["):
        fixed += 1
    base = root.joinpath(*parts[:fixed])
    if not base.is_dir():
        raise SourceAwayError(f"source {context.source}: there is no folder {base}; mount it, or correct `path`")
    fingerprint = context.fingerprint()
    paths = sorted(path for path in base.glob("/".join(parts[fixed:])) if path.is_file())
    return [_Found(path, path.relative_to(base).as_posix(), _stamp(path, fingerprint)) for path in paths]


def _stamp(path: Path, fingerprint: str) -> str:
    facts = path.stat()
    return json.dumps({"bytes": facts.st_size, "changed_ns": facts.st_mtime_ns, "read_as": fingerprint})


def _batch(context: Context, memory: Memory, keep: Keep, found: _Found) -> Batch:
    received_at = now()
    kept = keep(found.path, found.path.suffix if found.path.suffix.isascii() else "")
    try:
        reader = _parquet if _format(context, found.path) == "parquet" else _csv
        admitted = reader(kept.path, context)
    except (SourceShapeError, pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError) as cause:
        refused = admit.refusal(0, "bad_payload", f"{found.origin}: {cause}", None)
        admitted = admit.Admitted(READING.empty_table(), refused)
    return Batch(
        source=context.source,
        origin=found.origin,
        payload=kept,
        suffix=found.path.suffix,
        received_at=received_at,
        readings=admitted.readings,
        refused=admitted.refused,
        decimals=context.decimals,
        known_at=memory.known_at(kept.digest, received_at),
        cursor=found.stamp,
    )


def _format(context: Context, path: Path) -> str:
    named = "parquet" if path.suffix.lower() in (".parquet", ".pq") else "csv"
    return str(context.settings.get("format") or named)


def _csv(path: Path, context: Context) -> admit.Admitted:
    settings = context.settings
    text = csv_text.decode(path.read_bytes(), settings.get("encoding") or "utf-8", settings.get("delimiter"))
    shape = shapes.shape_of(text.header, context)
    coded = {"time", "status", "known"} if shape.is_wide else {"address", "time", "status", "known"}
    found = csv_text.rows(text, shape.columns, coded)
    rows = (shapes.wide_rows if shape.is_wide else shapes.long_rows)(found.table, found.lines)
    admitted = admit.admit(rows, context.points, context.rules(shape.clock), now(), text.lines)
    malformed = [
        {"position": line, "reason_code": "bad_row", "reason": why, "payload": text.line(line)}
        for line, why in sorted(found.malformed.items())
    ]
    refused = pa.concat_tables([admitted.refused, pa.Table.from_pylist(malformed, REFUSED)])
    return admit.Admitted(admitted.readings, refused)


def _parquet(path: Path, context: Context) -> admit.Admitted:
    file = pq.ParquetFile(path)
    header = file.schema_arrow.names
    shape = shapes.shape_of(header, context)
    table = file.read(columns=[header[place] for place in shape.columns.values()])
    by_place = {place: table.column(header[place]) for place in shape.columns.values()}
    named = pa.table({name: by_place[place] for name, place in shape.columns.items()})
    positions = np.arange(1, named.num_rows + 1)
    rows = (shapes.wide_rows if shape.is_wide else shapes.long_rows)(named, positions)

    def verbatim(numbers: list[int]) -> list[str]:
        taken = table.take(pa.array([number - 1 for number in numbers]))
        return [json.dumps(row, default=str, ensure_ascii=False) for row in taken.to_pylist()]

    return admit.admit(rows, context.points, context.rules(shape.clock), now(), verbatim)
