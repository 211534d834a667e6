"""The alerts that last, as the last run published them, and who acknowledged them since."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lake import published
from lake.errors import LakeError
from lake.sqlitefile import now

Row = Mapping[str, Any]
_LASTING = """
    select alert_id, rule_id, subject, organization_id, severity, message_zh, message_en, kind_name_zh, kind_name_en,
        severity_name_zh, severity_name_en, raised_at, escalated_at, acknowledged_by, acknowledged_at, remark
    from energy.alerts where closed_at is null
    order by list_position(['high', 'medium', 'low'], severity), raised_at desc, alert_id
"""


def lasting(marts: Path, organizations: Sequence[str]) -> list[dict[str, Any]]:
    """Return the alerts of these organisations that have not ended; none where nothing is published."""
    try:
        with published.opened(marts) as connection:
            known = connection.execute(
                "select 1 from information_schema.tables where table_schema = 'energy' and table_name = 'alerts'"
            ).fetchall()
            rows = connection.sql(_LASTING).to_arrow_table().to_pylist() if known else []
    except LakeError:
        return []
    return [row for row in rows if row["organization_id"] in organizations]


def with_said(connection: sqlite3.Connection, alerts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the alerts with what was said of them since the last run."""
    said = {row["alert_id"]: row for row in connection.execute("select * from acknowledgements order by at desc")}
    found = []
    for alert in alerts:
        row = said.get(alert["alert_id"])
        if alert["acknowledged_by"] is None and row is not None:
            alert |= {"acknowledged_by": row["person_id"], "acknowledged_at": row["at"], "remark": row["remark"]}
        elif alert["acknowledged_at"] is not None:
            alert |= {"acknowledged_at": alert["acknowledged_at"].isoformat()}
        found.append({**alert, "raised_at": alert["raised_at"].isoformat()})
    return found


def acknowledge(connection: sqlite3.Connection, alert: Row, person: str, remark: str) -> None:
    """Keep that a person acknowledged an alert; the first one counts, later ones stand beside it."""
    connection.execute(
        "insert into acknowledgements (alert_id, rule_id, subject, organization_id, raised_at, person_id, at, remark) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            alert["alert_id"],
            alert["rule_id"],
            alert["subject"],
            alert["organization_id"],
            alert["raised_at"].isoformat(),
            person,
            now(),
            remark or None,
        ),
    )


def untold(connection: sqlite3.Connection) -> list[tuple[int, dict[str, Any]]]:
    """Return what the lake was not told yet: its number, and a row of lake.acknowledgements."""
    return [
        (
            row["number"],
            {
                **{name: row[name] for name in ("alert_id", "rule_id", "subject", "organization_id", "person_id")},
                "raised_at": datetime.fromisoformat(row["raised_at"]),
                "acknowledged_at": datetime.fromisoformat(row["at"]),
                "remark": row["remark"],
            },
        )
        for row in connection.execute("select * from acknowledgements where is_told = 0 order by number")
    ]


def mark_told(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Remember what the lake was told."""
    connection.executemany("update acknowledgements set is_told = 1 where number = ?", [(one,) for one in numbers])
