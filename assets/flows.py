"""The energy flow: links from purchase to end use and the balance of every node, for each organisation and month."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from methods.flows import drawing, run, tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINKS, BALANCE = "energy.flow_links_monthly", "energy.balance_monthly"
MARTS = (LINKS, BALANCE)
KEYS = keys(MARTS)
_PARENTS = (
    "quality.completeness_daily",
    "energy.consumption_points_monthly",
    "energy.consumption_daily",
    "reference.carriers",
)


def flows_asset() -> dg.AssetsDefinition:
    """Return the step that draws up the energy flow of every month, before the publication."""
    return step("flows", MARTS, flow_all, parents=_PARENTS, owner="team:data")


def flow_all(work: Work) -> dict[str, int]:
    """Make both marts, all months anew; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made = of_all_months(connection)
    return written(work, made)


def of_all_months(connection: "DuckDBPyConnection") -> dict[str, pa.Table]:
    """Return both marts from the marts and reference things of a build."""
    site = _site(connection)
    passed: dict[date, list[dict[str, Any]]] = {}
    for row in engine.rows(connection, _PASSED):
        passed.setdefault(row["month"], []).append(row)
    hours = {row["month"]: float(row["days"] * 24) for row in engine.rows(connection, _MONTHS)}
    links: list[tables.Row] = []
    balances: list[tables.Row] = []
    for month, rows in sorted(passed.items()):
        of_links, of_balance = run.month_of(site, month, rows, hours[month])
        links += of_links
        balances += of_balance
    drawing.straighten(links)
    return {
        LINKS: pa.Table.from_pylist(links, schema=tables.FLOW_LINKS),
        BALANCE: pa.Table.from_pylist(balances, schema=tables.BALANCE),
    }


def _site(connection: "DuckDBPyConnection") -> run.Site:
    organizations = engine.rows(connection, _ORGANIZATIONS)
    units = engine.rows(connection, "select * from reference.energy_units")
    nodes = engine.rows(connection, "select * from ref.flow_nodes")
    carriers = engine.rows(connection, "select * from reference.carriers order by carrier, valid_from")
    members: dict[str, dict[str, str]] = {row["organization_id"]: {} for row in organizations}
    for row in engine.rows(connection, _MEMBERS):
        members[row["organization_id"]][row["member_id"]] = row["node"]
    names = tables.Names(
        {row["organization_id"]: _both(row, "organization_name") for row in organizations},
        {row["energy_unit_id"]: _both(row, "energy_unit_name") for row in units}
        | {row["node_id"]: _both(row, "name") for row in nodes},
        {row["carrier"]: (*_both(row, "carrier_name"), *_group(row)) for row in carriers},
    )
    return run.Site(
        flows=engine.rows(connection, "select * from ref.flows"),
        classes=dict(connection.execute(_CLASSES).fetchall()),
        units={row["energy_unit_id"]: row["organization_id"] for row in units},
        parents={row["energy_unit_id"]: row["parent_id"] for row in units},
        nodes={row["node_id"]: row["organization_id"] for row in nodes if row["organization_id"]},
        members=members,
        head=next(row["organization_id"] for row in organizations if row["level"] == 0),
        names=names,
    )


