"""Budgets: how each stands, where its year lands, and what is expected of the next days of what is budgeted."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from lake import engine
from lake.engine import connected
from methods.budgets import tables
from quality import tables as tables_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ENERGY, CARBON = "energy.budget_status_monthly", "carbon.budget_status_monthly"
FORECAST = "energy.forecast_daily"
MARTS = (ENERGY, CARBON, FORECAST)
KEYS = keys(MARTS)
_PARENTS = ("energy.readings_latest", "energy.consumption_daily", "carbon.emissions_monthly", "reference.carriers")
_SCHEMAS = {ENERGY: tables.STATUS, CARBON: tables.STATUS, FORECAST: tables.FORECAST}


def budgets_asset() -> dg.AssetsDefinition:
    """Return the step that says where each budget's year lands, before the publication."""
    return step("budgets", MARTS, budget_all, parents=_PARENTS, owner="team:energy")


def budget_all(work: Work) -> dict[str, int]:
    """Make the marts of the budgets, empty where the site has none; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made = of_site(connection, ZoneInfo(work.site.settings.timezone))
    return written(work, made)


def of_site(connection: "DuckDBPyConnection", zone: ZoneInfo) -> dict[str, pa.Table]:
    """Return the marts from the marts and reference things of a build."""
    made = {mart: pa.Table.from_batches([], schema) for mart, schema in _SCHEMAS.items()}
    if not tables_of.exists(connection, "ref.budgets"):  # a look back to before there were any
        return made
    lines = engine.rows(connection, _LINES)
    latest = connection.execute("select max(reading_at) from energy.readings_latest").fetchall()[0][0]
    if not lines or latest is None:
        return made
    from methods.budgets import course, marts, things  # numerical; a site without budgets does without it

    today = course.last_whole_day(latest, zone)
    amounts = connection.sql(_DAYS, params={"today": today}).to_arrow_table()
    counted = {
        (row["energy_unit_id"], row["carrier"]): row["quantity_unit"] for row in engine.rows(connection, _COUNTED)
    }
    found, refused = things.grouped(lines, counted)
    for sentence in refused:
        LOG.warning("row left out, the rest is used: %s", sentence)
    site = course.Site(today, engine.rows(connection, CALENDAR), engine.rows(connection, BELOW))
    rows = marts.rows(site, found, amounts, engine.rows(connection, _EMISSIONS))
    for mart, told in zip(MARTS, rows, strict=True):
        made[mart] = pa.Table.from_pylist(told, schema=_SCHEMAS[mart])
    return made


CALENDAR = """
    select local_date, energy_unit_id, day_type from ref.calendar
    where day_type is not null and local_date is not null and shift is null
    order by all
"""
# Which units lie in which; a park has the units of its members.
BELOW = """
    select ancestor, descendant from ref.unit_closure where distance > 0
    union
    select heads.root_energy_unit_id, units.energy_unit_id
    from ref.organization_closure as closure
    inner join reference.organizations as heads on closure.ancestor = heads.organization_id
    inner join reference.energy_units as units on closure.descendant = units.organization_id
    where closure.distance > 0 and heads.root_energy_unit_id is not null
    order by all
"""
_BUDGETED = """
    budgeted as (
        select budgets.* replace (
            coalesce(budgets.energy_unit_id, organizations.root_energy_unit_id) as energy_unit_id
        )
        from ref.budgets as budgets inner join reference.organizations as organizations using (organization_id)
    )
"""
_LINES = f"""
    with {_BUDGETED},

    carriers as (
        select carrier, min(carrier_name_zh) as carrier_name_zh, min(carrier_name_en) as carrier_name_en
        from (select distinct carrier, carrier_name_zh, carrier_name_en from reference.carriers) group by carrier
    )

    select budgeted.*, organizations.organization_name_zh, organizations.organization_name_en,
        organizations.level as organization_level, units.energy_unit_name_zh, units.energy_unit_name_en, units.level,
        coalesce(carriers.carrier_name_zh, budgeted.carrier) as carrier_name_zh,
        coalesce(carriers.carrier_name_en, budgeted.carrier) as carrier_name_en
    from budgeted
    inner join reference.organizations as organizations using (organization_id)
    inner join reference.energy_units as units on budgeted.energy_unit_id = units.energy_unit_id
    left join carriers on budgeted.carrier = carriers.carrier
    order by all
