"""Answers of suppliers: one sheet each, whose row is that of supplier_footprints.csv; what was said stands beside it.

A supplier writes and submits, two people of the buyer review and approve: who reviews rates the data, so has written in
it, and somebody else approves.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ingestion.portal import questionnaire, reckoning, sheets, supplier_acts
from ingestion.portal.database import Database
from ingestion.portal.footprint_factors import Factors
from ingestion.portal.kinds import kinds
from ingestion.portal.place import Known
from ingestion.portal.refusal import Refusal
from ingestion.portal.sheets import Key, Row, Version
from ingestion.portal.supplier_acts import Act
from ingestion.portal.workflow import APPROVED, DRAFT, SUBMITTED, Actor
from lake.entries import ANSWERS
from lake.site import relations, supply
from lake.site.csv_file import CsvFile, read_texts
from lake.site.fault import Fault
from lake.sqlitefile import now

_SAID = "said."
#: How long an answer may be used where it says nothing itself (PACT technical specifications, validity period).
_VALID_YEARS = 3
RATINGS = ("dqr_technology", "dqr_time", "dqr_geography")


@dataclass(frozen=True)
class Supplied:
    """Who gives what to whom, as supplier_materials.csv and suppliers.csv have it."""

    organization_id: str
    supplier_id: str
    material: Mapping[str, Any]

    @property
    def sender(self) -> str:
        """Who writes, where a supplier does."""
        return f"supplier:{self.supplier_id}"

    @property
    def stem(self) -> str:
        """How what its sheets are about begins."""
        return f"{self.supplier_id}/{self.material['material']}/"

    def act(self, name: str, person: str, words: str = "", due_on: date | None = None) -> Act:
        """Return an act about it."""
        return Act(self.organization_id, self.supplier_id, self.material["material"], name, person, words, due_on)


@dataclass(frozen=True)
class Judged:
    """What was said, typed and reckoned: the row that it makes, the lines behind it, faults by question."""

    row: Row
    reckoned: reckoning.Reckoned | None
    faults: dict[str, str]


def supplies(known: Known, organization_id: str, supplier_id: str | None = None) -> list[Supplied]:
    """Return what an organisation is given, of one supplier or of all, by the lines of the site that hold today."""
    return [
        Supplied(organization_id, row["supplier_id"], row)
        for row in known.site.tables["supplier_materials"].to_pylist()
        if row["organization_id"] == organization_id
        and (supplier_id is None or row["supplier_id"] == supplier_id)
        and (row["valid_from"] or date.min) <= known.today < (row["valid_to"] or date.max)
    ]


def latest(connection: sqlite3.Connection, supplied: Supplied) -> Version | None:
    """Return the last answer, in its latest version."""
    found = connection.execute(
        "select entry_id from sheets where kind = ? and organization_id = ? and substr(about, 1, ?) = ? "
        "order by rowid desc limit 1",
        (ANSWERS, supplied.organization_id, len(supplied.stem), supplied.stem),
    ).fetchone()
    return sheets.by_id(connection, found["entry_id"])[0] if found else None


def said(version: Version | None) -> dict[str, str]:
    """Return what was said in the questionnaire, by question."""
    row = version.rows[0] if version and version.rows else {}
    return {name.removeprefix(_SAID): text for name, text in row.items() if name.startswith(_SAID)}


def judge(supplied: Supplied, told: Mapping[str, str], known: Known, factors: Factors) -> Judged:
    """Type what was said, reckon where it asks for that, and check the row that it makes."""
    asked = questionnaire.asked(told)
    file = read_texts(
        questionnaire.spec(), {name: [asked.get(name, "")] for name in questionnaire.spec().columns}, [1], known.zone
    )
    typed = file.table.to_pylist()[0]
    faults = {fault.column: fault.message for fault in reversed(file.faults)}
    first, last = typed["reference_first"], typed["reference_last"]
    if first and last and last < first:
        faults.setdefault("reference_last", f"{last} is before {first}, allowed: a later day")
    if last and last > known.today:
        faults.setdefault("reference_last", f"{last} has not come yet, allowed: up to {known.today}")
    if typed["way"] == questionnaire.DECLINED and not typed["comment"]:
        faults.setdefault("comment", "is empty, who declines says why")
    reckoned = None
    if typed["way"] == questionnaire.COMPUTED and first and not faults:
        reckoned = reckoning.reckon(typed, factors)
        faults |= {name: message for name, message in reckoned.faults if name not in faults}
    row = _row(supplied, asked, typed, reckoned, known)
    if not faults:
        faults = {_question(fault, typed["way"]): fault.message for fault in check(row, known)}
    return Judged(row, reckoned, faults)


def _row(
    supplied: Supplied,
    asked: Mapping[str, str],
    typed: Mapping[str, Any],
    reckoned: reckoning.Reckoned | None,
    known: Known,
) -> Row:
    last: date | None = typed["reference_last"]
    until = last + timedelta(days=1) if last else None
    row = {
        "organization_id": supplied.organization_id,
        "supplier_id": supplied.supplier_id,
        "material": supplied.material["material"],
        "declared_unit": supplied.material["unit"],
        "declared_amount": "1",
        "reference_from": asked.get("reference_first", ""),
        "reference_to": until.isoformat() if until else "",
        "valid_to": _years_after(until).isoformat() if until else "",
        "status": "rejected" if typed["way"] == questionnaire.DECLINED else "active",
        "received_on": known.today.isoformat(),
        "way": questionnaire.COMPUTED if typed["way"] == questionnaire.COMPUTED else questionnaire.RESULT,
        "verification": asked.get("verification", "none"),
        **{name: asked[name] for name in ("verifier", "geography", "comment") if name in asked},
        "source": f"{supplied.sender} {last or ''}".strip(),
    }
    if typed["way"] == questionnaire.RESULT:
        row |= {name: asked[name] for name in questionnaire.OF_RESULT if name in asked}
    if reckoned and reckoned.footprint is not None:
        value = f"{reckoned.footprint.normalize():f}"
        row |= {"declared_unit": asked["output_unit"], "footprint_kgco2e": value, "fossil_kgco2e": value}
        if reckoned.own_share is not None:
            row["primary_data_share_ratio"] = f"{reckoned.own_share.normalize():f}"
    return row


def _years_after(day: date) -> date:
    try:
        return day.replace(year=day.year + _VALID_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + _VALID_YEARS, day=28)


def check(row: Row, known: Known) -> list[Fault]:
    """Return what is wrong with a row of supplier_footprints.csv, in the words of the site's check."""
    kind, given = kinds()[ANSWERS], {"supplier_footprint_id": "new", **row}
    file = read_texts(kind.spec, {name: [given.get(name, "")] for name in kind.spec.columns}, [1], known.zone)
    others: dict[str, CsvFile] = {**known.files, ANSWERS: file}
    relations.check_one(file, others)
    supply.check_footprints(file, known.files["supplier_materials"])
    return file.faults