def _both(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    return row[f"{name}_zh"], row[f"{name}_en"] or row[f"{name}_zh"]


def _group(row: Mapping[str, Any]) -> Sequence[str]:
    return row["carrier_group"], row["carrier_group_name_zh"], row["carrier_group_name_en"]


_ORGANIZATIONS = "select * from reference.organizations order by level, organization_id"
#: A member stands for all that is below it.
_MEMBERS = """
    select above.ancestor as organization_id, below.descendant as member_id, children.root_energy_unit_id as node
    from ref.organization_closure as above
    inner join ref.organization_closure as below on above.descendant = below.ancestor
    inner join reference.organizations as children on above.descendant = children.organization_id
    where above.distance = 1 and children.root_energy_unit_id is not null
"""
_CLASSES = """
    select points.point_id, meters.accuracy_class
    from ref.points as points inner join ref.meters as meters using (meter_id)
"""
_MONTHS = "select month, count(distinct local_date) as days from quality.completeness_daily group by month"
# What passed the points of the network by the coefficients of each day; what root units bought, generated and
# recovered, origins of electricity together (a contract that gives a share another origin adds up to nothing); and
# what each unit used itself, beyond the units below it.
_PASSED = """
    with flows as (
        select date_trunc('month', days.local_date)::date as month, 'flow' as kind, edges.point_id, null as role,
            null as energy_unit_id, null as root_id, edges.carrier, sum(days.quantity) as quantity, carriers.unit,
            sum(days.quantity * carriers.gj_per_unit) as energy_gj,
            sum(days.quantity * carriers.tce_calorific_per_unit) as tce_calorific,
            sum(days.quantity * carriers.tce_equivalent_per_unit) as tce_equivalent
        from quality.completeness_daily as days
        inner join (select distinct point_id, carrier from ref.flows) as edges using (point_id)
        inner join reference.carriers as carriers
            on edges.carrier = carriers.carrier and days.quantity_unit = carriers.unit
            and days.local_date >= carriers.valid_from and days.local_date < carriers.valid_to
        where days.quantity is not null and carriers.gj_per_unit is not null
        group by all
    ),

    bought as (
        select points.*, carriers.gj_per_unit, carriers.tce_calorific_per_unit, carriers.tce_equivalent_per_unit
        from energy.consumption_points_monthly as points
        inner join reference.carriers as carriers
            on points.carrier = carriers.carrier and points.quantity_unit = carriers.unit
            and points.month >= carriers.valid_from and points.month < carriers.valid_to
        where points.role in ('purchase', 'internal_purchase', 'own_generation', 'recovered')
            and carriers.gj_per_unit is not null
    ),

    supplies as (
        select month, 'supply' as kind, point_id, role, energy_unit_id, energy_unit_id as root_id, {family} as carrier,
            sum(quantity) as quantity, any_value(quantity_unit) as unit, sum(quantity * gj_per_unit) as energy_gj,
            sum(quantity * tce_calorific_per_unit) as tce_calorific,
            sum(quantity * tce_equivalent_per_unit) as tce_equivalent
        from bought
        group by month, point_id, role, energy_unit_id, {family}
        having sum(quantity) <> 0
    ),

    used as (
        select month, energy_unit_id, organization_id, {family} as carrier, any_value(quantity_unit) as unit,
            sum(quantity) as quantity, sum(energy_gj) as energy_gj, sum(energy_tce_calorific) as tce_calorific,
            sum(energy_tce_equivalent) as tce_equivalent
        from energy.consumption_daily
        where role = 'end_use' and energy_gj is not null
        group by month, energy_unit_id, organization_id, {family}
    ),

    below as (
        select used.month, units.parent_id as energy_unit_id, used.carrier, sum(used.quantity) as quantity,
            sum(used.energy_gj) as energy_gj, sum(used.tce_calorific) as tce_calorific,
            sum(used.tce_equivalent) as tce_equivalent
        from used inner join reference.energy_units as units using (energy_unit_id)
        group by all
    ),

    uses as (
        select used.month, 'use' as kind, null as point_id, null as role, used.energy_unit_id,
            organizations.root_energy_unit_id as root_id, used.carrier,
            used.quantity - coalesce(below.quantity, 0) as quantity, used.unit,
            used.energy_gj - coalesce(below.energy_gj, 0) as energy_gj,
            used.tce_calorific - coalesce(below.tce_calorific, 0) as tce_calorific,
            used.tce_equivalent - coalesce(below.tce_equivalent, 0) as tce_equivalent
        from used
        inner join reference.organizations as organizations using (organization_id)
        left join below using (month, energy_unit_id, carrier)
        where used.energy_unit_id <> organizations.root_energy_unit_id
            and used.energy_gj > coalesce(below.energy_gj, 0)
    )

    select month, kind, point_id, role, energy_unit_id, root_id, carrier, {amounts}
    from (from flows union all by name from supplies union all by name from uses)
    order by all
""".format(
    family="case when carrier like 'electricity%' then 'electricity' else carrier end",
    amounts="quantity::decimal(18, 6) as quantity, unit, "
    + ", ".join(f"{name}::decimal(18, 6) as {name}" for name in ("energy_gj", "tce_calorific", "tce_equivalent")),
)
