"""Sheets on their way: one for each kind, organisation and month, with its versions, remarks and attachments.

An answer of a supplier is a sheet about something (who gives what, which time); no closed month locks it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

from ingestion.portal import workflow
from ingestion.portal.refusal import Refusal
from ingestion.portal.workflow import APPROVED, DRAFT, Actor, Standing
from lake.sqlitefile import now

Row = dict[str, str]


@dataclass(frozen=True)
class Key:
    """Which sheet: month as 2025-01; `about` where a month has several of a kind."""

    kind: str
    organization_id: str
    month: str
    about: str = ""

    @property
    def entry_id(self) -> str:
        """The sheet's id in the lake: the same for the same sheet."""
        told = json.dumps([self.kind, self.organization_id, self.month, *([self.about] if self.about else [])])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Version:
    """One version of a sheet."""

    key: Key
    number: int
    state: str
    rows: list[Row]
    revision: int
    reason: str | None
    authors: frozenset[str]
    submitted_by: str | None = None
    submitted_at: str | None = None
    reviewed_by: str | None = None
    reviewed_at: str | None = None
    approved_by: str | None = None
    approved_at: str | None = None
    batch_id: str | None = None
    changed_at: str = ""
    is_closed: bool = False

    @property
    def standing(self) -> Standing:
        """What the workflow has to know of it."""
        return Standing(self.state, self.authors, self.is_closed)


_SELECT = (
    "select sheets.kind, sheets.organization_id, sheets.month, sheets.about, versions.*, "
    "closed_months.at is not null and sheets.about = '' as is_closed "
    "from versions inner join sheets using (entry_id) left join closed_months using (organization_id, month)"
)


def _version(row: sqlite3.Row) -> Version:
    return Version(
        Key(row["kind"], row["organization_id"], row["month"], row["about"]),
        row["version"],
        row["state"],
        json.loads(row["rows"]),
        row["revision"],
        row["reason"],
        frozenset(json.loads(row["authors"])),
        row["submitted_by"],
        row["submitted_at"],
        row["reviewed_by"],
        row["reviewed_at"],
        row["approved_by"],
        row["approved_at"],
        row["batch_id"],
        row["changed_at"],
        bool(row["is_closed"]),
    )


def versions(connection: sqlite3.Connection, key: Key) -> list[Version]:
    """Return the versions of a sheet, the latest first."""
    found = connection.execute(f"{_SELECT} where entry_id = ? order by version desc", (key.entry_id,))
    return [_version(row) for row in found]


def latest(connection: sqlite3.Connection, key: Key) -> Version | None:
    """Return the latest version of a sheet, if there is one."""
    return next(iter(versions(connection, key)), None)


def by_id(connection: sqlite3.Connection, entry_id: str) -> list[Version]:
    """Return the versions of the sheet of an id, the latest first."""
    found = connection.execute(f"{_SELECT} where entry_id = ? order by version desc", (entry_id,))
    return [_version(row) for row in found]


def before(connection: sqlite3.Connection, version: Version) -> Version | None:
    """Return the version that this one corrects, if it is not the first."""
    return next((one for one in versions(connection, version.key) if one.number == version.number - 1), None)


def overview(connection: sqlite3.Connection, organizations: Sequence[str]) -> Iterator[Version]:
    """Yield the latest version of every sheet of these organisations."""
    marks = ", ".join("?" * len(organizations))
    found = connection.execute(
        f"{_SELECT} where organization_id in ({marks}) and version = "
        "(select max(version) from versions as others where others.entry_id = versions.entry_id) order by month desc",
        list(organizations),
    )
    yield from (_version(row) for row in found)


def is_closed(connection: sqlite3.Connection, organization_id: str, month: str) -> bool:
    """Whether a month is closed for an organisation."""
    found = connection.execute(
        "select 1 from closed_months where organization_id = ? and month = ?", (organization_id, month)
    )
    return found.fetchone() is not None


def begin(connection: sqlite3.Connection, key: Key, rows: Sequence[Row], person: str) -> Version:
    """Make the first version of a sheet, a draft."""
    if not key.about and is_closed(connection, key.organization_id, key.month):
        raise Refusal("month_closed")
    connection.execute("insert into sheets values (?, ?, ?, ?, ?)", (key.entry_id, *astuple(key)))
    return _insert(connection, key, person, rows)


