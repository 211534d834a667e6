"""The doubts of a sheet: found when it is submitted, given to who submitted it, closed with a reason by a person."""

import sqlite3
from collections.abc import Sequence

from ingestion.portal import checking, opening, review, sheets
from ingestion.portal.checking import Against
from ingestion.portal.kinds import kinds
from ingestion.portal.place import Known
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.review import Looked, Row
from ingestion.portal.sheets import Key, Version
from ingestion.portal.workflow import APPROVED
from lake.site.closure import organization_closure
from lake.sqlitefile import now


def find(connection: sqlite3.Connection, version: Version, known: Known, person: str) -> int:
    """Look at a submitted version with the site's rules; return how many doubts it has.

    A doubt of an earlier submission that is found again keeps its reason; one that is gone is gone.
    """
    entry, number = version.key.entry_id, version.number
    found = review.doubts(_looked(connection, version, known), _rules(version.key, known))
    kept = [doubt.doubt_id for doubt in found]
    connection.execute(
        f"delete from doubts where entry_id = ? and version = ? and doubt_id not in ({', '.join('?' * len(kept))})",
        (entry, number, *kept),
    )
    for doubt in found:
        connection.execute(
            "insert or ignore into doubts (entry_id, version, doubt_id, rule_id, line, subject, message_zh, "
            "message_en, assigned_to) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry,
                number,
                doubt.doubt_id,
                doubt.rule_id,
                doubt.line,
                doubt.subject,
                doubt.message_zh,
                doubt.message_en,
                person,
            ),
        )
    return len(found)


def of(connection: sqlite3.Connection, version: Version) -> list[dict[str, object]]:
    """Return the doubts of a version, the open ones first."""
    found = connection.execute(
        "select * from doubts where entry_id = ? and version = ? order by closed_at is not null, line, rule_id",
        (version.key.entry_id, version.number),
    )
    return [dict(row) for row in found]


def close(connection: sqlite3.Connection, version: Version, doubt_id: str, person: str, reason: str) -> None:
    """Close a doubt with a reason."""
    if not reason:
        raise Refusal("words_needed", 422)
    changed = connection.execute(
        "update doubts set closed_by = ?, closed_at = ?, reason = ? "
        "where entry_id = ? and version = ? and doubt_id = ? and closed_at is null",
        (person, now(), reason, version.key.entry_id, version.number, doubt_id),
    )
    if changed.rowcount == 0:
        raise absent()


def assign(connection: sqlite3.Connection, version: Version, doubt_id: str, person: str) -> None:
    """Give an open doubt to somebody."""
    changed = connection.execute(
        "update doubts set assigned_to = ? where entry_id = ? and version = ? and doubt_id = ? and closed_at is null",
        (person, version.key.entry_id, version.number, doubt_id),
    )
    if changed.rowcount == 0:
        raise absent()


def check_closed(connection: sqlite3.Connection, version: Version) -> None:
    """Raise Refusal where a doubt of the version is open."""
    if any(doubt["closed_at"] is None for doubt in of(connection, version)):
        raise Refusal("open_doubts")


def given(connection: sqlite3.Connection, person: str, organizations: Sequence[str]) -> list[dict[str, object]]:
    """Return the open doubts that a person was given, with their sheet."""
    marks = ", ".join("?" * len(organizations))
    found = connection.execute(
        "select doubts.*, sheets.kind, sheets.organization_id, sheets.month, sheets.about "
        "from doubts inner join sheets using (entry_id) inner join versions using (entry_id, version) "
        f"where assigned_to = ? and closed_at is null and state <> ? and organization_id in ({marks}) "
        "order by month desc",
        (person, APPROVED, *organizations),
    )
    return [dict(row) for row in found]


def _rules(key: Key, known: Known) -> list[Row]:
    closure = organization_closure(known.site.tables["organizations"]).to_pylist()
    above = {row["ancestor"] for row in closure if row["descendant"] == key.organization_id}
    return [
        rule
        for rule in known.site.tables["review_rules"].to_pylist()
        if rule["entity"] == key.kind and (rule["organization_id"] is None or rule["organization_id"] in above)
    ]


def _looked(connection: sqlite3.Connection, version: Version, known: Known) -> Looked:
    key, kind = version.key, kinds()[version.key.kind]

    def typed(rows: list[dict[str, str]]) -> Sequence[Row]:
        found = checking.check(kind, rows, range(1, len(rows) + 1), Against(known, [key.organization_id])).table
        typed_rows: list[Row] = found.to_pylist()
        return typed_rows

    def of_month(month: str) -> Sequence[Row]:
        other = Key(key.kind, key.organization_id, month)
        approved = [one for one in sheets.versions(connection, other) if one.state == APPROVED]
        return typed(approved[0].rows if approved else opening.in_file(kind, other, known))

    return Looked(key.kind, key.month, typed(version.rows), of_month)