def _question(fault: Fault, way: str) -> str:
    """Return the question that a fault of the row is answered with."""
    if fault.column in questionnaire.spec().columns:
        return fault.column
    by_column = {"reference_from": "reference_first", "reference_to": "reference_last", "valid_to": "reference_last"}
    if fault.column == "declared_unit" and way == questionnaire.COMPUTED:
        return "output_unit"
    return by_column.get(fault.column, "way")


def save(
    connection: sqlite3.Connection, supplied: Supplied, told: Mapping[str, str], judged: Judged, channel: str
) -> Version:
    """Keep a supplier's draft: its open answer, or a new one where there is none or the last was approved.

    Raises Refusal where the answer is under review.
    """
    version, row = latest(connection, supplied), {**judged.row, "channel": channel}
    rows = [{**row, **{f"{_SAID}{name}": text for name, text in told.items() if text}}]
    if version is None or version.state == APPROVED:
        version = _begin(connection, supplied, rows, supplied.sender)
    elif version.state != DRAFT:
        raise Refusal("under_review")
    else:
        sheets.save(connection, version, rows, supplied.sender)
    kept = latest(connection, supplied)
    assert kept is not None, "it was just saved"
    return kept


def _begin(connection: sqlite3.Connection, supplied: Supplied, rows: Sequence[Row], sender: str) -> Version:
    count = connection.execute(
        "select count(*) from sheets where kind = ? and organization_id = ? and substr(about, 1, ?) = ?",
        (ANSWERS, supplied.organization_id, len(supplied.stem), supplied.stem),
    ).fetchone()[0]
    month = str(rows[0]["received_on"])[:7]
    key = Key(ANSWERS, supplied.organization_id, month, f"{supplied.stem}{count + 1}")
    named = [{**row, "supplier_footprint_id": key.entry_id} for row in rows]
    return sheets.begin(connection, key, named, sender)


def submit(connection: sqlite3.Connection, supplied: Supplied, version: Version) -> None:
    """Hand an answer in for review."""
    key = version.key.entry_id
    sheets.save(connection, version, [{**row, "supplier_footprint_id": key} for row in version.rows], supplied.sender)
    fresh = sheets.by_id(connection, key)[0]
    sheets.step(connection, fresh, "submit", Actor(supplied.sender, frozenset(("enter",))), "")
    supplier_acts.note(connection, supplied.act("submitted", supplied.sender))


