"""What was done about suppliers' answers, kept until the lake was told."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lake.sqlitefile import now


@dataclass(frozen=True)
class Act:
    """What was done, by whom, for which material; an act about a supplier names each of its materials."""

    organization_id: str
    supplier_id: str
    material: str
    name: str
    person: str
    words: str = ""
    due_on: date | None = None


def note(connection: sqlite3.Connection, act: Act) -> None:
    """Keep an act, in the transaction of what it tells of."""
    connection.execute(
        "insert into supplier_acts (organization_id, supplier_id, material, act, at, due_on, person_id, words) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            act.organization_id,
            act.supplier_id,
            act.material,
            act.name,
            now(),
            act.due_on.isoformat() if act.due_on else None,
            act.person,
            act.words or None,
        ),
    )


def untold(connection: sqlite3.Connection) -> list[tuple[int, dict[str, Any]]]:
    """Return what the lake was not told yet, as rows of lake.supplier_acts.ACT, with their numbers."""
    found = connection.execute("select * from supplier_acts where not is_told order by number")
    names = ("organization_id", "supplier_id", "material", "act", "person_id", "words")
    return [
        (
            row["number"],
            {
                **{name: row[name] for name in names},
                "at": datetime.fromisoformat(row["at"]),
                "due_on": date.fromisoformat(row["due_on"]) if row["due_on"] else None,
            },
        )
        for row in found
    ]


def mark_told(connection: sqlite3.Connection, numbers: list[int]) -> None:
    """Keep that the lake knows."""
    connection.executemany("update supplier_acts set is_told = 1 where number = ?", [(number,) for number in numbers])


def last(connection: sqlite3.Connection, organizations: list[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the last act about each supply of organisations: buyer, supplier, material."""
    marks = ", ".join("?" * len(organizations))
    found = connection.execute(
        f"select * from supplier_acts where organization_id in ({marks}) order by number", organizations
    )
    return {(row["organization_id"], row["supplier_id"], row["material"]): dict(row) for row in found}
