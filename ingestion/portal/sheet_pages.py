"""One sheet: look at it, write in it, take a step with it, attach a document."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from ingestion.portal import (
    audit,
    checking,
    choices,
    doubts,
    landing,
    opening,
    posting,
    rights,
    sent_workbooks,
    sheets,
    taking,
    words,
    workbook,
    workflow,
)
from ingestion.portal.checking import Against, Row
from ingestion.portal.home_page import names_of_organizations, summary
from ingestion.portal.kinds import Kind, kinds, monthly
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.sent_workbooks import Sent
from ingestion.portal.sheets import Key, Version
from ingestion.portal.web import Visit, as_json, go
from ingestion.portal.workflow import APPROVED, DRAFT
from lake.errors import LakeError
from lake.site.fault import Fault
from lake.sqlitefile import now

_SHOWN, _EMPTY_LINES = 200, 4
_FIELD = re.compile(r"r(\d{1,5})\.([a-z_]{1,40})")


def key_of(visit: Visit) -> Key:
    """Return the sheet that the address names; raises Refusal where the reader may not see its organisation."""
    asked = visit.request.path_params
    key = Key(asked["kind"], asked["organization"], asked["month"])
    if key.kind not in monthly() or not opening.is_month(key.month) or not visit.rights.of(key.organization_id):
        raise absent()
    if key.month > f"{visit.today:%Y-%m}":
        raise absent()
    return key


@dataclass(frozen=True)
class Open:
    """A sheet with what the reader sees of it."""

    key: Key
    kind: Kind
    version: Version | None
    earlier: list[Version]
    rows: list[Row]
    documents: list[dict[str, Any]]
    is_closed: bool
    sent: Sent | None = None

    @property
    def as_sent(self) -> int:
        """How many rows say what the workbook says."""
        return sum(line is not None for line in self.sent.lines_of(self.rows)) if self.sent else 0


def opened(visit: Visit, key: Key) -> Open:
    """Return a sheet in the version that the address asks for, by default the latest."""
    with visit.portal.database.reading() as connection:
        found = sheets.versions(connection, key)
        asked = visit.request.query_params.get("version", "")
        seen = next((one for one in found if str(one.number) == asked), found[0] if found else None)
        rows = seen.rows if seen else opening.first_rows(connection, key, visit.known)
        documents = sheets.attachments(connection, seen) if seen else []
        is_closed = sheets.is_closed(connection, key.organization_id, key.month)
        sent = sent_workbooks.of(connection, seen) if seen else None
    return Open(key, kinds()[key.kind], seen, found, rows, documents, is_closed, sent)


def show(visit: Visit, faults: list[Fault] | None = None, trouble: str = "", rows: list[Row] | None = None) -> Response:
    """Show a sheet; `rows` and `faults` are those just sent, where they were not kept or not right."""
    sheet = opened(visit, key_of(visit))
    lines = sheet.rows if rows is None else rows
    latest = sheet.version is None or sheet.version == sheet.earlier[0]
    standing = sheet.version.standing if sheet.version else workflow.Standing(DRAFT, frozenset(), sheet.is_closed)
    steps = workflow.possible(standing, visit.actor(sheet.key.organization_id)) if latest else []
    if faults is None and "save" in steps and sheet.version:
        faults = check(visit, sheet, lines).faults
    editable = "save" in steps and len(lines) <= _SHOWN
    with visit.portal.database.reading() as connection:
        remarks = sheets.remarks(connection, sheet.key)
        found = doubts.of(connection, sheet.version) if sheet.version else []
    return visit.page(
        "sheet.html",
        422 if trouble else 200,
        sheet=sheet,
        lines=[*lines[:_SHOWN], *([{}] * _EMPTY_LINES if editable else [])],
        total=len(lines),
        editable=editable,
        steps=[name for name in steps if name != "save" and (sheet.version or name == "submit")],
        faults=by_cell(visit, faults or []),
        faults_count=len(faults or []),
        trouble=trouble,
        choices=choices.of_page(visit, sheet.kind, sheet.key.organization_id),
        organization=names_of_organizations(visit)[sheet.key.organization_id],
        remarks=remarks,
        doubts=found,
        may_close=latest
        and standing.state in ("submitted", "reviewed")
        and not sheet.is_closed
        and bool(visit.rights.of(sheet.key.organization_id) & {"enter", "review", "approve"}),
        colleagues=colleagues(visit, sheet.key),
        people={name: visit.name_of(row) for name, row in rights.people(visit.known.site).items()},
        said=visit.field("said"),
    )


def by_cell(visit: Visit, faults: list[Fault]) -> dict[tuple[int, str], str]:
    """Return the faults by line (from 1) and column, in the reader's words."""
    told: dict[tuple[int, str], list[str]] = {}
    for fault in faults:
        told.setdefault((fault.line, fault.column), []).append(words.fault(fault.message, visit.language))
    return {place: "；".join(said) if visit.language == "zh" else "; ".join(said) for place, said in told.items()}


