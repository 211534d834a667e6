"""What people said of alerts in the entry portal, as raw rows: raw/<source>__acknowledgement is only added to."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from lake import commits, tablerows
from lake.schemas import UTC
from lake.store import Lake

#: An alert is known by its rule, its subject and the instant it was raised, which late data may move a little.
ACKNOWLEDGEMENT = pa.schema(
    [
        pa.field("alert_id", pa.string(), nullable=False),
        pa.field("rule_id", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("raised_at", UTC, nullable=False),
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("acknowledged_at", UTC, nullable=False),
        pa.field("remark", pa.string()),
    ]
)


def land(lake: Lake, source: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of ACKNOWLEDGEMENT; told again, they say the same once more."""
    with lake.writing(source):
        path = lake.path("raw", f"{source}__acknowledgement")
        commits.open_or_create(path, ACKNOWLEDGEMENT)
        commits.append(path, pa.Table.from_pylist(list(rows), ACKNOWLEDGEMENT))


def all_of(lake: Lake, source: str | None) -> pa.Table:
    """Return what was said, each once, in the order of its saying; none where the site has no source of this kind."""
    if source is None or not lake.exists("raw", f"{source}__acknowledgement"):
        return pa.Table.from_batches([], ACKNOWLEDGEMENT)
    rows = tablerows.read(lake.path("raw", f"{source}__acknowledgement")).to_pylist()
    said = {(row["alert_id"], row["person_id"], row["acknowledged_at"]): row for row in rows}
    ordered = sorted(said.values(), key=lambda row: (row["acknowledged_at"], row["alert_id"], row["person_id"]))
    return pa.Table.from_pylist(ordered, ACKNOWLEDGEMENT)
