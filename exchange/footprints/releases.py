"""Releasing the footprint of a product: who, when, with which words; what was released stays as it was.

A later release of a product makes the one before deprecated and names it; a withdrawal takes one back, with the reason.
What became of a release is not written into it: it follows from the rows after it.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.footprints import codec, made
from exchange.footprints.made import Issue, Published
from exchange.footprints.record import ACTIVE, DEPRECATED, Footprint
from lake import engine, footprint_releases, published
from lake.closing_acts import By
from lake.errors import FootprintError
from lake.footprint_releases import RELEASED, SOURCE, WITHDRAWN
from lake.site.load import Site
from lake.store import Lake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What may be left out of a footprint at the most (GB/T 24067 and PACT: 5 % in all).
MOST_EXEMPTED = Decimal("0.05")


@dataclass(frozen=True)
class Released:
    """One release; `record` has the status and nothing else of what became of it."""

    record: Footprint
    organization_id: str
    product_id: str
    period: str
    content_hash: str
    publication_number: int
    released_at: datetime
    released_by: str
    way: str
    reason: str | None
    superseded_by: str | None = None
    superseded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawal_reason: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is the one that holds for its product."""
        return self.superseded_by is None and self.withdrawn_at is None

    @property
    def status(self) -> str:
        """active, deprecated or withdrawn."""
        if self.withdrawn_at:
            return "withdrawn"
        return "active" if self.is_current else "deprecated"

    @property
    def changed_at(self) -> datetime:
        """When something happened to it last: it was released, superseded or withdrawn."""
        return max(at for at in (self.released_at, self.superseded_at, self.withdrawn_at) if at)


@dataclass(frozen=True)
class Place:
    """Where footprints are released: the lake, its published marts, and the site's texts."""

    lake: Lake
    marts: Path
    site: Site


@dataclass(frozen=True)
class Asked:
    """Which footprint to release, and until when it may be used; None is PACT's three years."""

    product_id: str
    period: str
    organization_id: str | None = None
    valid_to: datetime | None = None


def rows(lake: Lake, at: datetime | None = None) -> list[Released]:
    """Return the releases as they stand, or stood at a time, in their order."""
    return of_rows(row for row in footprint_releases.rows(lake) if at is None or row["at"] <= at)


def of_rows(told: Iterable[Mapping[str, Any]]) -> list[Released]:
    """Return how releases stand after these rows."""
    written = list(told)
    withdrawn = {row["record_id"]: row for row in written if row["step"] == WITHDRAWN}
    found = [row for row in written if row["step"] == RELEASED]
    later: dict[str, Mapping[str, Any]] = {}
    last: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in found:
        subject = row["organization_id"], row["product_id"]
        if subject in last:
            later[last[subject]["record_id"]] = row
        last[subject] = row
    return [_released(row, later.get(row["record_id"]), withdrawn.get(row["record_id"])) for row in found]


def _released(row: Mapping[str, Any], later: Mapping[str, Any] | None, back: Mapping[str, Any] | None) -> Released:
    record = codec.record(row["record"])
    return Released(
        record=replace(record, status=DEPRECATED if later or back else ACTIVE),
        released_at=row["at"],
        released_by=row["person_id"],
        superseded_by=later["record_id"] if later else None,
        superseded_at=later["at"] if later else None,
        withdrawn_at=back["at"] if back else None,
        withdrawn_by=back["person_id"] if back else None,
        withdrawal_reason=back["reason"] if back else None,
        **{name: row[name] for name in ("organization_id", "product_id", "period", "content_hash")},
        **{name: row[name] for name in ("publication_number", "way", "reason")},
    )


def since(lake: Lake, at: datetime) -> list[Released]:
    """Return the releases that something happened to after a time: they are new, superseded or withdrawn."""
    return [one for one in rows(lake) if one.changed_at > at]


def found(known: Sequence[Released], record_id: str) -> Released:
    """Return a release by its id; raises FootprintError where there is none."""
    for one in known:
        if one.record.record_id == record_id:
            return one
    raise FootprintError(f"there is no release {record_id}; `nengtan footprint list` names them")


def organization_of(place: Place, asked: Asked) -> str:
    """Return whose published footprint is asked for; raises FootprintError where there is none."""
    with published.opened(place.marts) as connection:
        return str(_product(connection, asked)["organization_id"])


def release(place: Place, asked: Asked, by: By) -> Released:
    """Release the published footprint of a product and period; return it.

    Raises FootprintError where it is not published, not complete, leaves out too much, does not add up, was released
    with the same content already, or a release of a later period is current.
    """
    with place.lake.writing(SOURCE):
        known = rows(place.lake)
        with published.opened(place.marts) as connection:
            told, publication = _published(connection, asked)
        organization_id = told.product["organization_id"]
        of_product = [
            one for one in known if (one.organization_id, one.product_id) == (organization_id, asked.product_id)
        ]
        at = datetime.now(UTC)
        issue = Issue(
            record_id=str(uuid.uuid4()),
            version=len(of_product) + 1,
            at=at,
            preceding=tuple(one.record.record_id for one in reversed(of_product)),
            comment=by.reason,
            valid_to=asked.valid_to,
        )
        record = made.footprint(told, _texts(place.site, organization_id, asked.product_id), issue)
        _check(told, record, of_product, by)
        row = {
            **_named(record, asked.period, codec.content_hash(record)),
            "step": RELEASED,
            **{"at": at, "person_id": by.person_id, "way": by.way, "reason": by.reason or None},
            **publication,
            "record": codec.text(record),
        }
        footprint_releases.append(place.lake, row)
    return _released(row, None, None)


