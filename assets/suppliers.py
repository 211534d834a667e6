"""Suppliers: what each bought material carries by month, who owes an answer, and what it would improve."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine, units
from lake.engine import connected
from methods.supply.tables import SUPPLIERS, VALUES
from quality import tables as tables_of
from quality.detectors import supplier_records
from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from methods.supply import status

MARTS = ("footprint.supplier_values_monthly", "footprint.suppliers")
KEYS = keys(MARTS)
_PARENTS = ("footprint.flows_monthly", "quality.completeness_daily", "reference.organizations")
_REFS = ("ref.supplier_materials", "ref.suppliers", "ref.supplier_footprints", "ref.factor_footprint")
_INSIDE = ("footprint.supplier_values_monthly",)


def suppliers_asset(folder: Path) -> dg.AssetsDefinition:
    """Return the step that says what bought materials carry and how far each supplier is, before the publication.

    `folder` has the register of what suppliers' hosts told.
    """
    return step("suppliers", MARTS, partial(suppliers_all, folder=folder), parents=_PARENTS, owner="team:carbon")


def suppliers_all(work: Work, folder: Path) -> dict[str, int]:
    """Make the marts, empty where the site names no material of a supplier; return their rows."""
    assert work.build is not None, "the marts were built"
    if work.as_of is None and work.site.tables["suppliers"].num_rows:
        work.findings += _withdrawn(work, folder)
    made = {MARTS[0]: VALUES.empty_table(), MARTS[1]: SUPPLIERS.empty_table()}
    if work.site.tables["supplier_materials"].num_rows:
        with connected(work.build.database, engine=work.build.engine) as connection:
            made = of_site(connection, ZoneInfo(work.site.settings.timezone)) or made
    return written(work, made, inside=_INSIDE)


def _withdrawn(work: Work, folder: Path) -> list[Finding]:
    """Find the answers in use that their suppliers took back."""
    from exchange.supplier_client import standing

    gone = standing.withdrawn(folder)
    if not gone or work.build is None:
        return []
    with connected(work.build.database, engine=work.build.engine) as connection:
        if not tables_of.exists(connection, "ref.supplier_footprints"):
            return []
        used = engine.rows(connection, "select * from ref.supplier_footprints")
    return list(supplier_records.detect(gone, used))


def of_site(connection: "DuckDBPyConnection", zone: ZoneInfo) -> dict[str, pa.Table] | None:
    """Return the marts from those of a build and its reference things; None in a look back to before there were any."""
    from methods.supply import status, values

    months = [row["month"] for row in engine.rows(connection, _MONTHS)]
    if not months or not all(tables_of.exists(connection, name) for name in _REFS):
        return None
    told = {name: connection.sql(f"select * from {name} order by all").to_arrow_table() for name in _REFS}
    told["ref.factor_footprint"] = connection.sql(_SECONDARY).to_arrow_table()
    by_month = values.monthly({name.removeprefix("ref."): table for name, table in told.items()}, months)
    materials = told["ref.supplier_materials"].to_pylist()
    last = connection.execute("select max(local_date) from quality.completeness_daily").fetchall()[0][0]
    month = (last.replace(day=1) - timedelta(days=1)).replace(day=1)
    flows = engine.rows(connection, _FLOWS, month=month)
    found = status.Supply(
        as_of=last,
        month=month,
        suppliers={row["supplier_id"]: row for row in told["ref.suppliers"].to_pylist()},
        organizations={row["organization_id"]: row for row in engine.rows(connection, _ORGANIZATIONS)},
        materials=materials,
        footprints=told["ref.supplier_footprints"].to_pylist(),
        factors={row["factor_id"]: row for row in told["ref.factor_footprint"].to_pylist()},
        annual=_annual(flows, materials),
        asked=_asked(connection, zone),
    )
    return {MARTS[0]: by_month, MARTS[1]: pa.Table.from_pylist(status.rows(found), SUPPLIERS)}


def _annual(flows: list[dict[str, Any]], materials: list[dict[str, Any]]) -> dict[tuple[str, str, str], Decimal]:
    """Return what is bought of each supplier in a year; where the flow names none, by the shares of the site."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for row in materials:
        key = (row["organization_id"], row["supplier_id"], row["material"])
        for flow in flows:
            named = flow["provider_id"] or row["supplier_id"]
            if (flow["organization_id"], flow["item"]) != (key[0], key[2]):
                continue
            if flow["quantity"] is None or not _converts(flow["quantity_unit"], row["unit"]):
                continue
            share = row["share"] if _is_shared(flow, materials) else Decimal(named == row["supplier_id"])
            scale = units.conversion(flow["quantity_unit"], row["unit"])
            amount = flow["quantity"] * share * scale.numerator / scale.denominator
            found[key] = found.get(key, Decimal(0)) + amount
    return {key: value.quantize(Decimal("0.000001")) for key, value in found.items()}


def _is_shared(flow: dict[str, Any], materials: list[dict[str, Any]]) -> bool:
    """Whether a flow is what several suppliers share: it names none of them, or one of whom a share is told."""
    return not flow["provider_id"] or any(
        row["supplier_id"] == flow["provider_id"]
        and row["material"] == flow["item"]
        and row["organization_id"] == flow["organization_id"]
        and row["share"] < 1
        for row in materials
    )


def _converts(unit: str, into: str) -> bool:
    known = units.units()
    return unit in known and into in known and known[unit].dimension == known[into].dimension


def _asked(connection: "DuckDBPyConnection", zone: ZoneInfo) -> "dict[tuple[str, str, str], status.Asked]":
    """Return what the portal says of each supply: the last time it was asked for, and of its last return."""
    from methods.supply import status

    found: dict[tuple[str, str, str], status.Asked] = {}
    if not tables_of.exists(connection, "ref.supplier_acts"):
        return found
    for row in engine.rows(connection, 'select * from ref.supplier_acts order by "at"'):
        key = (row["organization_id"], row["supplier_id"], row["material"])
        before, day = found.get(key, status.Asked()), row["at"].astimezone(zone).date()
        if row["act"] == "asked":
            found[key] = status.Asked(day, row["due_on"], before.returned_on)
        elif row["act"] in ("returned", "refused"):
            found[key] = status.Asked(before.asked_on, before.due_on, day)
        elif row["act"] in ("submitted", "approved"):
            found[key] = status.Asked(before.asked_on, before.due_on, None)
    return found


_MONTHS = "select distinct date_trunc('month', local_date)::date as month from quality.completeness_daily order by 1"
#: What is reckoned with where no supplier answered: the library's secondary data and the site's own.
_SECONDARY = """
    select factor_id, unit, factor_kgco2e_per_unit::decimal(18, 9) as factor_kgco2e_per_unit, dqr_technology, dqr_time,
        dqr_geography
    from ref.factor_footprint
    union all by name
    select factor_id, unit, value::decimal(18, 9) as factor_kgco2e_per_unit
    from ref.factors where property = 'kgco2e_per_unit'
    order by all
"""
_ORGANIZATIONS = """
    select organization_id, organization_name_zh, organization_name_en from reference.organizations
"""
_FLOWS = """
    select organization_id, item, provider_id, quantity_unit, sum(quantity) as quantity
    from footprint.flows_monthly
    where provider_kind = 'supplier' and direction = 'input' and month <= $month and month > $month - to_months(12)
    group by all order by all
"""
