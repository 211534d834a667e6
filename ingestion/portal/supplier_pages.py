"""Who owes us what, for people of the buyer: links for suppliers, letters to copy, answers to review and approve."""

from contextlib import suppress
from datetime import date, timedelta
from sqlite3 import Connection
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from ingestion.portal import (
    answers,
    audit,
    footprint_factors,
    landing,
    rights,
    sheets,
    supplier_acts,
    supplier_links,
    words,
    workflow,
)
from ingestion.portal.answers import RATINGS, Supplied
from ingestion.portal.home_page import names_of_organizations
from ingestion.portal.kinds import kinds
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.sheets import Version
from ingestion.portal.web import Visit, go
from ingestion.portal.workflow import APPROVED
from lake.entries import ANSWERS
from lake.errors import LakeError

#: How long a supplier has for an answer where nothing else is said.
_DAYS = 30
#: Steps of people of the buyer: a supplier writes, and nobody writes in its place.
_STEPS = ("review", "return", "approve", "refuse")
_ACTS = {"return": "returned", "refuse": "refused", "approve": "approved"}


def show(visit: Visit, fresh: dict[str, str] | None = None) -> Response:
    """Show the supplies of the reader's organisations with their links and answers; `fresh` is a link just made."""
    mine = list(visit.rights.roles)
    if not mine:
        raise absent()
    site = visit.known.site
    suppliers = {row["supplier_id"]: row for row in site.tables["suppliers"].to_pylist()}
    filed = site.tables["supplier_footprints"].to_pylist()
    with visit.portal.database.reading() as connection:
        links = supplier_links.of(connection, mine)
        acts = supplier_acts.last(connection, mine)
        found = [
            _line(visit, connection, supplied, filed, acts)
            for name in mine
            for supplied in answers.supplies(visit.known, name)
        ]
    return visit.page(
        "suppliers.html",
        found=found,
        suppliers=suppliers,
        links=links,
        names=names_of_organizations(visit),
        people={name: visit.name_of(row) for name, row in rights.people(site).items()},
        may=visit.rights.where("enter"),
        due=(visit.today + timedelta(days=_DAYS)).isoformat(),
        fresh=fresh,
    )


def _line(
    visit: Visit,
    connection: Connection,
    supplied: Supplied,
    filed: list[dict[str, Any]],
    acts: dict[tuple[str, str, str], dict[str, Any]],
) -> dict[str, Any]:
    """Return how far a supply is: the answer of the portal, that of the file, when it is due."""
    key = (supplied.organization_id, supplied.supplier_id, supplied.material["material"])
    told = [row for row in filed if (row["organization_id"], row["supplier_id"], row["material"]) == key]
    act = acts.get(key)
    due = act["due_on"] if act and act["due_on"] else supplied.material["due_on"]
    due_on = date.fromisoformat(due) if isinstance(due, str) else due
    version = answers.latest(connection, supplied)
    holds = [row for row in told if row["status"] == "active" and row["valid_to"] > visit.today]
    is_told = bool(holds) or (version is not None and version.state == APPROVED)
    return {
        "supplied": supplied,
        "version": version,
        "file": max(told, key=lambda row: row["received_on"]) if told else None,
        "due_on": due_on,
        "is_late": due_on is not None and due_on < visit.today and not is_told,
    }


def act(visit: Visit) -> Response:
    """Make a link for a supplier, or revoke one."""
    organization = visit.field("organization")
    if not visit.rights.may("enter", organization):
        raise absent()
    if visit.field("step") == "revoke":
        number = visit.field("number")
        with visit.portal.database.writing() as connection:
            supplier = supplier_links.revoke(
                connection, int(number) if number.isdecimal() else 0, organization, visit.person
            )
            audit.note(connection, visit.who, "link_revoke", audit.About(supplier, number, organization))
        return go(f"/suppliers#{quote(supplier, safe='')}")
    return _make(visit, organization)


def _make(visit: Visit, organization: str) -> Response:
    supplier, due = visit.field("supplier"), visit.field("due")
    mine = answers.supplies(visit.known, organization, supplier)
    if visit.field("step") != "make" or not mine:
        raise absent()
    try:
        due_on = date.fromisoformat(due)
    except ValueError:
        raise Refusal("due_needed", 422) from None
    if not visit.today <= due_on <= visit.today + timedelta(days=366):
        raise Refusal("due_needed", 422)
    with visit.portal.database.writing() as connection:
        word = supplier_links.make(connection, organization, supplier, due_on, visit.person)
        for one in mine:
            supplier_acts.note(connection, one.act("asked", visit.person, due_on=due_on))
        audit.note(connection, visit.who, "link_make", audit.About(supplier, due, organization))
    _tell(visit)
    row = next(row for row in visit.known.site.tables["suppliers"].to_pylist() if row["supplier_id"] == supplier)
    language = row["language"] or visit.known.site.settings.language
    address = f"{visit.request.url.scheme}://{visit.request.url.netloc}/answer/{word}"
    return show(
        visit,
        {
            "supplier": supplier,
            "organization": organization,
            "address": address,
            "email": row["email"] or "",
            "letter": _letter(visit, row, mine, (due_on, address), language),
        },
    )


