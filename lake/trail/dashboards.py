"""The log of Superset, from its own database: who looked at, asked for, exported or changed what.

Superset does not chain its log; the trail does, where it takes a line in. Lines about its own insides (each statement
that it sends, what its pages measure of themselves) are left where they are.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.chained import Line, follows, said
from lake.trail.act import CHANGE, DONE, ENTRY, READ, REFUSED, Act

_ENTRIES = {"login": DONE, "logout": DONE, "login_failed": REFUSED}
_READS = ("data", "samples", "export", "export_csv", "execute_sql_query", "get_results", "get_column_values")
_PAGES = ("dashboard", "explore")
_CHANGES = ("post", "put", "delete", "bulk_delete", "import_", "put_filters", "put_colors", "copy_dash")
#: What a page keeps for its reader while he looks: no change of anything.
_PASSING = ("FilterState", "FormData", "Permalink", "LogRestApi")
_FILES = ("csv", "xlsx")
_LINES = """
    select
        logs.id as number,
        replace(logs.dttm, ' ', 'T') || '+00:00' as at,
        logs.action,
        logs.json,
        ab_user.username,
        dashboards.slug,
        slices.slice_name,
        slices.datasource_name as drawn,
        tables.table_name as asked
    from logs
    left join ab_user on logs.user_id = ab_user.id
    left join dashboards on logs.dashboard_id = dashboards.id
    left join slices on logs.slice_id = slices.id
    left join tables
        on json_valid(logs.json) and json_extract(logs.json, '$.datasource.id') = tables.id
    where logs.id > ?
    order by logs.id
"""


@dataclass(frozen=True)
class Dashboards:
    """Superset's log as a register of the trail."""

    path: Path
    name: str = "dashboards"
    log: None = None

    def after(self, connection: sqlite3.Connection, number: int, before: str) -> Iterator[Line]:
        """Give the lines behind a number that say who did what; all where the log was begun anew since."""
        newest = connection.execute("select max(id) from logs").fetchone()[0] or 0
        for row in connection.execute(_LINES, (number if number <= newest else 0,)):
            told = _told(row)
            if told is not None:
                text = said(told)
                line = Line(row["number"], row["at"], text, before, follows(before, text))
                yield line
                before = line.hash

    def shaped(self, said: str) -> Act:
        """Return what a line means."""
        line = json.loads(said)
        name = line["action"].rsplit(".", 1)[-1]
        effect = ENTRY if name in _ENTRIES else CHANGE if name in _CHANGES else READ
        is_file = line["format"] in _FILES or name in ("export", "export_csv")
        return Act(
            door="dashboards",
            effect=effect,
            act="export" if is_file else line["action"],
            actor=line["username"],
            subject=line["mart"] or line["page"] or line["chart"] or line["path"],
            detail=said,
            outcome=_ENTRIES.get(name, DONE),
        )


def _told(row: sqlite3.Row) -> dict[str, Any] | None:
    """Return what is kept of a line of Superset's; None where it says nothing of a person's doing."""
    action = str(row["action"] or "")
    name = action.rsplit(".", 1)[-1]
    is_meant = name in _ENTRIES or action in _PAGES or ("." in action and name in (*_READS, *_CHANGES))
    if not is_meant or any(word in action for word in _PASSING):
        return None
    sent = _sent(row["json"])
    return {
        "at": row["at"],
        "action": action,
        "username": row["username"] or sent.get("username"),
        "page": row["slug"],
        "chart": row["slice_name"],
        "mart": row["asked"] or row["drawn"],
        "path": sent.get("path"),
        "format": sent.get("result_format"),
        "sql": sent.get("sql"),
    }


def _sent(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
