"""Which state of each doubt the lake was told, so that each change is told to it."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from lake.review_doubts import CLOSED, MENDED, OPEN

Key = tuple[str, int, str]
_SELECT = (
    "select doubts.*, sheets.kind, sheets.organization_id, sheets.month from doubts inner join sheets using (entry_id)"
)
_TEXTS = ("rule_id", "organization_id", "subject", "message_zh", "message_en", "assigned_to", "closed_by", "reason")


@dataclass(frozen=True)
class News:
    """How a doubt stands, which the lake does not know yet."""

    key: Key
    said: dict[str, Any]

    def row(self, at: datetime) -> dict[str, Any]:
        """Return it as a row of lake.review_doubts.DOUBT, told at an instant."""
        entry, version, doubt = self.key
        closed_at = self.said["closed_at"]
        return {
            **self.said,
            "entry_id": entry,
            "version": version,
            "doubt_id": doubt,
            "month": date.fromisoformat(f"{self.said['month']}-01"),
            "closed_at": datetime.fromisoformat(closed_at) if closed_at else None,
            "told_at": at,
        }


def news(connection: sqlite3.Connection) -> list[News]:
    """Return the doubts that stand otherwise than was told, and those that are gone because their sheet was mended."""
    told: dict[Key, dict[str, Any]] = {
        (row["entry_id"], row["version"], row["doubt_id"]): json.loads(row["said"])
        for row in connection.execute("select * from told_doubts")
    }
    now = {(row["entry_id"], row["version"], row["doubt_id"]): _said(row) for row in connection.execute(_SELECT)}
    for key, said in told.items():
        if key not in now:
            closed_at = said["closed_at"] or datetime.now(UTC).isoformat()
            now[key] = said if said["state"] == MENDED else {**said, "state": MENDED, "closed_at": closed_at}
    return [News(key, said) for key, said in now.items() if said != told.get(key)]


def mark(connection: sqlite3.Connection, told: Sequence[News]) -> None:
    """Remember what was told."""
    connection.executemany(
        "insert or replace into told_doubts values (?, ?, ?, ?)",
        [(*one.key, json.dumps(one.said, ensure_ascii=False)) for one in told],
    )


def _said(row: sqlite3.Row) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _TEXTS},
        "entity": row["kind"],
        "month": row["month"],
        "line": row["line"],
        "state": OPEN if row["closed_at"] is None else CLOSED,
        "closed_at": row["closed_at"],
    }
