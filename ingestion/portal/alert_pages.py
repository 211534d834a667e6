"""Shows the alerts that last, and lets people of the plant say that they look after one."""

from contextlib import suppress

from starlette.responses import Response

from ingestion.portal import alerts, audit, landing, rights
from ingestion.portal.home_page import names_of_organizations
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.web import Visit, go
from lake.errors import LakeError

#: Who only looks on, or looks after the log, does not look after the plant.
ROLES = ("enter", "review", "approve")
_MOST_WORDS = 500


def show(visit: Visit) -> Response:
    """Show the alerts of the organisations that the reader may see."""
    mine = list(visit.rights.roles)
    if not mine:
        raise absent()
    lasting = alerts.lasting(visit.portal.marts_file, mine)
    with visit.portal.database.reading() as connection:
        found = alerts.with_said(connection, lasting)
    return visit.page(
        "alerts.html",
        found=found,
        names=names_of_organizations(visit),
        people={name: visit.name_of(row) for name, row in rights.people(visit.known.site).items()},
        may=lambda organization: _may(visit, organization),
    )


def acknowledge(visit: Visit) -> Response:
    """Keep that the reader looks after an alert, with what he says of it."""
    named, mine = visit.request.path_params["alert"], list(visit.rights.roles)
    alert = next((row for row in alerts.lasting(visit.portal.marts_file, mine) if row["alert_id"] == named), None)
    if alert is None:
        raise absent()
    if not _may(visit, alert["organization_id"]):
        raise Refusal("not_allowed", 403)
    remark = visit.field("words")[:_MOST_WORDS]
    with visit.portal.database.writing() as connection:
        alerts.acknowledge(connection, alert, visit.person, remark)
        about = audit.About(alert["alert_id"], remark, alert["organization_id"])
        audit.note(connection, visit.who, "alert_acknowledged", about)
    with suppress(LakeError):  # a lake that is busy is told a little later
        landing.settle(visit.portal.database, visit.portal.lake, visit.known)
    return go("/alerts")


def _may(visit: Visit, organization: str) -> bool:
    return any(visit.rights.may(role, organization) for role in ROLES)
