"""Which footprints of products were released, and which withdrawn: raw/footprints__release, which is only added to.

A release carries its whole record, so that it never changes with a later run; a withdrawal is a row of its own. A later
release of the same product follows the one before. The evidence chain seals these rows like all of raw/.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from lake import commits, tablerows
from lake.schemas import UTC as INSTANT
from lake.store import Lake

SOURCE, TABLE = "footprints", "footprints__release"
RELEASED, WITHDRAWN = "released", "withdrawn"
RELEASE = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),  # a UUID, the id that partners know
        pa.field("step", pa.string(), nullable=False),  # released, withdrawn
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("period", pa.string(), nullable=False),  # 2025-06 or 2025
        pa.field("version", pa.int32(), nullable=False),  # counts the releases of a product from 1
        pa.field("at", INSTANT, nullable=False),
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("way", pa.string(), nullable=False),  # portal or command
        pa.field("reason", pa.string()),
        pa.field("publication_number", pa.int64()),  # of the marts it was made from
        pa.field("published_at", INSTANT),
        pa.field("code_hash", pa.string()),
        pa.field("content_hash", pa.string(), nullable=False),  # of what is said about the product
        pa.field("record", pa.string()),  # canonical JSON, in the row of the release
    ]
)


def rows(lake: Lake) -> list[dict[str, Any]]:
    """Return the rows of RELEASE in the order of their writing."""
    if not lake.exists("raw", TABLE):
        return []
    found = tablerows.read(lake.path("raw", TABLE)).to_pylist()
    found = [{**row, "at": row["at"].astimezone(UTC)} for row in found]
    return sorted(found, key=lambda row: (row["at"], row["version"], row["step"]))


def version(lake: Lake) -> int | None:
    """Return the version of the table, which changes with each row; None before the first."""
    return DeltaTable(lake.path("raw", TABLE)).version() if lake.exists("raw", TABLE) else None


def append(lake: Lake, row: Mapping[str, Any]) -> None:
    """Add a row of RELEASE; the caller writes for SOURCE (lake.writing) from its check to here."""
    path = lake.path("raw", TABLE)
    commits.open_or_create(path, RELEASE)
    commits.append(path, pa.Table.from_pylist([dict(row)], RELEASE))


def told(lake: Lake) -> pa.Table:
    """Return the rows without their records, as ref/ keeps them so that a run sees that something was released."""
    return pa.Table.from_pylist(rows(lake), RELEASE).drop_columns(["record"])
