"""Who may see what, by customers.csv, customer_grants.csv and suppliers.csv of the site folder.

The files are read again when they change, so that a grant that is taken out or ends stops with the next request. A row
with a fault allows nothing, and a file that cannot be read allows nobody anything.
"""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lake.site import declared
from lake.site.csv_file import read_csv
from lake.site.yaml_file import is_zone, read_yaml

LOG = logging.getLogger("nengtan")
CUSTOMER, SUPPLIER = "customer", "supplier"
RESULT, PROCESS = "result", "process"
_UTC = ZoneInfo("UTC")
_FILES = ("customers", "customer_grants", "suppliers", "organizations")


@dataclass(frozen=True)
class Party:
    """Who comes from outside: a customer or a supplier, the id it signs in with and the address its events come from.

    `organization_id` is the member it deals with, None for every one; `language` what it reads, None for the site's.
    """

    kind: str
    id: str
    client_id: str
    pact_url: str | None = None
    organization_id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class _Grant:
    product_id: str
    detail: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class _Pages:
    """What the files said when they were read."""

    zone: ZoneInfo = _UTC
    parties: Mapping[tuple[str, str], Party] = field(default_factory=dict)
    grants: Mapping[str, tuple[_Grant, ...]] = field(default_factory=dict)
    members: frozenset[tuple[str, str]] = frozenset()


class Book:
    """Answers by the files as they are now."""

    def __init__(self, folder: Path) -> None:
        """Take the site folder; its files are read at the first question."""
        self._folder, self._lock = folder, threading.Lock()
        self._seen: tuple[Any, ...] | None = None
        self._pages = _Pages()

    def party(self, kind: str, party_id: str) -> Party | None:
        """Return a customer that is active, or a supplier; None where there is none."""
        return self._now().parties.get((kind, party_id))

    def named(self, party_id: str) -> list[Party]:
        """Return who has this id: a customer, a supplier, or both."""
        return [party for kind in (CUSTOMER, SUPPLIER) if (party := self.party(kind, party_id))]

    def granted(self, party: Party, at: datetime) -> dict[str, str]:
        """Return the products that a party may see at an instant, each with its detail (result or process)."""
        pages = self._now()
        on = at.astimezone(pages.zone).date()
        found: dict[str, str] = {}
        for grant in pages.grants.get(party.id, ()) if party.kind == CUSTOMER else ():
            has_begun = grant.valid_from is None or grant.valid_from <= on
            has_ended = grant.valid_to is not None and grant.valid_to <= on
            if has_begun and not has_ended and found.get(grant.product_id) != PROCESS:
                found[grant.product_id] = grant.detail
        return found

    def deals_with(self, party: Party, organization_id: str) -> bool:
        """Whether a party deals with an organisation: with each, or with those of its own row and below."""
        owner = party.organization_id
        return owner is None or owner == organization_id or (owner, organization_id) in self._now().members

    def _now(self) -> _Pages:
        seen = tuple(self._mark(name) for name in (*(f"{name}.csv" for name in _FILES), "site.yaml"))
        with self._lock:
            if seen != self._seen:
                self._seen, self._pages = seen, self._read()
            return self._pages

    def _mark(self, name: str) -> tuple[int, int] | None:
        try:
            found = (self._folder / name).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> _Pages:
        said = read_yaml(self._folder / "site.yaml").content.get("timezone")
        zone = ZoneInfo(str(said)) if said and is_zone(str(said)) else _UTC
        rows = {name: self._rows(name, zone) for name in _FILES}
        parties: dict[tuple[str, str], Party] = {}
        for row in _once(rows["customers"], "customer_id"):
            if row["is_active"] is not False:
                parties[CUSTOMER, row["customer_id"]] = _party(CUSTOMER, row["customer_id"], row["client_id"], row)
        for row in _once(rows["suppliers"], "supplier_id"):
            parties[SUPPLIER, row["supplier_id"]] = _party(SUPPLIER, row["supplier_id"], row["inbound_client_id"], row)
        grants: dict[str, tuple[_Grant, ...]] = {}
        for row in rows["customer_grants"]:
            grant = _Grant(row["product_id"], row["detail"] or RESULT, row["valid_from"], row["valid_to"])
            grants[row["customer_id"]] = (*grants.get(row["customer_id"], ()), grant)
        return _Pages(zone, parties, grants, _below(rows["organizations"]))

    def _rows(self, name: str, zone: ZoneInfo) -> list[dict[str, Any]]:
        spec = declared.files()[name]
        try:
            file = read_csv(self._folder / spec.file, spec, zone)
        except OSError:
            LOG.warning("%s cannot be read: it allows nobody anything", spec.file)
            return []
        for fault in file.faults:
            LOG.warning("%s: what stands there allows nothing until it is mended", fault)
        wrong = {fault.line for fault in file.faults}
        if wrong & {0, 1}:
            return []
        return [row for row, line in zip(file.table.to_pylist(), file.lines, strict=True) if line not in wrong]


def _once(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return the rows whose id stands once: of two, nobody knows which is meant."""
    counts = Counter(row[key] for row in rows)
    return [row for row in rows if counts[row[key]] == 1]


def _below(organizations: list[dict[str, Any]]) -> frozenset[tuple[str, str]]:
    """Return each organisation with every one above it, as (above, below); a circle ends where it began."""
    parents = {row["organization_id"]: row["parent_id"] for row in organizations}
    found = set()
    for organization, parent in parents.items():
        above = parent
        while above is not None and (above, organization) not in found:
            found.add((above, organization))
            above = parents.get(above)
    return frozenset(found)


def _party(kind: str, party_id: str, client_id: str | None, row: Mapping[str, Any]) -> Party:
    return Party(kind, party_id, client_id or party_id, row["pact_url"], row["organization_id"], row["language"])
