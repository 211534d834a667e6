"""Which workbook a sheet was filled from: kept in the lake by its hash, here with the line of each row."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.portal.sheets import Row, Version


@dataclass(frozen=True)
class Sent:
    """A filled workbook: its name, its hash in payloads/, who sent it and when."""

    name: str
    digest: str
    person_id: str
    at: str
    rows: list[Row]
    lines: list[int]

    def lines_of(self, rows: Sequence[Row]) -> list[int | None]:
        """Return for each row the line of the workbook that says the same; None where none (any more) does."""
        places: dict[frozenset[tuple[str, str]], list[int]] = {}
        for row, line in zip(self.rows, self.lines, strict=True):
            places.setdefault(_said(row), []).append(line)
        return [found.pop(0) if (found := places.get(_said(row))) else None for row in rows]


def keep(connection: sqlite3.Connection, version: Version, sent: Sent) -> None:
    """Remember the workbook that a version was filled from."""
    connection.execute(
        "insert into workbooks (entry_id, version, name, digest, rows, lines, person_id, at) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            version.key.entry_id,
            version.number,
            sent.name,
            sent.digest,
            json.dumps(sent.rows, ensure_ascii=False),
            json.dumps(sent.lines),
            sent.person_id,
            sent.at,
        ),
    )


def of(connection: sqlite3.Connection, version: Version) -> Sent | None:
    """Return the last workbook sent for a version, or for one that it corrects."""
    row = connection.execute(
        "select * from workbooks where entry_id = ? and version <= ? order by number desc limit 1",
        (version.key.entry_id, version.number),
    ).fetchone()
    if row is None:
        return None
    return Sent(
        row["name"], row["digest"], row["person_id"], row["at"], json.loads(row["rows"]), json.loads(row["lines"])
    )


def _said(row: Row) -> frozenset[tuple[str, str]]:
    return frozenset((name, text) for name, text in row.items() if text)