def check(visit: Visit, sheet: Open, rows: list[Row]) -> checking.Checked:
    """Check the rows of a sheet, numbered from 1."""
    names = [str(one["name"]) for one in sheet.documents]
    against = Against(visit.known, [sheet.key.organization_id], names)
    found = checking.check(sheet.kind, rows, range(1, len(rows) + 1), against)
    if "posted_on" in sheet.kind.spec.columns:
        found.faults.extend(_elsewhere(sheet, found))
    return found


def _elsewhere(sheet: Open, found: checking.Checked) -> Iterator[Fault]:
    """Yield a fault for each row that is of another month than the sheet."""
    for line, place in enumerate(found.places, start=1):
        if place is not None and place[1] != sheet.key.month:
            message = f"is a day of {place[1]}, allowed: days of {sheet.key.month}, or the sheet of that month"
            yield Fault(sheet.kind.spec.file, line, "posted_on", message)


def act(visit: Visit) -> Response:
    """Keep what was written and take the step that was asked for."""
    key, step = key_of(visit), visit.field("step")
    sheet = opened(visit, key)
    if step in ("save", "submit"):
        return _written(visit, sheet, step)
    if sheet.version is None:
        raise absent()
    if step.startswith(("explain:", "give:")):
        return _doubt(visit, sheet.version, *step.split(":", 1))
    if visit.field("revision") != f"{sheet.version.number}.{sheet.version.revision}":
        raise Refusal("changed_meanwhile")
    with visit.portal.database.writing() as connection:
        if step in ("review", "approve"):
            doubts.check_closed(connection, sheet.version)
        if step == "approve":
            posting.check(connection, sheet.version, visit.known, visit.language)
        sheets.step(connection, sheet.version, step, visit.actor(key.organization_id), visit.field("words"))
        _note(visit, connection, key, step, sheet.version.number)
    if step == "approve":
        landing.settle(visit.portal.database, visit.portal.lake, visit.known)
    return _seen(visit, key, "done")


def _written(visit: Visit, sheet: Open, step: str) -> Response:
    """Keep the rows of a draft; where it is to be submitted and is right, submit it."""
    version, actor = sheet.version, visit.actor(sheet.key.organization_id)
    standing = version.standing if version else workflow.Standing(DRAFT, frozenset(), sheet.is_closed)
    workflow.take("save", standing, actor)
    if version and visit.field("revision") != f"{version.number}.{version.revision}":
        raise Refusal("changed_meanwhile")
    rows = sheet.rows if len(sheet.rows) > _SHOWN else _sent(visit, sheet)
    faults = check(visit, sheet, rows).faults
    with visit.portal.database.writing() as connection:
        if version is None:
            version = sheets.begin(connection, sheet.key, rows, visit.person)
        else:
            sheets.save(connection, version, rows, visit.person)
        _note(visit, connection, sheet.key, "save", version.number)
        if step == "submit" and rows and not faults:
            fresh = sheets.latest(connection, sheet.key)
            assert fresh is not None, "it was just saved"
            sheets.step(connection, fresh, "submit", actor, visit.field("words"))
            doubts.find(connection, fresh, visit.known, visit.person)
            _note(visit, connection, sheet.key, "submit", version.number)
    _tell(visit)
    if step == "submit" and (faults or not rows):
        key = "has_faults" if faults else "nothing_to_submit"
        return _faulty(visit, key, faults) if visit.wants_json else show(visit, faults, visit.say(key))
    return _seen(visit, sheet.key, "saved" if step == "save" else "done")


def _faulty(visit: Visit, key: str, faults: list[Fault]) -> Response:
    """Tell a program what keeps a sheet from being submitted."""
    said = [
        {"line": fault.line, "column": fault.column, "message": words.fault(fault.message, visit.language)}
        for fault in faults
    ]
    return as_json({"error": key, "message": visit.say(key), "faults": said}, 422)


def _sent(visit: Visit, sheet: Open) -> list[Row]:
    """Return the rows of the form that hold anything; organisation and month are the sheet's."""
    known = {column.name for column in sheet.kind.typed}
    cells: dict[int, Row] = {}
    for name, value in visit.form.multi_items():
        place = _FIELD.fullmatch(name)
        if place and place[2] in known and isinstance(value, str):
            cells.setdefault(int(place[1]), {})[place[2]] = value.strip()
    own = {"organization_id": sheet.key.organization_id, "month": sheet.key.month}
    implied = {name: value for name, value in own.items() if name in sheet.kind.spec.columns}
    return [{**implied, **row} for _, row in sorted(cells.items()) if any(row.values())]