def withdraw(connection: sqlite3.Connection, supplied: Supplied, version: Version) -> None:
    """Take an answer back that nobody has reviewed yet."""
    sheets.step(connection, version, "withdraw", Actor(supplied.sender, frozenset(("enter",))), "")
    supplier_acts.note(connection, supplied.act("withdrawn", supplied.sender))


def attach(connection: sqlite3.Connection, version: Version, document: tuple[str, str, str, int], person: str) -> None:
    """Name a document (name, payload hash, suffix, bytes) in a version."""
    name, digest, suffix, size = document
    connection.execute(
        "insert or replace into attachments values (?, ?, ?, ?, ?, ?, ?, ?)",
        (version.key.entry_id, version.number, name, digest, suffix, size, person, now()),
    )


def receive(
    database: Database,
    known: Known,
    row: Row,
    documents: Sequence[tuple[str, str, str, int]] = (),
    sender: str = "",
) -> str:
    """Take an answer that came by another way, a row of supplier_footprints.csv, for review; return its id.

    The same row again changes nothing. Another row of the same record goes in its place while nobody has approved it,
    and is the next version once somebody has. Raises Refusal where the row does not hold.
    """
    person = sender or f"supplier:{row.get('supplier_id', '')}"
    given = {"channel": "pact", "received_on": known.today.isoformat(), "status": "active", **row}
    faults = check(given, known)
    if faults:
        raise Refusal("answer_refused", 422, column=faults[0].column, reason=faults[0].message)
    supplied = next(
        (
            one
            for one in supplies(known, given["organization_id"], given["supplier_id"])
            if one.material["material"] == given["material"]
        ),
        None,
    )
    if supplied is None:
        raise Refusal("absent", 404)
    with database.writing() as connection:
        version = _of_record(connection, supplied, given.get("record_id", ""))
        if version is not None and _same(version.rows[0], given):
            return version.key.entry_id
        version = _replaced(connection, version, supplied, given, person)
        for document in documents:
            attach(connection, version, document, person)
        sheets.step(connection, version, "submit", Actor(person, frozenset(("enter",))), "")
        supplier_acts.note(connection, supplied.act("submitted", person))
        return version.key.entry_id


def _of_record(connection: sqlite3.Connection, supplied: Supplied, record_id: str) -> Version | None:
    found = connection.execute(
        "select entry_id from sheets where kind = ? and organization_id = ? and substr(about, 1, ?) = ?",
        (ANSWERS, supplied.organization_id, len(supplied.stem), supplied.stem),
    ).fetchall()
    for line in found if record_id else ():
        version = sheets.by_id(connection, line["entry_id"])[0]
        if version.rows and version.rows[0].get("record_id") == record_id:
            return version
    return None


def _same(held: Row, given: Row) -> bool:
    names = {*held, *given} - {"supplier_footprint_id", "received_on", *RATINGS}
    return all(held.get(name, "") == given.get(name, "") for name in names)


def _replaced(
    connection: sqlite3.Connection, version: Version | None, supplied: Supplied, row: Row, person: str
) -> Version:
    """Return a draft that holds the row: a new sheet, the open version, or the one after what was approved."""
    if version is None:
        return _begin(connection, supplied, [row], person)
    key, actor = version.key.entry_id, Actor(person, frozenset(("enter", "review", "approve")))
    if version.state == APPROVED:
        sheets.step(connection, version, "correct", actor, "the supplier sent the record anew")
    elif version.state != DRAFT:
        step = "return" if version.state == SUBMITTED else "refuse"
        sheets.step(connection, version, step, actor, "the supplier sent the record anew")
    sheets.save(connection, sheets.by_id(connection, key)[0], [{**row, "supplier_footprint_id": key}], person)
    return sheets.by_id(connection, key)[0]


def rated(version: Version, ratings: Mapping[str, str]) -> list[Row]:
    """Return the row with the ratings of who reviews it; raises Refusal for one that is none."""
    given = {name: ratings[name] for name in RATINGS if ratings.get(name)}
    for text in given.values():
        if text not in ("1", "2", "3", "4", "5"):
            raise Refusal("rating_needed", 422)
    row = {**version.rows[0], **given}
    if row.get("status") == "active" and not all(row.get(name) for name in RATINGS):
        raise Refusal("rating_needed", 422)
    return [row]


def as_told(supplied: Supplied, told: Mapping[str, str]) -> bytes:
    """Return what was said as it is kept verbatim."""
    said_ = {"supplier_id": supplied.supplier_id, "material": supplied.material["material"], "said": dict(told)}
    return json.dumps(said_, ensure_ascii=False, sort_keys=True, indent=1).encode()