def withdraw(place: Place, record_id: str, by: By) -> Released:
    """Take a release back; raises FootprintError where there is none, it was withdrawn, or no reason is given."""
    if not by.reason:
        raise FootprintError("to withdraw a footprint needs a reason")
    with place.lake.writing(SOURCE):
        one = found(rows(place.lake), record_id)
        if one.withdrawn_at:
            raise FootprintError(f"{record_id} was withdrawn already, on {one.withdrawn_at:%Y-%m-%d}")
        row = {
            **_named(one.record, one.period, one.content_hash),
            "step": WITHDRAWN,
            **{"at": datetime.now(UTC), "person_id": by.person_id, "way": by.way, "reason": by.reason},
        }
        footprint_releases.append(place.lake, row)
    return found(rows(place.lake), record_id)


def _named(record: Footprint, period: str, content_hash: str) -> dict[str, Any]:
    return {
        **{"record_id": record.record_id, "version": record.version, "period": period, "content_hash": content_hash},
        **{"organization_id": record.company.organization_id, "product_id": record.product.product_id},
    }


def _check(told: Published, record: Footprint, of_product: Sequence[Released], by: By) -> None:
    name, exempted = f"{record.product.product_id} of {told.product['period']}", record.quality.exempted_ratio
    if exempted > MOST_EXEMPTED:
        raise FootprintError(f"{name} leaves out {exempted * 100:f} % of its emissions; more than 5 % is not released")
    if record.scope.reference_to > record.created_at:
        raise FootprintError(f"{name}: the period has not ended")
    current = next((one for one in of_product if one.is_current), None)
    if current and current.content_hash == codec.content_hash(record):
        raise FootprintError(f"{name} is released with the same content already, as version {current.record.version}")
    if current and current.record.scope.reference_to > record.scope.reference_to:
        raise FootprintError(f"{name}: the release of {current.period} is later and current; withdraw it first")
    if of_product and not by.reason:
        raise FootprintError(f"{name} has {len(of_product)} release(s) before; a reason says what is new")


def _product(connection: "DuckDBPyConnection", asked: Asked) -> Mapping[str, Any]:
    """Return the published row; raises FootprintError where there is none, or it is not complete."""
    import duckdb

    of = {"product": asked.product_id, "period": asked.period}
    try:
        found = engine.rows(connection, _OF_PRODUCT.format("products"), **of)
    except duckdb.CatalogException as cause:
        raise FootprintError("no footprints are published; `nengtan run` of a site with products.csv does") from cause
    found = [row for row in found if asked.organization_id in {None, row["organization_id"]}]
    if not found:
        raise FootprintError(f"no footprint of {asked.product_id!r} for {asked.period!r} is published")
    if len(found) > 1:
        raise FootprintError(f"{asked.product_id} is made by several organisations; name one")
    row = found[0]
    if not row["is_complete"] or row["footprint_kgco2e"] is None:
        raise FootprintError(
            f"the footprint of {asked.product_id} for {asked.period} is not complete: {row['missing_en']}"
        )
    if row["exempted_ratio"] is None:
        raise FootprintError(
            f"how much {asked.product_id} leaves out for {asked.period} is not known: masses are missing"
        )
    return row


def _published(connection: "DuckDBPyConnection", asked: Asked) -> tuple[Published, dict[str, Any]]:
    """Return what is published about a product and period, and the publication."""
    row = _product(connection, asked)
    of = {"product": asked.product_id, "period": asked.period}
    processes = {"processes": sorted({one for one in _processes(connection, of) if one})}
    number, at, code = connection.execute("select number, published_at, code_hash from publication").fetchall()[0]
    told = Published(
        product=row,
        contributions=engine.rows(connection, f"{_OF_PRODUCT.format('contributions')} order by contributor", **of),
        allocations=engine.rows(connection, _OF_PROCESSES.format("allocations"), period=asked.period, **processes),
        cut_offs=engine.rows(connection, _OF_PROCESSES.format("cut_offs"), period=asked.period, **processes),
    )
    return told, {"publication_number": number, "published_at": at, "code_hash": code}


def _processes(connection: "DuckDBPyConnection", of: Mapping[str, str]) -> list[str | None]:
    return [row["process_id"] for row in engine.rows(connection, _OF_PRODUCT.format("contributions"), **of)]


def _texts(site: Site, organization_id: str, product_id: str) -> made.Place:
    organizations = site.tables["organizations"].to_pylist()
    products = site.tables["products"].to_pylist()
    return made.Place(
        organization=next(row for row in organizations if row["organization_id"] == organization_id),
        product=next(row for row in products if row["product_id"] == product_id),
        timezone=site.settings.timezone,
        grid_region=site.settings.grid_region,
    )


_OF_PRODUCT = "select * from footprint.{} where product_id = $product and period = $period"
_OF_PROCESSES = "select * from footprint.{} where list_contains($processes, process_id) and period = $period"
