"""The first page: what waits for the reader, and which months of his organisations have which sheet in which state."""

from starlette.responses import Response

from ingestion.portal import doubts, sheets, workflow
from ingestion.portal.kinds import kinds, monthly
from ingestion.portal.opening import earlier, is_month
from ingestion.portal.sheets import Key, Version
from ingestion.portal.web import Visit, as_json
from ingestion.portal.workflow import APPROVED

_MONTHS = 12
#: Steps that somebody waits for, against those that a person merely may take.
_AWAITED = ("submit", "review", "approve")


def home(visit: Visit) -> Response:
    """Show the year that ends with the month asked for."""
    last = _month(visit)
    months = [earlier(last, count) for count in range(_MONTHS)]
    mine = list(visit.rights.roles)
    with visit.portal.database.reading() as connection:
        found = {version.key: version for version in sheets.overview(connection, mine)}
        given = doubts.given(connection, visit.person, mine)
        closed = {
            (row["organization_id"], row["month"])
            for row in connection.execute("select * from closed_months").fetchall()
        }
    shown = [
        {
            "organization": row,
            "lines": [
                (kind, [_cell(found, kind.name, row["organization_id"], month) for month in months])
                for kind in monthly().values()
            ],
            "closed": [(row["organization_id"], month) in closed for month in months],
        }
        for row in visit.known.site.tables["organizations"].to_pylist()
        if row["organization_id"] in mine
    ]
    return visit.page(
        "home.html",
        tasks=[version for version in found.values() if _waits(visit, version)],
        doubts=given,
        kinds=kinds(),
        names=names_of_organizations(visit),
        months=months,
        shown=shown,
        before=earlier(last, _MONTHS),
        after=earlier(last, -_MONTHS) if last < f"{visit.today:%Y-%m}" else "",
    )


def listing(visit: Visit) -> Response:
    """Return the sheets that the reader may see, for a program."""
    with visit.portal.database.reading() as connection:
        found = list(sheets.overview(connection, list(visit.rights.roles)))
    return as_json([summary(version) for version in found])


def summary(version: Version) -> dict[str, object]:
    """Return what a program is told of a version."""
    names = ("reason", "submitted_by", "reviewed_by", "approved_by", "approved_at", "batch_id", "is_closed")
    return {
        **vars(version.key),
        "entry_id": version.key.entry_id,
        "version": version.number,
        "state": version.state,
        "rows_count": len(version.rows),
        **{name: getattr(version, name) for name in names},
    }


def names_of_organizations(visit: Visit) -> dict[str, str]:
    """Return the names of the organisations that the reader may see."""
    rows = visit.known.site.tables["organizations"].to_pylist()
    return {row["organization_id"]: visit.name_of(row) for row in rows if row["organization_id"] in visit.rights.roles}


def _month(visit: Visit) -> str:
    asked, this = visit.field("to"), f"{visit.today:%Y-%m}"
    return min(this, asked) if is_month(asked) else this


def _cell(found: dict[Key, Version], kind: str, organization: str, month: str) -> tuple[Key, str]:
    key = Key(kind, organization, month)
    version = found.get(key)
    return key, version.state if version else "empty"


def _waits(visit: Visit, version: Version) -> bool:
    if version.state == APPROVED:
        return False
    actor = visit.actor(version.key.organization_id)
    return any(name in _AWAITED for name in workflow.possible(version.standing, actor))
