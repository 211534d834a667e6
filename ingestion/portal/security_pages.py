"""What the security administrator keeps: second factors, locks, sessions, and the review of accounts.

Passwords are the system administrator's: nobody alone can take over another's account.
"""

from starlette.responses import Response

from ingestion.portal import account_review, accounts, audit, rights, second_factor
from ingestion.portal.account_review import Standing
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.rights import Rights
from ingestion.portal.web import Visit, go

STEPS = ("remove_factor", "unlock", "end_sessions", "review")


def keep_security(visit: Visit) -> Response:
    """Show how each account of the reader's organisations stands, or take a step with one."""
    if not visit.rights.where("secure"):
        raise absent()
    if visit.request.method == "POST":
        return _take(visit)
    held = _held(visit)
    with visit.portal.database.reading() as connection:
        found = account_review.standings(connection, held, visit.known.policy)
    people = rights.people(visit.known.site)
    return visit.page("security.html", standings=_mine(visit, found), people=people)


def _take(visit: Visit) -> Response:
    person, step = visit.field("person"), visit.field("step")
    with visit.portal.database.writing() as connection:
        found = _mine(visit, account_review.standings(connection, _held(visit), visit.known.policy))
        if person not in {one.person_id for one in found} or step not in STEPS:
            raise absent()
        if person == visit.person:
            raise Refusal("own_account", 403)
        if step == "remove_factor":
            second_factor.remove(connection, person)
        elif step == "unlock":
            accounts.unlock(connection, person)
        elif step == "end_sessions":
            accounts.end_sessions(connection, person)
        else:
            account_review.reviewed(connection, person, visit.person)
        organization = rights.people(visit.known.site).get(person, {}).get("organization_id")
        audit.note(connection, visit.who, f"account_{step}", audit.About(person, "", organization))
    return go("/security")


def _held(visit: Visit) -> dict[str, Rights]:
    """Return what everybody may whom the site knows, and the first account."""
    known = [accounts.ADMINISTRATOR, *rights.people(visit.known.site)]
    return {name: rights.rights(visit.known.site, name, visit.today) for name in known}


def _mine(visit: Visit, found: list[Standing]) -> list[Standing]:
    """Keep the accounts of the reader's organisations; those that belong to none are for the whole site's."""
    people, mine = rights.people(visit.known.site), visit.rights.where("secure")
    rows = visit.known.site.tables["organizations"].to_pylist()
    roots = {row["organization_id"] for row in rows if row["parent_id"] is None}
    is_whole = roots <= set(mine)
    return [
        one
        for one in found
        if (people[one.person_id]["organization_id"] in mine if one.person_id in people else is_whole)
    ]
