"""What the review rules doubted in entered sheets, and what people said to it, as raw rows.

raw/<source>__doubt has a row each time something changes in a doubt: it is found, given to somebody, closed with a
reason, or gone because its sheet was mended. The last row of a doubt is how it stands.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from lake import commits, tablerows
from lake.schemas import UTC
from lake.store import Lake

OPEN, CLOSED, MENDED = "open", "closed", "mended"
DOUBT = pa.schema(
    [
        pa.field("entry_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("doubt_id", pa.string(), nullable=False),
        pa.field("rule_id", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("message_zh", pa.string(), nullable=False),
        pa.field("message_en", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("assigned_to", pa.string()),
        pa.field("closed_by", pa.string()),
        pa.field("closed_at", UTC),
        pa.field("reason", pa.string()),
        pa.field("told_at", UTC, nullable=False),
    ]
)
_KEY = ["entry_id", "version", "doubt_id"]


def land(lake: Lake, source: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of DOUBT; told again, they say the same once more."""
    with lake.writing(source):
        path = lake.path("raw", f"{source}__doubt")
        commits.open_or_create(path, DOUBT)
        commits.append(path, pa.Table.from_pylist(list(rows), DOUBT))


def latest(lake: Lake, source: str | None) -> pa.Table:
    """Return how each doubt stands; columns of DOUBT, none where the site has no source of this kind."""
    if source is None or not lake.exists("raw", f"{source}__doubt"):
        return DOUBT.empty_table()
    frame = pl.from_arrow(tablerows.read(lake.path("raw", f"{source}__doubt")))
    assert isinstance(frame, pl.DataFrame)
    last = frame.sort("told_at", maintain_order=True).unique(_KEY, keep="last", maintain_order=True)
    return last.sort(_KEY).to_arrow().cast(DOUBT)
