"""From the rows of allowances.csv, credits.csv and certificates.csv, filed or entered, to transactions and back."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from lake.ledger import serials
from lake.ledger.book import Entry, Refused, posted
from lake.ledger.kinds import CEA, GEC
from lake.units import units

ALLOWANCES, CREDITS, CERTIFICATES = "allowances", "credits", "certificates"
#: The tables whose rows are posted, in this order.
TABLES = (ALLOWANCES, CREDITS, CERTIFICATES)
_NEEDED = ("organization_id", "transaction_id", "posted_on", "kind", "quantity_t", "vintage")
_TOLD = ("compliance_year", "counterparty", "price_cny_per_t", "reason", "voucher", "entry", "serial_from", "serial_to")
_ORDER_OF_USE = ("retired_on", "month", "organization_id")


def entries(tables: Mapping[str, pa.Table]) -> list[Entry]:
    """Return the transactions of the tables; a row that lacks what it needs is none (its fault is told elsewhere)."""
    found: list[Entry] = []
    for name in (ALLOWANCES, CREDITS):
        if name in tables:
            found += [entry for row, cells in _cells(tables[name]) if (entry := _of_account(name, row, cells))]
    if CERTIFICATES in tables:
        found += _of_certificates(list(_cells(tables[CERTIFICATES])))
    return found


def settled(tables: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], list[Refused]]:
    """Return the tables without the rows that may not be posted, and why each of those may not."""
    by_place: dict[tuple[str, int], Refused] = {}
    for fault in posted(entries(tables))[1]:
        by_place.setdefault(fault.entry.place, fault)
    refused, kept = list(by_place.values()), dict(tables)
    for name in TABLES:
        wrong = {fault.entry.place[1] for fault in refused if fault.entry.place[0] == name}
        if wrong:
            mask = pa.array([row not in wrong for row in range(tables[name].num_rows)], pa.bool_())
            kept[name] = tables[name].filter(mask)
    return kept, refused


def _cells(table: pa.Table) -> Iterator[tuple[int, dict[str, Any]]]:
    return enumerate(table.to_pylist())


def _of_account(name: str, row: int, cells: Mapping[str, Any]) -> Entry | None:
    run = _serials(cells)
    if any(cells.get(column) is None for column in _NEEDED) or isinstance(run, str):
        return None
    return Entry(
        cells["organization_id"],
        cells["transaction_id"],
        cells["posted_on"],
        cells["kind"],
        CEA if name == ALLOWANCES else cells["instrument"],
        cells["quantity_t"],
        cells["vintage"],
        cells.get("to_vintage"),
        cells.get("project"),
        run,
        (name, row),
        {column: cells.get(column) for column in _TOLD},
    )


def _serials(cells: Mapping[str, Any]) -> serials.Range | str | None:
    first, last = cells.get("serial_from"), cells.get("serial_to")
    if first is None or last is None:
        return None
    return serials.between(first, last)


def _of_certificates(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Entry]:
    """Yield what came in and what was retired; of a certificate with several uses the first, as it is matched."""
    seen: set[str] = set()
    for row, cells in sorted(rows, key=lambda one: _use(one[1])):
        run, unit = _serials(cells), units().get(str(cells["unit"]))
        known_on = cells.get("acquired_on") or cells["retired_on"]
        if cells["certificate_id"] in seen or known_on is None or cells["quantity"] is None or isinstance(run, str):
            continue
        if unit is None or unit.dimension != "energy" or cells["month"] is None or cells["organization_id"] is None:
            continue
        seen.add(cells["certificate_id"])
        scale = unit.factor / units()["MWh"].factor
        quantity = cells["quantity"] * Decimal(scale.numerator) / Decimal(scale.denominator)
        told = {column: cells.get(column) for column in _TOLD} | {"price_cny_per_mwh": cells.get("price_cny_per_mwh")}
        stock = (GEC, quantity.quantize(Decimal("0.000001")), cells["month"].year)
        who, name = cells["organization_id"], cells["certificate_id"]
        place = (CERTIFICATES, row)
        yield Entry(who, f"{name}/in", known_on, "bought", *stock, None, name, run, place, told)
        if cells["retired_on"] is not None:
            yield Entry(who, f"{name}/out", cells["retired_on"], "retired", *stock, None, name, run, place, told)


def _use(cells: Mapping[str, Any]) -> tuple[tuple[bool, object], ...]:
    """Return the order in which uses count: retired first, what was never retired last."""
    return tuple((cells[name] is None, cells[name] or "") for name in _ORDER_OF_USE)
