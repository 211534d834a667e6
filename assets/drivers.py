"""Why energy, emissions and cost of a month differ from last year and from the month before."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from methods.drivers import lmdi, rows
from methods.drivers.terms import Month

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART = "energy.drivers_monthly"
KEYS = keys((MART,))
_PARENTS = (
    "energy.comprehensive_units_monthly",
    "energy.intensity_monthly",
    "energy.consumption_daily",
    "carbon.emissions_monthly",
    "quality.completeness_daily",
    "energy.baselines",
    "energy.baseline_terms",
    "energy.outdoor_daily",
)


def drivers_asset() -> dg.AssetsDefinition:
    """Return the step that says why a month differs, before the publication."""
    return step("drivers", (MART,), explain_all, parents=_PARENTS, owner="team:data")


def explain_all(work: Work) -> dict[str, int]:
    """Make the mart, all months anew; return its rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        table = of_all_months(connection)
    return written(work, {MART: table})


def of_all_months(connection: "DuckDBPyConnection") -> pa.Table:
    """Return the mart from the marts of a build."""
    found: list[rows.Row] = []
    below = _members(connection)
    facts = _facts(connection)
    for owner in engine.rows(connection, _ORGANIZATIONS):
        organization = owner["organization_id"]
        months: dict[date, Month] = {}
        for row in facts:
            if row["organization_id"] in below[organization]:
                _add(months, row, organization)
        for known in months.values():
            _leave_nothing(known, organization)
        months = {month: known for month, known in months.items() if known.energy}
        found += rows.of_organization(owner, months)
    return pa.Table.from_pylist(found, schema=rows.DRIVERS)


def _members(connection: "DuckDBPyConnection") -> dict[str, set[str]]:
    """Return each organisation with itself and those below it."""
    found: dict[str, set[str]] = {}
    for row in engine.rows(connection, "select ancestor, descendant from ref.organization_closure"):
        found.setdefault(row["ancestor"], set()).add(row["descendant"])
    return found


def _facts(connection: "DuckDBPyConnection") -> Iterable[Mapping[str, Any]]:
    return [
        row for sql in (_ENERGY, _VALUES, _MADE, _EMISSIONS, _COSTS, _WEATHER) for row in engine.rows(connection, sql)
    ]


def _add(months: dict[date, Month], row: Mapping[str, Any], organization: str) -> None:
    """Put one fact into the month of an organisation: totals are its own, products and the rest its members'."""
    month = months.setdefault(row["month"], Month())
    kind, owner = row["kind"], row["organization_id"]
    if kind == "made":
        month.made[owner, row["line"]] = row["result"], row["amount"]
    elif kind == "value":
        month.values[owner] = row["result"]
    elif kind == "rest":
        month.rest[(owner,)] = row["result"]
    elif kind == "weather":
        month.weather[owner] = row["result"]
    if owner != organization:
        return
    if kind == "total":
        month.energy = row["result"]
    elif kind == "value":
        month.value = row["result"]
    elif kind in ("emissions", "costs"):
        getattr(month, kind)[(row["line"],)] = row["amount"], row["result"]


def _leave_nothing(known: Month, organization: str) -> None:
    """Put what a total has beyond its parts, the last digits of its members, among what belongs to no product."""
    parts = sum((energy for energy, _ in known.made.values()), sum(known.rest.values(), lmdi.ZERO))
    known.rest[(organization,)] = known.rest.get((organization,), lmdi.ZERO) + known.energy - parts


