"""What a supplier sees behind its link: what is asked and why, the questionnaire of each material, documents, Excel."""

from contextlib import suppress
from dataclasses import dataclass
from secrets import compare_digest
from sqlite3 import Connection
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from ingestion.portal import (
    answer_workbook,
    answers,
    audit,
    footprint_factors,
    kept_uploads,
    landing,
    questionnaire,
    sheets,
    supplier_links,
    taking,
    words,
)
from ingestion.portal.answers import Judged, Supplied
from ingestion.portal.kept_uploads import Upload
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.sheet_pages import xlsx
from ingestion.portal.sheets import Version
from ingestion.portal.supplier_links import Link
from ingestion.portal.web import Visit, go
from ingestion.portal.workflow import APPROVED, DRAFT, SUBMITTED
from lake.errors import LakeError

_MOST_DOCUMENTS, _MOST_LETTERS = 10, 2_000
#: The document that holds what was said, as it was submitted.
_SAID = "answer.json"


@dataclass(frozen=True)
class Guest:
    """Who came by a link, and what it opens."""

    word: str
    link: Link
    supplier: dict[str, Any]
    buyer: dict[str, Any]
    supplies: list[Supplied]

    @property
    def path(self) -> str:
        """The address of the first page."""
        return f"/answer/{self.word}"

    def supply(self, material: str) -> Supplied:
        """Return what is asked of a material; raises Refusal for one that this link does not open."""
        for one in self.supplies:
            if one.material["material"] == material:
                return one
        raise absent()


def guest_of(visit: Visit) -> Guest:
    """Return who comes by the address; raises Refusal where no link that works has this word."""
    word = visit.request.path_params["word"]
    with visit.portal.database.writing() as connection:
        link = supplier_links.opened(connection, word, visit.who.address)
    site = visit.known.site
    suppliers = {row["supplier_id"]: row for row in site.tables["suppliers"].to_pylist()}
    buyers = {row["organization_id"]: row for row in site.tables["organizations"].to_pylist()}
    if link is None or link.supplier_id not in suppliers or link.organization_id not in buyers:
        raise Refusal("no_link", 404)
    if visit.request.method == "POST" and not compare_digest(visit.field("word"), supplier_links.form_word(word)):
        raise Refusal("forged", 403)
    mine = answers.supplies(visit.known, link.organization_id, link.supplier_id)
    return Guest(word, link, suppliers[link.supplier_id], buyers[link.organization_id], mine)


def welcome(visit: Visit) -> Response:
    """Show what is asked and why, with how far each material is."""
    guest = guest_of(visit)
    with visit.portal.database.reading() as connection:
        found = [(one, answers.latest(connection, one)) for one in guest.supplies]
    return visit.page("answers.html", guest=guest, found=found, is_late=guest.link.due_on < visit.today)


def questions(visit: Visit) -> Response:
    """Show the questionnaire of a material, or take a step with it."""
    guest = guest_of(visit)
    supplied = guest.supply(visit.request.path_params["material"])
    if visit.request.method == "GET":
        return _page(visit, guest, supplied)
    step = visit.field("step")
    if step == "withdraw":
        with visit.portal.database.writing() as connection:
            version = _seen(visit, connection, supplied)
            if version is None:
                raise absent()
            answers.withdraw(connection, supplied, version)
            _note(visit, connection, supplied, version, "withdraw")
        return _settled(visit, guest, supplied, "done")
    if step not in ("save", "submit"):
        raise Refusal("not_from_here")
    told = _told(visit)
    judged = _judge(visit, supplied, told)
    version = _kept(visit, supplied, told, judged, "questionnaire")
    if step == "submit":
        if judged.faults:
            return _page(visit, guest, supplied, judged, visit.say("has_faults"))
        _submit(visit, supplied, version, told)
    return _settled(visit, guest, supplied, "saved" if step == "save" else "handed_in")


def _told(visit: Visit) -> dict[str, str]:
    return {name: visit.field(name)[:_MOST_LETTERS] for name in questionnaire.spec().columns if visit.field(name)}


