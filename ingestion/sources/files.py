"""Files that a historian, a logger or a person drops: CSV, Parquet and Excel, long and wide, by a glob.

A file that is unchanged since it landed (size and time of change, same mapping and points) is not opened. A changed
one is read whole: the lake keeps only what is new of it. What cannot be read at all is one refused row, so that the
other files go on.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import admit, csv_text, excel_table, shapes, verbatim
from ingestion.ahead import ahead
from ingestion.source import Context, Keep, Memory, now
from lake.batch import Batch, Part
from lake.errors import SourceAwayError, SourceShapeError
from lake.schemas import READING, REFUSED

_ROWS = 1_000_000
#: Who writes a file line by line writes again within this time.
_WRITING_NS = 60 * 10**9
_BEGINNING = 65536
#: Columns of a long table that say the same few texts again and again.
_CODED = ("address", "status")
_ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".xlsx": "excel", ".xlsm": "excel"}
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,12}")
#: What a file that is not what it claims to be makes its reader raise; a time beyond every calendar overflows.
_UNREADABLE = (SourceShapeError, pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError, OverflowError)


@dataclass(frozen=True)
class _Found:
    """A file of the source and how the lake names it."""

    path: Path
    origin: str
    stamp: str
    changed_ns: int

    def is_open(self) -> bool:
        """Whether somebody still writes it: it changed a moment ago, and its last line has no end."""
        if time.time_ns() - self.changed_ns > _WRITING_NS:
            return False
        with self.path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 2))
            return not file.read().rstrip(b"\0").endswith(b"\n")


def read(context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
    """Yield a batch per new or changed file, in order of their names; those that may not be read are named at last."""
    closed = []
    for found in _found(context):
        if not os.access(found.path, os.R_OK):
            closed.append(found.origin)
        elif memory.cursors.get(found.origin) != found.stamp and not _is_hardly_begun(context, found):
            yield _batch(context, memory, keep, found)
    if closed:
        told = ", ".join(closed[:5]) + (f" and {len(closed) - 5} more" if len(closed) > 5 else "")
        raise SourceAwayError(
            f"source {context.source}: no right to read {told}; give it to the account that runs this"
        )


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
    return [_facts(path, path.relative_to(base).as_posix(), fingerprint) for path in paths]


def _facts(path: Path, origin: str, fingerprint: str) -> _Found:
    facts = path.stat()
    stamp = json.dumps({"bytes": facts.st_size, "changed_ns": facts.st_mtime_ns, "read_as": fingerprint})
    return _Found(path, origin, stamp, facts.st_mtime_ns)


def _batch(context: Context, memory: Memory, keep: Keep, found: _Found) -> Batch:
    received_at = now()
    suffix = found.path.suffix if _SUFFIX.fullmatch(found.path.suffix) else ""
    kept = keep(found.path, suffix)
    is_open = _format(context, found.path) == "csv" and replace(found, path=kept.path).is_open()
    parts = ahead(_parts(context, kept.path, found, is_open=is_open))
    first = next(parts)
    return Batch(
        source=context.source,
        origin=found.origin,
        payload=kept,
        suffix=suffix,
        received_at=received_at,
        readings=first.readings,
        refused=first.refused,
        decimals=context.decimals,
        known_at=memory.known_at(kept.digest, received_at),
        cursor=None if is_open else found.stamp,
        more=parts,
    )


def again(context: Context, payload: Path) -> Iterator[Part]:
    """Yield what is understood of a file that the lake kept; positions are those of its first reading."""
    yield from _parts(context, payload, _facts(payload, payload.name, context.fingerprint()), is_open=False)


def _is_hardly_begun(context: Context, found: _Found) -> bool:
    """Whether somebody has just made a CSV file and not yet written its first line."""
    if _format(context, found.path) != "csv" or not found.is_open():
        return False
    with found.path.open("rb") as file:
        return b"\n" not in file.read(_BEGINNING)


def _parts(context: Context, path: Path, found: _Found, *, is_open: bool) -> Iterator[Part]:
    """Yield what is understood of a file, stretch by stretch; where it cannot be read on, a refused row says why."""
    layout = _format(context, found.path)
    try:
        if layout == "csv":
            yield from _csv(path, context, is_open=is_open)
        else:
            yield from _parquet(path, context) if layout == "parquet" else _excel(path, context)
    except _UNREADABLE as cause:
        told = str(cause).replace(str(path), found.origin).replace("\n", " ")
        yield Part(READING.empty_table(), admit.refusal(0, "bad_payload", f"{found.origin}: {told}", None))


def _format(context: Context, path: Path) -> str:
    return str(context.settings.get("format") or _ENDINGS.get(path.suffix.lower(), "csv"))


def _csv(path: Path, context: Context, *, is_open: bool) -> Iterator[Part]:
    settings = context.settings
    encoding, delimiter = settings.get("encoding") or "utf-8", settings.get("delimiter")
    with path.open("rb") as file:
        for text in csv_text.stretches(file, encoding, delimiter, is_open=is_open):
            shape = shapes.shape_of(text.header, context)
            coded = {"time", "status", "known"} if shape.is_wide else {"address", "time", "status", "known"}
            found = csv_text.rows(text, shape.columns, coded)
            rows = shapes.received(shape, found.table, found.lines)
            admitted = admit.admit(rows, context.points, context.rules(shape.clock), now(), text.lines)
            malformed = [
                {"position": line, "reason_code": "bad_row", "reason": why, "payload": text.line(line)}
                for line, why in sorted(found.malformed.items())
            ]
            refused = pa.concat_tables([admitted.refused, pa.Table.from_pylist(malformed, REFUSED)])
            yield Part(admitted.readings, refused)


def _excel(path: Path, context: Context) -> Iterator[Part]:
    mapping = context.mapping()
    header, table, numbers = excel_table.header_and_rows(path, mapping.get("sheet"), int(mapping.get("header_row", 1)))
    shape = shapes.shape_of(header, context)
    named = pa.table({name: table.column(place) for name, place in shape.columns.items()})
    told = dict(zip(numbers.tolist(), verbatim.rows(named), strict=True))
    rows = shapes.received(shape, named, numbers)
    rules = context.rules(shape.clock)
    admitted = admit.admit(rows, context.points, rules, now(), lambda asked: [told[number] for number in asked])
    yield Part(admitted.readings, admitted.refused)


def _parquet(path: Path, context: Context) -> Iterator[Part]:
    with pq.ParquetFile(path) as file:
        header = file.schema_arrow.names
        shape = shapes.shape_of(header, context)
    named_once = [header[place] for name, place in shape.columns.items() if name in _CODED and not shape.is_wide]
    with pq.ParquetFile(path, read_dictionary=named_once) as file:
        wanted = [header[place] for place in shape.columns.values()]
        before = 0
        for piece in file.iter_batches(batch_size=_ROWS, columns=list(dict.fromkeys(wanted))):
            table = pa.table(piece)
            named = pa.table({name: table.column(header[place]) for name, place in shape.columns.items()})
            rows = shapes.received(shape, named, np.arange(1, named.num_rows + 1) + before)

            def told(numbers: list[int], table: pa.Table = table, before: int = before) -> list[str]:
                return verbatim.rows(table.take(pa.array([number - 1 - before for number in numbers])))

            admitted = admit.admit(rows, context.points, context.rules(shape.clock), now(), told)
            before += named.num_rows
            yield Part(admitted.readings, admitted.refused)
        if before == 0:
            yield Part(READING.empty_table(), REFUSED.empty_table())
