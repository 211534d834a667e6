"""From what was approved back to people, workbook and payload, as the lake has them."""

from datetime import datetime
from decimal import Decimal
from sqlite3 import Connection

from starlette.responses import FileResponse, Response

from ingestion.portal import rights
from ingestion.portal.home_page import names_of_organizations
from ingestion.portal.kinds import kinds
from ingestion.portal.refusal import absent
from ingestion.portal.review import plain
from ingestion.portal.sheet_pages import key_of
from ingestion.portal.web import Visit, as_json
from lake import approved
from lake.approved import Evidence, Kept
from lake.site.declared import ColumnSpec

_SHOWN = 200


def show(visit: Visit) -> Response:
    """Show each approved version of a sheet with its people, its rows in raw and the payloads behind them."""
    key = key_of(visit)
    found = approved.of(visit.portal.lake, visit.known.form.id, key.entry_id)
    if not found:
        raise absent()
    if visit.wants_json:
        return as_json([told(one) for one in found])
    return visit.page(
        "trace.html",
        key=key,
        kind=kinds()[key.kind],
        organization=names_of_organizations(visit)[key.organization_id],
        found=found[::-1],
        shown=_SHOWN,
        columns_of=lambda one: [
            column for column in kinds()[key.kind].typed if any(row.get(column.name) is not None for row in one.rows)
        ],
        written=lambda value, column: _written(visit, value, column),
        people={name: visit.name_of(row) for name, row in rights.people(visit.known.site).items()},
    )


def _written(visit: Visit, value: object, column: ColumnSpec) -> str:
    """Return a value of raw as people write it."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(visit.known.zone):%Y-%m-%d %H:%M}"
    if value is not None and column.name == "energy_unit_id":
        units = visit.known.site.tables["energy_units"].to_pylist()
        return next((visit.name_of(row) for row in units if row["energy_unit_id"] == value), str(value))
    return "" if value is None else str(value)


def told(one: Evidence) -> dict[str, object]:
    """Return the evidence of a version for a program."""

    def payload(kept: Kept | None) -> dict[str, object] | None:
        return None if kept is None else {"sha256": kept.digest, "is_unchanged": kept.is_unchanged}

    return {
        **one.line,
        "is_current": one.is_current,
        "table": one.table,
        "landed": one.rows,
        "payload": payload(one.version),
        "workbook": payload(one.workbook),
    }


def workbook(visit: Visit) -> Response:
    """Return a workbook that the sheet was filled from, byte for byte as it was sent."""
    key, wanted = key_of(visit), visit.request.path_params["digest"]
    with visit.portal.database.reading() as connection:
        name = _name(connection, key.entry_id, wanted)
    path = visit.portal.lake.payload(wanted)
    return FileResponse(path, media_type="application/octet-stream", filename=name)


def _name(connection: Connection, entry_id: str, digest: str) -> str:
    row = connection.execute(
        "select name from workbooks where entry_id = ? and digest = ?", (entry_id, digest)
    ).fetchone()
    if row is None:
        raise absent()
    return str(row["name"])
