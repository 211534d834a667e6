"""What few people do: close months, read the audit log, keep the accounts."""

from starlette.responses import Response

from ingestion.portal import accounts, audit, rights, sheets
from ingestion.portal.home_page import names_of_organizations
from ingestion.portal.opening import earlier, is_month
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.web import Visit, go
from ingestion.portal.workflow import APPROVED
from lake.sqlitefile import now

_MONTHS, _LINES = 18, 500


def months(visit: Visit) -> Response:
    """Show which months are closed, or close one or open it again."""
    mine = visit.rights.where("close")
    if not mine:
        raise absent()
    if visit.request.method == "POST":
        return _close_or_open(visit, mine)
    this = f"{visit.today:%Y-%m}"
    asked = visit.field("to")
    last = asked if is_month(asked) and asked < this else this
    shown = [earlier(last, count) for count in range(_MONTHS)]
    with visit.portal.database.reading() as connection:
        closed = {
            (row["organization_id"], row["month"]): row["person_id"]
            for row in connection.execute("select * from closed_months")
        }
        still_open = {
            (version.key.organization_id, version.key.month)
            for version in sheets.overview(connection, mine)
            if version.state != APPROVED and not version.key.about
        }
    return visit.page(
        "months.html",
        months=shown,
        organizations=mine,
        names=names_of_organizations(visit),
        closed=closed,
        still_open=still_open,
        before=earlier(last, _MONTHS),
    )


def _close_or_open(visit: Visit, mine: list[str]) -> Response:
    organization, month, step = visit.field("organization"), visit.field("month"), visit.field("step")
    is_past = is_month(month) and month <= f"{visit.today:%Y-%m}"
    if organization not in mine or not is_past or step not in ("close", "reopen"):
        raise absent()
    reason = visit.field("words")
    with visit.portal.database.writing() as connection:
        if step == "close":
            pending = [
                one
                for one in sheets.overview(connection, [organization])
                if one.key.month == month and not one.key.about
            ]
            if any(one.state != APPROVED for one in pending):
                raise Refusal("open_versions")
            connection.execute(
                "insert or ignore into closed_months values (?, ?, ?, ?)", (organization, month, visit.person, now())
            )
        else:
            if not reason:
                raise Refusal("words_needed", 422)
            connection.execute(
                "delete from closed_months where organization_id = ? and month = ?", (organization, month)
            )
        audit.note(connection, visit.who, step, audit.About(month, reason, organization))
    return go("/months")


def log(visit: Visit) -> Response:
    """Show the latest lines of the audit log that concern the reader's organisations, and whether the chain holds."""
    mine = visit.rights.where("audit")
    if not mine:
        raise absent()
    rows = visit.known.site.tables["organizations"].to_pylist()
    is_whole = all(row["organization_id"] in mine for row in rows if row["parent_id"] is None)
    marks = ", ".join("?" * len(mine))
    colleagues = [name for name, row in rights.people(visit.known.site).items() if row["organization_id"] in mine]
    of_people = ", ".join("?" * len(colleagues))
    with visit.portal.database.reading() as connection:
        lines = connection.execute(
            f"select * from audit where ? or organization_id in ({marks}) or (organization_id is null and person_id in "
            f"({of_people})) order by number desc limit {_LINES}",
            [is_whole, *mine, *colleagues],  # who reads of the whole site reads of strangers and of the machine, too
        ).fetchall()
        broken, count = audit.broken_at(connection), connection.execute("select count(*) from audit").fetchone()[0]
    verdict = visit.say("audit_whole", count=count) if broken is None else visit.say("audit_broken", number=broken)
    return visit.page("audit.html", lines=[dict(line) for line in lines], verdict=verdict, is_whole=broken is None)


def keep_accounts(visit: Visit) -> Response:
    """Show who can sign in, or open, renew and disable accounts."""
    if not visit.rights.administers:
        raise absent()
    people = {name: row for name, row in rights.people(visit.known.site).items() if _may_keep(visit, row)}
    fresh = ("", "")
    if visit.request.method == "POST":
        person, step = visit.field("person"), visit.field("step")
        if person not in people or step not in ("open", "disable"):
            raise Refusal("no_person", 404)
        with visit.portal.database.writing() as connection:
            if step == "open":
                fresh = (person, accounts.create(connection, person))
            else:
                accounts.disable(connection, person)
            audit.note(
                connection, visit.who, f"account_{step}", audit.About(person, "", people[person]["organization_id"])
            )
    with visit.portal.database.reading() as connection:
        known = {row["person_id"]: bool(row["is_disabled"]) for row in connection.execute("select * from accounts")}
    held = {name: rights.rights(visit.known.site, name, visit.today).roles for name in people}
    return visit.page("accounts.html", people=people, known=known, held=held, fresh=fresh)


def _may_keep(visit: Visit, person: dict[str, str | None]) -> bool:
    return visit.person == accounts.ADMINISTRATOR or visit.rights.may("administer", str(person["organization_id"]))