def _insert(
    connection: sqlite3.Connection, key: Key, person: str, rows: Sequence[Row], corrects: tuple[int, str] | None = None
) -> Version:
    """Make a draft: the first version, or the one after that which it corrects, with the reason."""
    before, reason = corrects or (0, None)
    connection.execute(
        "insert into versions (entry_id, version, state, rows, revision, reason, authors, changed_at) "
        "values (?, ?, ?, ?, 1, ?, ?, ?)",
        (key.entry_id, before + 1, DRAFT, _text(rows), reason, json.dumps([person]), now()),
    )
    made = latest(connection, key)
    assert made is not None, "it was just made"
    return made


def save(connection: sqlite3.Connection, seen: Version, rows: Sequence[Row], person: str) -> None:
    """Keep the rows of a draft, unless somebody else has changed it since it was seen."""
    _change(
        connection,
        seen,
        rows=_text(rows),
        authors=json.dumps(sorted({*seen.authors, person})),
        revision=seen.revision + 1,
    )


def step(connection: sqlite3.Connection, seen: Version, name: str, actor: Actor, words: str) -> None:
    """Take a step of the workflow with a version as it was seen; a correction begins the next version."""
    after, person = workflow.take(name, seen.standing, actor, words), actor.person
    if name == "correct":
        made = _insert(connection, seen.key, person, seen.rows, (seen.number, words.strip()))
        _carry_attachments(connection, seen)
        return remark(connection, made, person, name, words)
    authors = json.dumps(sorted({*seen.authors, person}))
    stamps: Mapping[str, str | None] = {
        "submit": {"submitted_by": person, "submitted_at": now(), "authors": authors},
        "review": {"reviewed_by": person, "reviewed_at": now()},
        "approve": {"approved_by": person, "approved_at": now()},
    }.get(name, {})
    if after == DRAFT:
        stamps = dict.fromkeys(("submitted_by", "submitted_at", "reviewed_by", "reviewed_at"))
    _change(connection, seen, state=after, revision=seen.revision + 1, **stamps)
    return remark(connection, seen, person, name, words)


def _carry_attachments(connection: sqlite3.Connection, seen: Version) -> None:
    connection.execute(
        "insert into attachments select entry_id, ?, name, digest, suffix, size_bytes, person_id, at from attachments "
        "where entry_id = ? and version = ?",
        (seen.number + 1, seen.key.entry_id, seen.number),
    )


def _change(connection: sqlite3.Connection, seen: Version, **values: object) -> None:
    values["changed_at"] = now()
    changed = connection.execute(
        f"update versions set {', '.join(f'{name} = ?' for name in values)} "
        "where entry_id = ? and version = ? and revision = ?",
        (*values.values(), seen.key.entry_id, seen.number, seen.revision),
    )
    if changed.rowcount == 0:
        raise Refusal("changed_meanwhile")


def remark(connection: sqlite3.Connection, version: Version, person: str, step_: str, words: str) -> None:
    """Keep what was done and said of a version."""
    connection.execute(
        "insert into remarks values (?, ?, ?, ?, ?, ?)",
        (version.key.entry_id, version.number, now(), person, step_, words.strip()),
    )


def remarks(connection: sqlite3.Connection, key: Key) -> list[dict[str, object]]:
    """Return what was done and said of a sheet, the latest first."""
    found = connection.execute("select * from remarks where entry_id = ? order by at desc", (key.entry_id,))
    return [dict(row) for row in found]


def attachments(connection: sqlite3.Connection, seen: Version) -> list[dict[str, object]]:
    """Return the documents of a version."""
    found = connection.execute(
        "select * from attachments where entry_id = ? and version = ? order by name", (seen.key.entry_id, seen.number)
    )
    return [dict(row) for row in found]


def unlanded(connection: sqlite3.Connection) -> list[Version]:
    """Return the approved versions that are not in the lake yet, in the order of their approval."""
    found = connection.execute(f"{_SELECT} where state = ? and batch_id is null order by approved_at", (APPROVED,))
    return [_version(row) for row in found]


def approved(connection: sqlite3.Connection, kinds: Sequence[str]) -> list[Version]:
    """Return of each sheet of these kinds the latest version that was approved."""
    marks = ", ".join("?" * len(kinds))
    found = connection.execute(
        f"{_SELECT} where kind in ({marks}) and version = (select max(version) from versions as others "
        "where others.entry_id = versions.entry_id and others.state = ?) order by entry_id",
        (*kinds, APPROVED),
    )
    return [_version(row) for row in found]


def mark_landed(connection: sqlite3.Connection, version: Version, batch_id: str) -> None:
    """Keep the payload that an approved version is in the lake as."""
    connection.execute(
        "update versions set batch_id = ? where entry_id = ? and version = ?",
        (batch_id, version.key.entry_id, version.number),
    )


def _text(rows: Sequence[Row]) -> str:
    return json.dumps(list(rows), ensure_ascii=False)
