"""The balance at a park's gate: what passed it against members, common facilities and losses, with the difference."""

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake.engine import connected

MART = "carbon.park_gate_monthly"
KEYS = keys((MART,))
_PARENTS = (
    "quality.balances_daily",
    "quality.completeness_daily",
    "energy.consumption_points_monthly",
    "energy.consumption_daily",
    "carbon.emissions_monthly",
)

_TEXT, _NUMBER = pa.string(), pa.decimal128(18, 6)
SCHEMA = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[
            pa.field(name, _TEXT, nullable=False)
            for name in ("organization_id", "organization_name_zh", "organization_name_en", "node", "carrier")
        ],
        pa.field("place", pa.int32(), nullable=False),
        *[pa.field(name, _TEXT, nullable=False) for name in ("part_kind", "part_kind_name_zh", "part_kind_name_en")],
        *[pa.field(name, _TEXT) for name in ("part_id", "part_name_zh", "part_name_en")],
        pa.field("quantity", _NUMBER, nullable=False),
        pa.field("quantity_unit", _TEXT, nullable=False),
        pa.field("gate_ratio", pa.float64()),
        pa.field("emissions_tco2", _NUMBER),
        pa.field("days_count", pa.int32(), nullable=False),
    ]
)


def gate_asset() -> dg.AssetsDefinition:
    """Return the step that balances the gate, after the networks were reconciled."""
    kinds = ("python", "duckdb", "deltalake")
    return step("gate", (MART,), balance_all, parents=_PARENTS, owner="team:carbon", kinds=kinds)