def _letter(visit: Visit, supplier: dict[str, Any], mine: list[Supplied], link: tuple[date, str], language: str) -> str:
    """Return the words to send, in the supplier's language."""
    due_on, address = link
    buyer = next(
        row
        for row in visit.known.site.tables["organizations"].to_pylist()
        if row["organization_id"] == mine[0].organization_id
    )
    named = [one.material[f"name_{language}"] or one.material["name_zh"] for one in mine]
    return words.say(
        "letter",
        language,
        contact=supplier["contact"] or supplier[f"name_{language}"] or supplier["name_zh"],
        buyer=buyer[f"name_{language}"] or buyer["name_zh"],
        materials=("、" if language == "zh" else ", ").join(named),
        due=due_on,
        address=address,
    )


def _tell(visit: Visit) -> None:
    with suppress(LakeError):  # a lake that is busy is told a little later
        landing.settle(visit.portal.database, visit.portal.lake, visit.known)


def _version(visit: Visit, connection: Connection) -> tuple[Version, Supplied]:
    """Return the answer that the address names; raises Refusal where the reader may not see its organisation."""
    found = sheets.by_id(connection, visit.request.path_params["entry"])
    if not found or found[0].key.kind != ANSWERS or not visit.rights.of(found[0].key.organization_id):
        raise absent()
    version = found[0]
    supplier, material, _ = version.key.about.split("/")
    rows = visit.known.site.tables["supplier_materials"].to_pylist()
    key = (version.key.organization_id, supplier, material)
    for row in rows:
        if (row["organization_id"], row["supplier_id"], row["material"]) == key:
            return version, Supplied(key[0], supplier, row)
    raise absent()


def answer(visit: Visit, trouble: str = "") -> Response:
    """Show an answer as it was told and what it makes, with the steps that the reader may take."""
    with visit.portal.database.reading() as connection:
        version, supplied = _version(visit, connection)
        documents = sheets.attachments(connection, version)
        remarks = sheets.remarks(connection, version.key)
    told = answers.said(version)
    judged = answers.judge(supplied, told, visit.known, footprint_factors.read(visit.portal.lake)) if told else None
    actor = visit.actor(version.key.organization_id)
    row = version.rows[0]
    return visit.page(
        "supplier_answer.html",
        422 if trouble else 200,
        version=version,
        supplied=supplied,
        supplier=next(
            one
            for one in visit.known.site.tables["suppliers"].to_pylist()
            if one["supplier_id"] == supplied.supplier_id
        ),
        organization=names_of_organizations(visit)[version.key.organization_id],
        row=row,
        columns=[
            column
            for name, column in kinds()[ANSWERS].spec.columns.items()
            if row.get(name) and name not in _SHOWN_APART
        ],
        judged=judged,
        documents=documents,
        remarks=remarks,
        people={name: visit.name_of(one) for name, one in rights.people(visit.known.site).items()},
        steps=[name for name in workflow.possible(version.standing, actor) if name in _STEPS],
        ratings=RATINGS,
        trouble=trouble,
        said=visit.field("said"),
    )


_SHOWN_APART = ("organization_id", "supplier_id", "material", "supplier_footprint_id", "voucher", "source")


def decide(visit: Visit) -> Response:
    """Take a step with an answer: review it with ratings of the data, send it back, approve or refuse it."""
    step, said = visit.field("step"), visit.field("words")
    with visit.portal.database.writing() as connection:
        version, supplied = _version(visit, connection)
        if step not in _STEPS:
            raise Refusal("not_from_here")
        if visit.field("revision") != f"{version.number}.{version.revision}":
            raise Refusal("changed_meanwhile")
        actor = visit.actor(version.key.organization_id)
        rows = answers.rated(version, {name: visit.field(name) for name in RATINGS}) if step == "review" else []
        sheets.step(connection, version, step, actor, said)
        if rows:
            sheets.save(connection, sheets.by_id(connection, version.key.entry_id)[0], rows, visit.person)
        if step in _ACTS:
            supplier_acts.note(connection, supplied.act(_ACTS[step], visit.person, said))
        about = audit.About(
            version.key.about, f"{version.key.entry_id}/{version.number} {said}", supplied.organization_id
        )
        audit.note(connection, visit.who, step, about)
    _tell(visit)
    return go(f"/suppliers/answers/{version.key.entry_id}?said=done")


def document(visit: Visit) -> Response:
    """Return a document of an answer, to be saved, never shown inside a page of ours."""
    with visit.portal.database.reading() as connection:
        version, _ = _version(visit, connection)
        held = sheets.attachments(connection, version)
    for one in held:
        if one["name"] == visit.request.path_params["name"]:
            path = visit.portal.lake.payload(str(one["digest"]))
            return FileResponse(path, media_type="application/octet-stream", filename=str(one["name"]))
    raise absent()


def customers(visit: Visit) -> Response:
    """Show who is granted what of the reader's organisations, and until when."""
    mine = set(visit.rights.roles)
    if not mine:
        raise absent()
    tables = visit.known.site.tables
    owners = (
        {row["product_id"]: row for row in tables["products"].to_pylist()} if tables["products"].num_columns else {}
    )
    granted: dict[str, list[dict[str, Any]]] = {}
    for row in tables["customer_grants"].to_pylist():
        product = owners.get(row["product_id"])
        if product is not None and product["organization_id"] in mine:
            granted.setdefault(row["customer_id"], []).append({**row, "product": product})
    shown = [
        (row, granted[row["customer_id"]]) for row in tables["customers"].to_pylist() if row["customer_id"] in granted
    ]
    return visit.page("customers.html", shown=shown, today=visit.today)