def _judge(visit: Visit, supplied: Supplied, told: dict[str, str]) -> Judged:
    return answers.judge(supplied, told, visit.known, footprint_factors.read(visit.portal.lake))


def _seen(visit: Visit, connection: Connection, supplied: Supplied) -> Version | None:
    """Return the open answer as the reader saw it; raises Refusal where it was changed meanwhile."""
    version = answers.latest(connection, supplied)
    mark = f"{version.key.entry_id}.{version.revision}" if version else ""
    if visit.field("revision") != mark:
        raise Refusal("changed_meanwhile")
    return version


def _kept(visit: Visit, supplied: Supplied, told: dict[str, str], judged: Judged, channel: str) -> Version:
    with visit.portal.database.writing() as connection:
        _seen(visit, connection, supplied)
        version = answers.save(connection, supplied, told, judged, channel)
        _note(visit, connection, supplied, version, "save")
    return version


def _submit(visit: Visit, supplied: Supplied, version: Version, told: dict[str, str]) -> None:
    """Hand an answer in, with what was said kept verbatim as a document that its row rests on."""
    kept = visit.portal.lake.keep(answers.as_told(supplied, told), ".json")
    with visit.portal.database.writing() as connection:
        answers.attach(connection, version, (_SAID, kept.digest, ".json", kept.size_bytes), supplied.sender)
        row = {**version.rows[0], "voucher": _SAID}
        sheets.save(connection, version, [row], supplied.sender)
        fresh = sheets.by_id(connection, version.key.entry_id)[0]
        answers.submit(connection, supplied, fresh)
        _note(visit, connection, supplied, fresh, "submit")


def _note(visit: Visit, connection: Connection, supplied: Supplied, version: Version, step: str) -> None:
    about = audit.About(
        f"answer/{supplied.stem.rstrip('/')}", f"{version.key.entry_id}/{version.number}", supplied.organization_id
    )
    audit.note(connection, audit.Who(supplied.sender, visit.who.address), step, about)


def _settled(visit: Visit, guest: Guest, supplied: Supplied, said: str) -> Response:
    with suppress(LakeError):  # a lake that is busy is told a little later
        landing.settle(visit.portal.database, visit.portal.lake, visit.known)
    return go(f"{_path(guest, supplied)}?said={said}")


def _path(guest: Guest, supplied: Supplied) -> str:
    return f"{guest.path}/materials/{quote(supplied.material['material'], safe='')}"


def _page(
    visit: Visit, guest: Guest, supplied: Supplied, judged: Judged | None = None, trouble: str = "", **facts: object
) -> Response:
    with visit.portal.database.reading() as connection:
        version = answers.latest(connection, supplied)
        documents = sheets.attachments(connection, version) if version else []
        remarks = sheets.remarks(connection, version.key) if version else []
    is_new = version is None or (version.state == APPROVED and visit.field("new") == "1")
    editable = is_new or version.state == DRAFT  # type: ignore[union-attr]
    told = {} if is_new else answers.said(version)
    if judged is None and told:
        judged = _judge(visit, supplied, told)
    faults = {name: words.fault(said, visit.language) for name, said in (judged.faults if judged else {}).items()}
    back = next((one for one in remarks if one["step"] in ("return", "refuse")), None)
    nothing: dict[str, Any] = {"faulty": [], "marked": ""}
    return visit.page(
        "answer.html",
        422 if trouble else 200,
        **{**nothing, **facts},
        guest=guest,
        supplied=supplied,
        version=None if is_new else version,
        revision=f"{version.key.entry_id}.{version.revision}" if version else "",
        editable=editable,
        may_withdraw=not is_new and version is not None and version.state == SUBMITTED,
        may_begin=version is not None and version.state == APPROVED and not is_new,
        told=told,
        way=told.get("way", ""),
        parts=questionnaire.parts(),
        names=_names(visit.language),
        judged=judged,
        faults=faults,
        trouble=trouble,
        documents=[one for one in documents if one["name"] != _SAID],
        sent_back=back if back and version and version.state == DRAFT else None,
        path=_path(guest, supplied),
        said=visit.field("said"),
        form_word=supplier_links.form_word(guest.word),
        allowed=answer_workbook.allowed,
    )


