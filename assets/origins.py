"""Which origin electricity has, and by which way it came: own plant, contract, certificate, park or grid."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from methods.origins import rows
from methods.origins.mix import ZERO, Member, Source, shared

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART = "energy.electricity_origins_monthly"
KEYS = keys((MART,))
_PARENTS = ("energy.consumption_monthly", "energy.consumption_points_monthly", "carbon.emissions_monthly")


def origins_asset() -> dg.AssetsDefinition:
    """Return the step that tells the origin of electricity, before the publication."""
    return step("origins", (MART,), tell_all, parents=_PARENTS, owner="team:data")


def tell_all(work: Work) -> dict[str, int]:
    """Make the mart, all months anew; return its rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        table = of_all_months(connection)
    return written(work, {MART: table})


def of_all_months(connection: "DuckDBPyConnection") -> pa.Table:
    """Return the mart from the marts of a build."""
    months: dict[date, dict[str, Member]] = {}
    for row in engine.rows(connection, _AMOUNTS):
        member = months.setdefault(row["month"], {}).setdefault(row["organization_id"], Member())
        _put(member, row)
    proofs: dict[tuple[object, ...], dict[str, Decimal]] = {}
    for row in engine.rows(connection, _RETIRED):
        proofs.setdefault((row["month"], row["organization_id"]), {})[row["origin"]] = row["quantity"]
    for row in engine.rows(connection, _MATCHED):
        _cover(months[row["month"]][row["organization_id"]], row, proofs[row["month"], row["organization_id"]])
    owners = engine.rows(connection, _ORGANIZATIONS)
    below: dict[str, list[str]] = {owner["organization_id"]: [] for owner in owners}
    for row in engine.rows(connection, "select ancestor, descendant from ref.organization_closure"):
        below.setdefault(row["ancestor"], []).append(row["descendant"])
    doubts: dict[date, dict[str, tuple[object, object]]] = {}
    for row in engine.rows(connection, _DOUBTS):
        doubts.setdefault(row["month"], {})[row["organization_id"]] = row["estimated_ratio"], row["missing_ratio"]
    found: list[rows.Row] = []
    for month, members in sorted(months.items()):
        found += rows.of_month(month, members, owners, below, doubts[month])
    return pa.Table.from_pylist(found, schema=rows.ORIGINS)


def _put(member: Member, row: dict[str, Any]) -> None:
    """Put one amount into the month of a member."""
    role, amount = row["role"], row["quantity"]
    source = rows.source(row["carrier"], role)
    if role == "internal_purchase":
        member.bought[row["seller_id"]] = member.bought.get(row["seller_id"], ZERO) + amount
    elif role in ("sale", "internal_sale"):
        of = None if source.origin == "unspecified" else source.origin
        member.sold[of] = member.sold.get(of, ZERO) + amount
    else:
        member.made[source] = member.made.get(source, ZERO) + amount


def _cover(member: Member, row: dict[str, Any], proofs: dict[str, Decimal]) -> None:
    """Let certificates say the origin of what they were matched with, in proportion to their kinds."""
    amount: Decimal = row["quantity"]
    if row["is_internal"]:
        whole = sum(member.bought.values(), ZERO)
        member.bought = {seller: bought - bought * amount / whole for seller, bought in member.bought.items()}
    else:
        of = rows.source(row["carrier"], "purchase")
        member.made[of] = member.made[of] - amount
    kinds = {Source(origin, "certificate", "certificate"): quantity for origin, quantity in proofs.items()}
    for source, part in shared(amount, kinds).items():
        member.made[source] = member.made.get(source, ZERO) + part


_ORGANIZATIONS = """
    select organization_id, organization_name_zh, organization_name_en, level as organization_level
    from reference.organizations order by level, organization_id
"""
# What members took in and gave away; a purchase inside the park by its seller, of whom the site tells.
_AMOUNTS = """
    with members as (
        select organization_id from reference.organizations
        where organization_id not in (select parent_id from reference.organizations where parent_id is not null)
    ),

    sellers as (
        select energy_unit_id, carrier, point_id, min(counterparty) as seller_id
        from ref.allocations where role = 'internal_purchase' group by all
    ),

    bought as (
        select points.month, points.organization_id, points.carrier, points.role, sellers.seller_id,
            sum(points.quantity) as quantity
        from energy.consumption_points_monthly as points
        left join sellers using (energy_unit_id, carrier, point_id)
        where points.role = 'internal_purchase' and points.carrier like 'electricity%' and points.quantity_unit = 'kWh'
        group by all
    )

    select month, organization_id, carrier, role, null as seller_id, sum(quantity) as quantity
    from energy.consumption_monthly inner join members using (organization_id)
    where level = organization_level and carrier like 'electricity%' and quantity_unit = 'kWh' and quantity is not null
        and role in ('purchase', 'own_generation', 'recovered', 'conversion', 'sale', 'internal_sale')
    group by all
    union all
    select month, organization_id, carrier, role, seller_id, quantity
    from bought inner join members using (organization_id)
    order by all
"""
# What the market account matched certificates with.
_MATCHED = """
    select month, organization_id, carrier, is_internal, sum(activity) as quantity
    from carbon.emissions_monthly
    where method_clause = 'ghgp_scope2.certificates' and activity > 0
        and organization_id not in (select parent_id from reference.organizations where parent_id is not null)
    group by all order by all
"""
_RETIRED = """
    select month, organization_id, coalesce(origin, 'unspecified') as origin,
        sum(quantity * conversions.factor)::decimal(18, 6) as quantity
    from ref.certificates as certificates
    inner join ref.unit_conversions as conversions
        on certificates.unit = conversions.from_unit and conversions.to_unit = 'kWh'
    where retired_on is not null and contract is null
    group by all order by all
"""
_DOUBTS = """
    select month, organization_id,
        (sum(abs(quantity) * estimated_ratio::double) / nullif(sum(abs(quantity)), 0))::decimal(9, 6)
            as estimated_ratio,
        max(missing_ratio)::decimal(9, 6) as missing_ratio
    from energy.consumption_monthly
    where level = organization_level and carrier like 'electricity%' and quantity_unit = 'kWh'
    group by all
"""