"""
# The counted amounts of the budgeted units by day: energy less what was given away, cost, input (what emissions are
# reckoned from), and the quantity of carriers, electricity of every origin together.
_USED = f"""
    with {_BUDGETED},

    used as (
        select days.energy_unit_id, days.local_date, days.is_counted, days.role in ('sale', 'internal_sale') as is_sold,
            case when days.carrier like 'electricity%' then 'electricity' else days.carrier::varchar end as carrier,
            days.quantity, days.quantity_unit::varchar as quantity_unit, days.energy_tce_calorific,
            days.energy_tce_equivalent, days.cost_cny, days.missing_count, days.interval_count
        from energy.consumption_daily as days
        where days.carrier_group <> 'material' and (days.is_counted or days.role in ('sale', 'internal_sale'))
            and days.energy_unit_id in (select energy_unit_id from budgeted)
    )
"""
#: What is summed, and the measures that are budgeted of it.
_SUMS = {
    "energy_calorific": "energy_calorific",
    "energy_equivalent": "energy_equivalent",
    "cost": "cost",
    "input": "emissions%",
}
_DAYS = f"""
    {_USED},

    sums as (
        select energy_unit_id, local_date,
            sum(case when is_sold then -energy_tce_calorific else energy_tce_calorific end) as energy_calorific,
            sum(case when is_sold then -energy_tce_equivalent else energy_tce_equivalent end) as energy_equivalent,
            sum(case when is_counted then cost_cny end) as cost,
            sum(case when is_counted then energy_tce_calorific end) as input,
            sum(missing_count) / nullif(sum(interval_count), 0) as missing_ratio
        from used where local_date <= $today
        group by energy_unit_id, local_date
    ),

    carriers as (
        select energy_unit_id, local_date, carrier, sum(quantity) as quantity,
            sum(missing_count) / nullif(sum(interval_count), 0) as missing_ratio
        from used where is_counted and local_date <= $today
        group by energy_unit_id, local_date, carrier
    ),

    every as (
        {{measures}}
        union all
        select energy_unit_id, 'carrier' as measure, carrier, local_date, quantity, missing_ratio
        from carriers
        where (energy_unit_id, carrier) in (select (energy_unit_id, carrier) from budgeted where measure = 'carrier')
    )

    select energy_unit_id, measure, carrier, local_date, amount::decimal(38, 6) as amount,
        coalesce(missing_ratio, 1)::double as missing_ratio
    from every order by all
""".replace(
    "{measures}",
    " union all ".join(
        f"select energy_unit_id, '{measure}' as measure, null as carrier, local_date, {measure} as amount,"
        " missing_ratio from sums"
        f" where energy_unit_id in (select energy_unit_id from budgeted where measure like '{of}')"
        for measure, of in _SUMS.items()
    ),
)
_COUNTED = f"""
    {_USED}
    select energy_unit_id, carrier, min(quantity_unit) as quantity_unit
    from used where is_counted group by all order by all
"""
_EMISSIONS = """
    select organizations.root_energy_unit_id as energy_unit_id, 'emissions_' || accounts.account as measure,
        lines.month, sum(lines.emissions_tco2e)::decimal(38, 6) as amount,
        string_agg(distinct lines.source_category::varchar, ';' order by lines.source_category::varchar) as kinds
    from carbon.emissions_monthly as lines
    inner join reference.organizations as organizations using (organization_id)
    inner join (values ('statutory'), ('location'), ('market')) as accounts (account)
        on lines.basis = accounts.account or (lines.basis = 'all' and accounts.account <> 'statutory')
    where lines.emissions_tco2e is not null
        and organizations.organization_id in (select organization_id from ref.budgets where measure like 'emissions%')
    group by all order by all
"""
