"""The packs that were issued, as evidence/packs of the lake: who holds which head outside can be looked up."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake import commits, datafiles, tablerows
from lake.schemas import UTC as INSTANT
from lake.store import Lake

if TYPE_CHECKING:
    from quality.pack.issue import Issued

AREA, TABLE = "evidence", "packs"
PACK = pa.schema(
    [
        pa.field("issued_at", INSTANT, nullable=False),
        pa.field("organization_id", pa.string()),  # null: the whole site
        pa.field("period", pa.string(), nullable=False),
        pa.field("period_from", pa.date32(), nullable=False),
        pa.field("period_to", pa.date32(), nullable=False),
        pa.field("known_at", INSTANT, nullable=False),
        pa.field("publication_number", pa.int64(), nullable=False),
        pa.field("code_hash", pa.string(), nullable=False),
        pa.field("head_number", pa.int64(), nullable=False),
        pa.field("head_root_hash", pa.string(), nullable=False),
        pa.field("pack_sha256", pa.string(), nullable=False),
        pa.field("bytes_count", pa.int64(), nullable=False),
        pa.field("members_count", pa.int64(), nullable=False),
        pa.field("readings_count", pa.int64(), nullable=False),
        pa.field("file_name", pa.string(), nullable=False),
    ]
)
#: As people read them: with the names of the organisation.
MART = pa.schema([*PACK, pa.field("organization_name_zh", pa.string()), pa.field("organization_name_en", pa.string())])


def append(lake: Lake, issued: "Issued", now: datetime | None = None) -> None:
    """Write one line for a pack that was made."""
    place = lake.path(AREA, TABLE)
    rows = pa.Table.from_pylist([_line(issued, now or datetime.now(UTC))], PACK)
    commits.commit(commits.open_or_create(place, PACK), [datafiles.write(rows, place, {})])


def rows(lake: Lake) -> list[dict[str, Any]]:
    """Return the packs that were issued, the first one first."""
    if not lake.exists(AREA, TABLE):
        return []
    found: list[dict[str, Any]] = tablerows.read(lake.path(AREA, TABLE)).to_pylist()
    return sorted(found, key=lambda row: row["issued_at"])


def _line(issued: "Issued", now: datetime) -> dict[str, Any]:
    said, file = issued.manifest, Path(issued.file)
    return {
        "issued_at": now,
        "organization_id": said["organization"],
        "period": said["period"],
        "period_from": date.fromisoformat(said["from"]),
        "period_to": date.fromisoformat(said["to"]),
        "known_at": datetime.fromisoformat(said["publication"]["published_at"]),
        "publication_number": said["publication"]["number"],
        "code_hash": said["publication"]["code_hash"],
        "head_number": said["head"]["number"],
        "head_root_hash": said["head"]["root_hash"],
        "pack_sha256": issued.sha256,
        "bytes_count": file.stat().st_size,
        "members_count": len(said["members"]),
        "readings_count": said["readings"]["count"],
        "file_name": file.name,
    }