_ORGANIZATIONS = """
    select organization_id, organization_name_zh, organization_name_en, level as organization_level,
        root_energy_unit_id as energy_unit_id
    from reference.organizations where root_energy_unit_id is not null order by level, organization_id
"""
# A month is compared where each of its days is there.
_WHOLE = """
    whole as (
        select month from quality.completeness_daily group by month
        having count(distinct local_date) = day(last_day(month))
    )
"""
# Units that make something, without those inside another that makes something: with several products only the unit's
# name tells them apart and their amounts do not add up, so that they count as what belongs to no product.
_MAKERS = f"""
    {_WHOLE},

    makers as (
        select month, organization_id, energy_unit_id, any_value(product_id) as product_id,
            any_value(quantity) as quantity
        from energy.intensity_monthly
        where basis = 'product' and convention = 'calorific' and quantity is not null
        group by month, organization_id, energy_unit_id
        having count(*) = 1
    ),

    outermost as (
        select makers.*
        from makers
        where not exists (
            select 1 from makers as others
            inner join ref.unit_closure as closure on others.energy_unit_id = closure.ancestor
            where others.month = makers.month and closure.descendant = makers.energy_unit_id and closure.distance > 0
        )
    ),

    made as (
        select outermost.month, outermost.organization_id, outermost.energy_unit_id, outermost.product_id,
            outermost.quantity, units.comprehensive_energy_tce_calorific as energy
        from outermost
        inner join energy.comprehensive_units_monthly as units using (month, energy_unit_id)
        where units.comprehensive_energy_tce_calorific is not null
    )
"""
_ENERGY = f"""
    with {_MAKERS}

    select months.month, 'total' as kind, organization_id, null as line, null as amount,
        comprehensive_energy_tce_calorific as result
    from energy.comprehensive_monthly as months inner join whole using (month)
    where comprehensive_energy_tce_calorific is not null
    union all
    select months.month, 'rest', organization_id, null, null,
        any_value(comprehensive_energy_tce_calorific) - coalesce(sum(made.energy), 0)
    from energy.comprehensive_monthly as months
    inner join whole using (month)
    left join made using (month, organization_id)
    where comprehensive_energy_tce_calorific is not null
        and organization_id not in (select parent_id from reference.organizations where parent_id is not null)
    group by months.month, organization_id
"""
_MADE = f"""
    with {_MAKERS}

    select month, 'made' as kind, organization_id, energy_unit_id || '/' || product_id as line, quantity as amount,
        energy as result
    from made inner join whole using (month)
"""
_VALUES = f"""
    with {_WHOLE}

    select month, 'value' as kind, organization_id, null as line, null as amount, quantity as result
    from energy.intensity_monthly inner join whole using (month)
    where basis = 'output_value' and convention = 'calorific' and quantity is not null
"""
_EMISSIONS = f"""
    with {_WHOLE}

    select month, 'emissions' as kind, organization_id,
        concat_ws('/', source_category, carrier, gas, scope, is_internal, activity_unit, factor_unit) as line,
        case when count(activity) = count(*) then sum(activity) end as amount, sum(emissions_tco2e) as result
    from carbon.emissions_monthly inner join whole using (month)
    where basis = 'statutory' and emissions_tco2e is not null
    group by all
"""
_COSTS = f"""
    with {_WHOLE}

    select month, 'costs' as kind, organization_id, concat_ws('/', carrier, use_type, role) as line,
        sum(quantity) as amount, sum(cost_cny) as result
    from energy.consumption_daily inner join whole using (month)
    where level = organization_level and is_counted and cost_cny is not null and quantity is not null
    group by all
"""
# What heating and cooling took of an organisation's energy: degree days of a month whose every day has its temperature,
# by the lines of those baselines that are of all energy and of no unit inside another one's.
_WEATHER = f"""
    with {_WHOLE},

    lines as (
        select baseline_id, organization_id, energy_unit_id, temperature_point_id, heating_base_degc, cooling_base_degc
        from energy.baselines as told inner join ref.baselines as asked using (baseline_id, energy_unit_id)
        where told.carrier is null and null_reason is null
    ),

    outermost as (
        select lines.* from lines
        where not exists (
            select 1 from lines as others inner join ref.unit_closure as closure
                on others.energy_unit_id = closure.ancestor and closure.descendant = lines.energy_unit_id
            where closure.distance > 0 or others.baseline_id < lines.baseline_id
        )
    ),

    coefficients as (
        select outermost.*, coalesce(sum(value) filter (where term = 'heating'), 0) as heating,
            coalesce(sum(value) filter (where term = 'cooling'), 0) as cooling
        from outermost inner join energy.baseline_terms using (baseline_id)
        group by all
        having count(*) filter (where term in ('heating', 'cooling')) > 0
    )

    select days.month, 'weather' as kind, coefficients.organization_id, null as line, null as amount,
        sum(heating * greatest(coalesce(heating_base_degc - temperature_degc, 0), 0)
            + cooling * greatest(coalesce(temperature_degc - cooling_base_degc, 0), 0))::decimal(18, 6) as result
    from coefficients
    inner join energy.outdoor_daily as days on coefficients.temperature_point_id = days.point_id
    inner join whole using (month)
    group by days.month, coefficients.organization_id
    having count(distinct days.local_date) filter (where temperature_degc is not null) = day(last_day(days.month))
"""
