"""From an approved sheet back to who stands for it and to the bytes that it came as, by what lies in the lake alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake import entries, payloads, tablerows
from lake.entries import READINGS
from lake.errors import LakeError
from lake.store import Lake


@dataclass(frozen=True)
class Kept:
    """A payload as it lies in the lake: its hash, its file, and whether the file still has that hash."""

    digest: str
    path: Path
    is_unchanged: bool


@dataclass(frozen=True)
class Evidence:
    """One approved version: its line (columns of ENTRY), its rows in `table`, and the payloads that it rests on.

    `is_current` says whether the newest snapshot of the site's things in ref/ has these rows; readings have no rows
    there, they are current as soon as they have landed.
    """

    line: Mapping[str, Any]
    table: str
    rows: list[dict[str, Any]]
    version: Kept
    workbook: Kept | None
    is_current: bool


def of(lake: Lake, source: str, entry_id: str) -> list[Evidence]:
    """Return the approved versions of a sheet, the first one first; none where nothing of it was approved."""
    if not lake.exists("raw", f"{source}__entry"):
        return []
    found = [line for line in entries.lines(lake, source).to_pylist() if line["entry_id"] == entry_id]
    return [_of(lake, source, line) for line in sorted(found, key=lambda line: int(line["version"]))]


def _of(lake: Lake, source: str, line: Mapping[str, Any]) -> Evidence:
    entity, batch = str(line["entity"]), str(line["batch_id"])
    name = f"{source}__{'reading' if entity == READINGS else entity}"
    rows: list[dict[str, Any]] = []
    if lake.exists("raw", name):
        landed = tablerows.read(lake.path("raw", name), filters=[("batch_id", "=", batch)])
        rows = sorted(landed.to_pylist(), key=lambda row: int(row["position"]))
    version, workbook = _kept(lake, batch), line["workbook_hash"]
    if entity == READINGS and workbook:
        lines = json.loads(version.path.read_bytes())["workbook"]["lines"]
        rows = [{**row, "workbook_line": lines[row["position"]]} for row in rows]
    return Evidence(
        line,
        f"raw/{name}",
        rows,
        version,
        _kept(lake, str(workbook)) if workbook else None,
        entity == READINGS or _is_current(lake, entity, f"{line['entry_id']}/{line['version']}"),
    )


def _is_current(lake: Lake, entity: str, entry: str) -> bool:
    if not lake.exists("ref", entity):
        return False
    rows = tablerows.read(lake.path("ref", entity))
    if "entry" not in rows.column_names or rows.num_rows == 0:
        return False
    newest = lake.snapshot_times().get(entity)
    return any(row["entry"] == entry and row["known_at"] == newest for row in rows.to_pylist())


def _kept(lake: Lake, digest: str) -> Kept:
    """Look at the payload of a hash; raises LakeError where it is gone."""
    path = lake.payload(digest)
    return Kept(digest, path, payloads.digest_of(path) == digest)


def source_of(lake: Lake) -> str:
    """Return the source that approved sheets came by; raises LakeError where there is none."""
    found = [name.removesuffix("__entry") for name in lake.tables("raw") if name.endswith("__entry")]
    if not found:
        raise LakeError(f"{lake.root}: no sheet was approved in it yet; the entry portal brings them (nengtan serve)")
    return found[0]