def _names(language: str) -> dict[str, str]:
    """Return what words of the lists are called in a language."""
    place = 0 if language == "zh" else 1
    listed = {**questionnaire.CARRIER_NAMES, **questionnaire.JOURNEY_NAMES}
    return {word: named[place] for word, named in listed.items()}


def attach(visit: Visit) -> Response:
    """Keep a document with a draft."""
    guest = guest_of(visit)
    supplied = guest.supply(visit.request.path_params["material"])
    name, content = visit.file("document")
    suffix = taking.document(name, content)
    with visit.portal.database.reading() as connection:
        version = answers.latest(connection, supplied)
        held = sheets.attachments(connection, version) if version else []
    if version is None or version.state != DRAFT:
        raise Refusal("save_first")
    if len(held) >= _MOST_DOCUMENTS or name == _SAID:
        raise Refusal("too_many_files", 422, most=_MOST_DOCUMENTS)
    kept = visit.portal.lake.keep(content, suffix)
    with visit.portal.database.writing() as connection:
        answers.attach(connection, version, (name, kept.digest, suffix, kept.size_bytes), supplied.sender)
        sheets.remark(connection, version, supplied.sender, "attach", f"{name} {kept.digest[:12]}")
        _note(visit, connection, supplied, version, "attach")
    return _settled(visit, guest, supplied, "saved")


def document(visit: Visit) -> Response:
    """Return a document of the supplier's own answer, to be saved."""
    guest = guest_of(visit)
    supplied = guest.supply(visit.request.path_params["material"])
    with visit.portal.database.reading() as connection:
        version = answers.latest(connection, supplied)
        held = sheets.attachments(connection, version) if version else []
    for one in held:
        if one["name"] == visit.request.path_params["name"]:
            path = visit.portal.lake.payload(str(one["digest"]))
            return FileResponse(path, media_type="application/octet-stream", filename=str(one["name"]))
    raise absent()


def template(visit: Visit) -> Response:
    """Return the questionnaire as a workbook, with what was said so far."""
    guest = guest_of(visit)
    supplied = guest.supply(visit.request.path_params["material"])
    with visit.portal.database.reading() as connection:
        told = answers.said(answers.latest(connection, supplied))
    name = f"{supplied.supplier_id}-{supplied.material['material']}.xlsx"
    return xlsx(answer_workbook.template(told, visit.language), name)


def upload(visit: Visit) -> Response:
    """Take a filled workbook as the draft, or name each wrong answer and keep nothing."""
    guest = guest_of(visit)
    supplied = guest.supply(visit.request.path_params["material"])
    _, content = visit.file("workbook")
    told, filled, faults = answer_workbook.read(content)
    judged = _judge(visit, supplied, told)
    faults = sorted([*faults, *answer_workbook.placed(judged.faults, filled)])
    if faults:
        key = kept_uploads.keep(Upload(guest.word, answer_workbook.KIND, content, filled, faults))
        lines = dict(zip(filled.lines, filled.rows, strict=True))
        said = [
            (f"C{fault.line}", lines.get(fault.line, {}).get("what", ""), words.fault(fault.message, visit.language))
            for fault in faults
        ]
        trouble = visit.say("workbook_refused", count=len(faults))
        return _page(visit, guest, supplied, None, trouble, faulty=said, marked=key)
    _kept(visit, supplied, told, judged, "workbook")
    return _settled(visit, guest, supplied, "saved")


def marked(visit: Visit) -> Response:
    """Return a workbook that was refused, with a comment at each wrong answer."""
    guest = guest_of(visit)
    sent = kept_uploads.find(visit.request.path_params["key"], guest.word)
    if sent is None:
        raise absent()
    said = {fault.message: words.fault(fault.message, visit.language) for fault in sent.faults}
    return xlsx(answer_workbook.marked(sent.content, sent.filled, sent.faults, said), "questionnaire-faults.xlsx")
