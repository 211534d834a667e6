"""What was done about suppliers' answers in the entry portal, as raw rows; raw/<source>__supplier_act only grows."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from lake import commits, tablerows
from lake.schemas import UTC
from lake.store import Lake

#: asked: a link was made, with the day the answer is due; submitted, withdrawn: by the supplier; returned: for mending;
#: refused: by who approves. The answers themselves are sheets of kind supplier_footprints.
ACTS = ("asked", "submitted", "withdrawn", "returned", "refused", "approved")
ACT = pa.schema(
    [
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("supplier_id", pa.string(), nullable=False),
        pa.field("material", pa.string(), nullable=False),
        pa.field("act", pa.string(), nullable=False),
        pa.field("at", UTC, nullable=False),
        pa.field("due_on", pa.date32()),
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("words", pa.string()),
    ]
)
_KEY = ("at", "organization_id", "supplier_id", "material", "act")


def land(lake: Lake, source: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of ACT; told again, they say the same once more."""
    with lake.writing(source):
        path = lake.path("raw", f"{source}__supplier_act")
        commits.open_or_create(path, ACT)
        commits.append(path, pa.Table.from_pylist(list(rows), ACT))


def all_of(lake: Lake, source: str | None) -> pa.Table:
    """Return what was done, each once, in the order of its doing; none where the site has no portal."""
    if source is None or not lake.exists("raw", f"{source}__supplier_act"):
        return pa.Table.from_batches([], ACT)
    rows = tablerows.read(lake.path("raw", f"{source}__supplier_act")).to_pylist()
    done = {tuple(row[name] for name in _KEY): row for row in rows}
    return pa.Table.from_pylist([done[key] for key in sorted(done)], ACT)