def _doubt(visit: Visit, version: Version, act_: str, doubt_id: str) -> Response:
    """Close a doubt with a reason, or give it to somebody of the organisation."""
    roles = visit.rights.of(version.key.organization_id)
    if version.is_closed or version.state == APPROVED or not roles & {"enter", "review", "approve"}:
        raise Refusal("not_allowed")
    words_ = visit.field(f"words.{doubt_id}")
    with visit.portal.database.writing() as connection:
        if act_ == "explain":
            doubts.close(connection, version, doubt_id, visit.person, words_)
            sheets.remark(connection, version, visit.person, "explain", words_)
        else:
            person = visit.field(f"person.{doubt_id}")
            if person not in colleagues(visit, version.key):
                raise Refusal("no_person", 404)
            doubts.assign(connection, version, doubt_id, person)
        _note(visit, connection, version.key, act_, version.number)
    _tell(visit)
    return _seen(visit, version.key, "done")


def _tell(visit: Visit) -> None:
    """Tell the lake what became of doubts; where it is locked, it is told a little later."""
    with suppress(LakeError):
        landing.settle(visit.portal.database, visit.portal.lake, visit.known)


def colleagues(visit: Visit, key: Key) -> dict[str, str]:
    """Return who can be given a doubt of a sheet: people with a part in its workflow."""
    found = {}
    for name, row in rights.people(visit.known.site).items():
        if rights.rights(visit.known.site, name, visit.today).of(key.organization_id) & {"enter", "review", "approve"}:
            found[name] = visit.name_of(row)
    return found


def _note(visit: Visit, connection: Connection, key: Key, step: str, number: int) -> None:
    about = audit.About(f"{key.kind}/{key.month}", f"{key.entry_id}/{number}", key.organization_id)
    audit.note(connection, visit.who, step, about)


def _seen(visit: Visit, key: Key, said: str) -> Response:
    if visit.wants_json:
        return told(visit)
    return go(f"{path_of(key)}?said={said}")


def path_of(key: Key) -> str:
    """Return the address of a sheet."""
    return f"/sheets/{key.kind}/{quote(key.organization_id, safe='')}/{key.month}"


def told(visit: Visit) -> Response:
    """Return a sheet for a program."""
    sheet = opened(visit, key_of(visit))
    if sheet.version is None:
        raise absent()
    return as_json({**summary(sheet.version), "rows": sheet.version.rows})


def attach(visit: Visit) -> Response:
    """Keep a document in the lake under its hash and name it in the draft."""
    sheet = opened(visit, key_of(visit))
    standing = sheet.version.standing if sheet.version else workflow.Standing(DRAFT, frozenset(), sheet.is_closed)
    workflow.take("save", standing, visit.actor(sheet.key.organization_id))
    name, content = visit.file("document")
    suffix = taking.document(name, content)
    kept = visit.portal.lake.keep(content, suffix)
    with visit.portal.database.writing() as connection:
        version = sheet.version or sheets.begin(connection, sheet.key, sheet.rows, visit.person)
        connection.execute(
            "insert or replace into attachments values (?, ?, ?, ?, ?, ?, ?, ?)",
            (sheet.key.entry_id, version.number, name, kept.digest, suffix, kept.size_bytes, visit.person, now()),
        )
        sheets.remark(connection, version, visit.person, "attach", f"{name} {kept.digest[:12]}")
        _note(visit, connection, sheet.key, "attach", version.number)
    return _seen(visit, sheet.key, "saved")


def document(visit: Visit) -> Response:
    """Return a document as it was attached, to be saved, never shown inside a page of ours."""
    sheet = opened(visit, key_of(visit))
    wanted = visit.request.path_params["name"]
    for one in sheet.documents:
        if one["name"] == wanted:
            path = visit.portal.lake.payload(str(one["digest"]))
            return FileResponse(path, media_type="application/octet-stream", filename=wanted)
    raise absent()


def as_workbook(visit: Visit) -> Response:
    """Return a sheet as a workbook that can be sent back."""
    sheet = opened(visit, key_of(visit))
    content = workbook.template(
        sheet.kind,
        sheet.kind.uploaded,
        sheet.rows,
        choices.of_workbook(visit, [sheet.key.organization_id]),
        visit.language,
    )
    return xlsx(content, f"{sheet.key.kind}-{sheet.key.organization_id}-{sheet.key.month}.xlsx")


def xlsx(content: bytes, name: str) -> Response:
    """Return a workbook as a download."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}"}
    )