def balance_all(work: Work) -> dict[str, int]:
    """Make the mart from the balances of all days; return its rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        table: pa.Table = connection.sql(_SQL).to_arrow_table().cast(SCHEMA)
    return written(work, {MART: table})


# A gate is a node that balances by itself and from which two or more organisations buy. The members' edges carry the
# points of their root units; the other metered edges lead to the outside; what the balance expects to lose is the loss.
# Common facilities are units of the kind `common` of whoever sells inside the park, taken out of that member's part.
_SQL = """
    with edges as (
        select from_node as node, carrier, point_id, -1 as sign from ref.flows
        union all
        select to_node as node, carrier, point_id, 1 as sign from ref.flows
    ),

    trade as (
        select distinct point_id, organization_id from energy.consumption_points_monthly
        where role in ('purchase', 'sale')
    ),

    gates as (
        select edges.node, edges.carrier, list(distinct trade.organization_id) as members
        from edges inner join trade using (point_id)
        where (edges.node, edges.carrier) in (select (balance, carrier) from quality.balances_daily)
        group by edges.node, edges.carrier
        having count(distinct trade.organization_id) > 1
    ),

    parks as (
        select gates.node, gates.carrier, gates.members, closure.ancestor as organization_id
        from gates inner join ref.organization_closure as closure on list_contains(gates.members, closure.descendant)
        group by gates.node, gates.carrier, gates.members, closure.ancestor
        having count(distinct closure.descendant) = len(gates.members)
        qualify row_number() over (partition by gates.node, gates.carrier order by max(closure.distance)) = 1
    ),

    days as (
        select parks.organization_id, parks.node, parks.carrier, balances.local_date, balances.month, balances.gap,
            balances.quantity_unit
        from quality.balances_daily as balances inner join parks on balances.balance = parks.node
            and balances.carrier = parks.carrier
    ),

    passed as (
        select days.organization_id, days.node, days.carrier, days.month, days.quantity_unit,
            trade.organization_id as member,
            sum(edges.sign * counted.quantity)::decimal(18, 6) as quantity
        from days
        inner join edges on days.node = edges.node and days.carrier = edges.carrier
        inner join quality.completeness_daily as counted
            on edges.point_id = counted.point_id and days.local_date = counted.local_date
        left join trade on edges.point_id = trade.point_id
        group by all
    ),

    gaps as (
        select organization_id, node, carrier, month, quantity_unit, sum(gap)::decimal(18, 6) as gap,
            count(*)::integer as days_count
        from days group by all
    ),

    sellers as (select distinct organization_id from energy.consumption_points_monthly where role = 'internal_sale'),

    common as (
        select days.organization_id, days.node, days.carrier, days.month, days.quantity_unit,
            used.organization_id as member, used.energy_unit_id, sum(used.quantity)::decimal(18, 6) as quantity
        from days
        inner join parks using (organization_id, node, carrier)
        inner join energy.consumption_daily as used on days.local_date = used.local_date
            and used.carrier = days.carrier and used.quantity_unit = days.quantity_unit and used.role = 'end_use'
        inner join ref.energy_units as units on used.energy_unit_id = units.energy_unit_id
        left join ref.energy_units as above on units.parent_id = above.energy_unit_id
        where units.kind = 'common' and not units.is_residual and coalesce(above.kind, '') <> 'common'
            and list_contains(parks.members, used.organization_id)
            and used.organization_id in (select organization_id from sellers)
        group by all
    ),

    net as (
        select organization_id, node, carrier, month,
            sum(case when member is null then quantity else 0 end) as gate,
            -sum(case when member is not null then quantity else 0 end) as members
        from passed group by all
    ),

    parts as (
        select organization_id, node, carrier, month, quantity_unit, 1 as place, 'gate' as part_kind,
            null as part_id, sum(quantity) as quantity
        from passed where member is null group by all

        union all

        select passed.organization_id, passed.node, passed.carrier, passed.month, passed.quantity_unit,
            2, 'member', passed.member,
            -sum(passed.quantity) - coalesce(any_value(shared.quantity), 0)
        from passed
        left join (
            select organization_id, node, carrier, month, member, sum(quantity) as quantity from common group by all
        ) as shared using (organization_id, node, carrier, month, member)
        where passed.member is not null group by all

        union all

        select organization_id, node, carrier, month, quantity_unit, 3, 'common', energy_unit_id, quantity from common

        union all

        select gaps.organization_id, gaps.node, gaps.carrier, gaps.month, gaps.quantity_unit, 4, 'loss', null,
            net.gate - net.members - gaps.gap
        from gaps inner join net using (organization_id, node, carrier, month)

        union all

        select organization_id, node, carrier, month, quantity_unit, 5, 'difference', null, gap from gaps
    ),

    factors as (
        select month, max(factor) / 1000 as tonnes_per_kwh from carbon.emissions_monthly
        where basis = 'location' and source_category = 'purchased_electricity' group by month
    )

    select parts.month, parts.organization_id, parks.name_zh as organization_name_zh,
        coalesce(parks.name_en, parks.name_zh) as organization_name_en, parts.node, parts.carrier,
        parts.place::integer as place, parts.part_kind,
        case parts.part_kind
            when 'gate' then '关口' when 'member' then '成员' when 'common' then '公共设施' when 'loss' then '网损'
            else '差额'
        end as part_kind_name_zh,
        case parts.part_kind
            when 'gate' then 'gate' when 'member' then 'member' when 'common' then 'common facilities'
            when 'loss' then 'expected losses' else 'difference'
        end as part_kind_name_en,
        parts.part_id, coalesce(units.name_zh, owners.name_zh) as part_name_zh,
        coalesce(units.name_en, owners.name_en, units.name_zh, owners.name_zh) as part_name_en,
        parts.quantity::decimal(18, 6) as quantity, parts.quantity_unit,
        (parts.quantity / nullif(net.gate, 0))::double as gate_ratio,
        case
            when parts.carrier = 'electricity' and parts.quantity_unit = 'kWh'
            then (parts.quantity::decimal(20, 6) * factors.tonnes_per_kwh::decimal(17, 9))::decimal(18, 6)
        end as emissions_tco2,
        gaps.days_count
    from parts
    inner join net using (organization_id, node, carrier, month)
    inner join gaps using (organization_id, node, carrier, month)
    inner join ref.organizations as parks on parts.organization_id = parks.organization_id
    left join ref.organizations as owners on parts.part_kind = 'member' and parts.part_id = owners.organization_id
    left join ref.energy_units as units on parts.part_kind = 'common' and parts.part_id = units.energy_unit_id
    left join factors on parts.month = factors.month
    order by parts.month, parts.organization_id, parts.carrier, parts.place, parts.part_id
"""
