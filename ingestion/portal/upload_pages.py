"""Workbooks: a template down, a filled one up; drafts where all of it is right, else each wrong cell is named."""

from collections.abc import Sequence
from sqlite3 import Connection

from starlette.responses import Response

from ingestion.portal import (
    audit,
    checking,
    choices,
    kept_uploads,
    sent_workbooks,
    sheets,
    words,
    workbook,
    workflow,
)
from ingestion.portal.checking import Against
from ingestion.portal.kept_uploads import Upload
from ingestion.portal.kinds import Kind, monthly
from ingestion.portal.refusal import absent
from ingestion.portal.sent_workbooks import Sent
from ingestion.portal.sheet_pages import xlsx
from ingestion.portal.sheets import Key, Row
from ingestion.portal.web import Visit, as_json
from ingestion.portal.workbook import Filled
from ingestion.portal.workflow import APPROVED, DRAFT
from lake.entries import READINGS
from lake.site.fault import Fault
from lake.sqlitefile import now

_LISTED = 200


def upload(visit: Visit) -> Response:
    """Show the form, or take a workbook in."""
    if visit.request.method == "GET":
        return _page(visit)
    kind = monthly().get(visit.field("kind"))
    if kind is None or not visit.rights.where("enter"):
        raise absent()
    name, content = visit.file("workbook")
    filled = workbook.read(content, kind)
    checked = checking.check(kind, filled.rows, filled.lines, Against(visit.known, visit.rights.where("enter")))
    told = {(fault.line, fault.column) for fault in filled.formulas}
    others = [fault for fault in checked.faults if (fault.line, fault.column) not in told]
    faults = [*filled.formulas, *others]
    groups = _grouped(kind, filled, checked.places)
    if not faults:
        faults = _kept(visit, kind, groups, (name, content))
    if faults:
        return _faulty(visit, kind, content, filled, faults)
    count = len(filled.rows)
    if visit.wants_json:
        return as_json({"rows": count, "sheets": [vars(key) for key in groups]})
    return _page(visit, done=visit.say("uploaded", rows=f"{count:,}", sheets=len(groups)), made=list(groups))


def _grouped(kind: Kind, filled: Filled, places: Sequence[tuple[str, str] | None]) -> dict[Key, list[tuple[int, Row]]]:
    """Return the rows of each sheet, with their lines."""
    groups: dict[Key, list[tuple[int, Row]]] = {}
    for row, line, place in zip(filled.rows, filled.lines, places, strict=True):
        if place is not None:
            own = {"month": place[1]} if "month" in kind.spec.columns else {}
            groups.setdefault(Key(kind.name, *place), []).append((line, {**row, **own}))
    return groups


def _kept(visit: Visit, kind: Kind, groups: dict[Key, list[tuple[int, Row]]], sent: tuple[str, bytes]) -> list[Fault]:
    """Keep every sheet as a draft, or none: return why the first lines of those that cannot be kept are refused.

    Where they are kept, so is the workbook, in the lake under its hash.
    """
    faults: list[Fault] = []
    with visit.portal.database.writing() as connection:
        for key, rows in groups.items():
            hindrance = _hindrance(visit, connection, key)
            if hindrance:
                column = "reading_at" if kind.name == READINGS else "month"
                faults.append(Fault(kind.spec.file, rows[0][0], column, hindrance))
        if faults:
            return faults
        name, content = sent
        digest = visit.portal.lake.keep(content, ".xlsx").digest
        for key, rows in groups.items():
            lines = [line for line, _ in rows]
            _draft(visit, connection, key, Sent(name, digest, visit.person, now(), [row for _, row in rows], lines))
    return []


def _hindrance(visit: Visit, connection: Connection, key: Key) -> str:
    if sheets.is_closed(connection, key.organization_id, key.month):
        return f"{key.month} of {key.organization_id} is closed, allowed: after it was opened again"
    version = sheets.latest(connection, key)
    if version is None or version.state == DRAFT:
        return ""
    if version.state == APPROVED:
        return "" if visit.field("words") else "is approved, a correction needs a reason"
    return "is under review, take it back first"


def _draft(visit: Visit, connection: Connection, key: Key, sent: Sent) -> None:
    """Keep the rows as a draft: the first, the open one, or a correction of what was approved."""
    actor, reason = visit.actor(key.organization_id), visit.field("words")
    version = sheets.latest(connection, key)
    if version is not None and version.state == APPROVED:
        sheets.step(connection, version, "correct", actor, reason)
        version = sheets.latest(connection, key)
    if version is None:
        version = sheets.begin(connection, key, sent.rows, visit.person)
    else:
        workflow.take("save", version.standing, actor)
        sheets.save(connection, version, sent.rows, visit.person)
    sent_workbooks.keep(connection, version, sent)
    told = f"{sent.name} {sent.digest[:12]} {reason}"
    sheets.remark(connection, version, visit.person, "upload", told)
    about = audit.About(f"{key.kind}/{key.month}", f"{key.entry_id}/{version.number} {told}", key.organization_id)
    audit.note(connection, visit.who, "upload", about)


def _faulty(visit: Visit, kind: Kind, content: bytes, filled: Filled, faults: list[Fault]) -> Response:
    said = [
        {
            "cell": workbook.cell_of(filled, fault),
            "line": fault.line,
            "column": fault.column,
            "message": words.fault(fault.message, visit.language),
        }
        for fault in faults
    ]
    if visit.wants_json:
        return as_json({"faults": said}, 422)
    word = kept_uploads.keep(Upload(visit.person, kind, content, filled, faults))
    return _page(visit, 422, faults=said[:_LISTED], count=len(said), marked=word)


def marked(visit: Visit) -> Response:
    """Return a workbook that was refused, with a comment at each wrong cell."""
    sent = kept_uploads.find(visit.request.path_params["word"], visit.person)
    if sent is None:
        raise absent()
    said = {fault.message: words.fault(fault.message, visit.language) for fault in sent.faults}
    return xlsx(
        workbook.marked(sent.content, sent.kind, sent.filled, sent.faults, said), f"{sent.kind.name}-faults.xlsx"
    )


def _page(visit: Visit, status: int = 200, **facts: object) -> Response:
    nothing: dict[str, object] = {"faults": [], "count": 0, "marked": "", "done": "", "made": []}
    return visit.page("upload.html", status, kinds=monthly(), **{**nothing, **facts})


def template(visit: Visit) -> Response:
    """Return an empty workbook of a kind, its lists filled with what the reader may enter."""
    kind = monthly().get(visit.request.path_params["kind"])
    mine = visit.rights.where("enter")
    if kind is None or not mine:
        raise absent()
    content = workbook.template(kind, kind.uploaded, [], choices.of_workbook(visit, mine), visit.language)
    return xlsx(content, f"{kind.name}.xlsx")
