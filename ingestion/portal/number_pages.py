"""From a published tonne to the raw readings that carry it: the line with what it rests on, and a delivery's readings.

How a number is walked back is not known here: the program that opens the portal gives it a `Tracer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from ingestion.portal import rights
from ingestion.portal.home_page import names_of_organizations
from ingestion.portal.refusal import absent
from ingestion.portal.review import plain
from ingestion.portal.web import Visit, as_json

#: So many readings from both ends stand open, the ones between behind a fold.
_ENDS = 12
_MOST = 10_000


class Thing(Protocol):
    """A thing that a number rests on, with what it rests on in turn."""

    @property
    def kind(self) -> str:
        """A word for programs: number, point, delivery, row, factor, clause and so on."""

    @property
    def name(self) -> str:
        """What tells it from others of its kind."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of it, by column."""

    @property
    def below(self) -> Sequence["Thing"]:
        """What it rests on."""


@dataclass(frozen=True)
class Told:
    """A line of the accounts: its columns, the tree below it, and the same as nodes and edges."""

    line: Mapping[str, Any]
    tree: Thing
    graph: Mapping[str, Any]


@dataclass(frozen=True)
class Delivered:
    """What one delivery brought of one point for a line: the readings as they came in, and how they were sealed.

    `readings` have position, reading_at, value, unit, status, known_at and, where the payload can be read again,
    `said`, the value that stands there. `file` is the payload's path, `proofs` lead from it to the signed head.
    """

    line: Mapping[str, Any]
    point: Mapping[str, Any]
    table: str
    readings: Sequence[Mapping[str, Any]]
    file: str | None
    is_unchanged: bool
    proofs: Sequence[Mapping[str, Any]]


class Tracer(Protocol):
    """Walks back from a line of the accounts; nothing is returned where there is no such thing."""

    def line(self, lineage_id: str) -> Told | None:
        """Return a line of carbon.emissions_monthly with what it rests on, without single readings."""

    def contribution(self, lineage_id: str) -> Told | None:
        """Return a line of footprint.contributions with what it rests on, without single readings."""

    def delivered(self, lineage_id: str, point_id: str, batch_id: str) -> Delivered | None:
        """Return what a delivery brought of a point that the line rests on."""


def show(visit: Visit) -> Response:
    """Show what a line of the accounts rests on."""
    tracer = visit.portal.tracer
    told = tracer.line(visit.request.path_params["line"]) if tracer else None
    if told is None or told.line["organization_id"] not in visit.rights.roles:
        raise absent()
    if visit.wants_json:
        return as_json(told.graph)
    organizations = names_of_organizations(visit)
    people = {name: visit.name_of(row) for name, row in rights.people(visit.known.site).items()}
    return visit.page(
        "number.html",
        line=told.line,
        tree=told.tree,
        at=address,
        written=written(visit),
        people=people,
        organizations=organizations,
        label=lambda thing, column: column_name(visit, thing, column),
    )


def readings(visit: Visit) -> Response:
    """Show the raw readings of a point that a delivery brought, as they came in, with how they were sealed."""
    found = _delivered(visit)
    if visit.wants_json:
        return as_json({"point": found.point, "readings": found.readings, "proofs": found.proofs})
    shown = list(found.readings)[:_MOST]
    folded = shown[_ENDS:-_ENDS] if len(shown) > 2 * _ENDS else []
    return visit.page(
        "readings.html",
        found=found,
        first=shown[: len(shown) if not folded else _ENDS],
        folded=folded,
        last=shown[-_ENDS:] if folded else [],
        batch=visit.request.path_params["batch"],
        at=address,
        written=written(visit),
        sees_all=_sees_all(visit),
    )


def payload(visit: Visit) -> Response:
    """Return the delivery as it was received, to who sees every organisation: others' readings stand in it, too."""
    found = _delivered(visit)
    if found.file is None or not _sees_all(visit):
        raise absent()
    path = visit.portal.lake.root / found.file
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def _delivered(visit: Visit) -> Delivered:
    tracer, asked = visit.portal.tracer, visit.request.path_params
    found = tracer.delivered(asked["line"], asked["point"], asked["batch"]) if tracer else None
    if found is None or found.line["organization_id"] not in visit.rights.roles:
        raise absent()
    return found


def _sees_all(visit: Visit) -> bool:
    organizations = visit.known.site.tables["organizations"].column("organization_id").to_pylist()
    return set(organizations) <= set(visit.rights.roles)


def address(lineage_id: str) -> str:
    """Return the address of a line's page."""
    return f"/trace/{quote(lineage_id, safe='/')}"


def column_name(visit: Visit, thing: str, column: str) -> str:
    """Return what a column of a site's file is called, in the reader's language."""
    file = visit.known.files.get(thing)
    spec = file.spec.columns.get(column) if file else None
    return visit.name_of({"name_zh": spec.zh.split("（")[0], "name_en": spec.en.split(";")[0]}) if spec else column


def written(visit: Visit) -> Any:  # noqa: ANN401 - what the pages call
    """Return how values are written for a reader."""

    def said(value: object) -> str:
        """Return a value as people write it: numbers with commas, times on the site's clock."""
        if isinstance(value, Decimal):
            whole, _, part = plain(value).partition(".")
            return f"{int(whole):,}" + (f".{part}" if part else "") if abs(value) >= 1 else plain(value)
        if isinstance(value, datetime):
            return f"{value.astimezone(visit.known.zone):%Y-%m-%d %H:%M:%S}"
        return "" if value is None else str(value)

    return said
