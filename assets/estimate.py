"""The running month's emissions: what is there, what is expected of it, and how good such estimates were."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.budgets import BELOW, CALENDAR
from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from methods.estimate.tables import ESTIMATE, SOURCES
from quality import tables as tables_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from methods.estimate.rows import Place

MARTS = {"carbon.emissions_estimate_daily": ESTIMATE, "carbon.emissions_estimate_sources_daily": SOURCES}
KEYS = keys(tuple(MARTS))
_PARENTS = (
    "energy.readings_latest",
    "energy.consumption_daily",
    "carbon.emissions_monthly",
    "carbon.budget_status_monthly",
)
#: Whole months without which there is nothing to expect a month from.
_LEAST = 2


def estimate_asset() -> dg.AssetsDefinition:
    """Return the step that says what the running month is expected to emit, before the publication."""
    return step("estimate", tuple(MARTS), estimate_all, parents=_PARENTS, owner="team:carbon")


def estimate_all(work: Work) -> dict[str, int]:
    """Make the marts of the running month; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made = of_site(connection, ZoneInfo(work.site.settings.timezone))
    return written(work, made)


def of_site(connection: "DuckDBPyConnection", zone: ZoneInfo) -> dict[str, pa.Table]:
    """Return the marts from the marts and reference things of a build; empty before two months are over."""
    empty = {mart: schema.empty_table() for mart, schema in MARTS.items()}
    latest = connection.execute("select max(reading_at) from energy.readings_latest").fetchall()[0][0]
    count = connection.execute("select count(distinct month) from carbon.emissions_monthly").fetchall()[0][0]
    if latest is None or count <= _LEAST:
        return empty
    from methods.budgets import course, things  # numerical; a site in its first weeks does without it
    from methods.estimate import lines, month, rows

    today = course.last_whole_day(latest, zone)
    told = lines.told(engine.rows(connection, _LINES))
    amounts = connection.sql(_DAYS, params={"today": today}).to_arrow_table()
    names = ("energy_unit_id", "measure", "carrier")
    known = amounts.group_by(list(names)).aggregate([]).sort_by([(name, "ascending") for name in names])
    series = [things.Key(*(row[name] for name in names)) for row in known.to_pylist()]
    if not series or not told:
        return empty
    site = course.Site(today, engine.rows(connection, CALENDAR), engine.rows(connection, BELOW))
    days = course.of_days(site, series, amounts)
    if not days.count:
        return empty
    found, place = month.course(days, told, today), _place(connection)
    estimates, sources = [], []
    for account in rows.accounts(found, told, place, today):
        estimates += list(rows.estimates(account, days.first, today, place))
        sources += list(rows.sources(found, days, account, today, place))
    made = zip(MARTS.items(), (estimates, sources), strict=True)
    return {mart: pa.Table.from_pylist(table, schema=schema) for (mart, schema), table in made}


def _place(connection: "DuckDBPyConnection") -> "Place":
    """Return the site as the rows of the marts tell it."""
    from methods.estimate import rows

    below: dict[str, set[str]] = {}
    for row in engine.rows(connection, "select ancestor, descendant from ref.organization_closure"):
        below.setdefault(row["ancestor"], set()).add(row["descendant"])
    budgets = engine.rows(connection, _BUDGETS) if tables_of.exists(connection, "carbon.budget_status_monthly") else []
    return rows.Place(
        {row["organization_id"]: row for row in engine.rows(connection, _ORGANIZATIONS)},
        below,
        {(row.pop("source_category"), row.pop("carrier")): row for row in engine.rows(connection, _NAMES)},
        {(row["energy_unit_id"], row["carrier"]): row["unit"] for row in engine.rows(connection, _UNITS)},
        {
            (row["organization_id"], row["basis"], row["month"]): (row["budget_version"], row["budget"])
            for row in budgets
        },
    )


# The lines that have a number, of the organisations that emit themselves; what counts in every account is told in each.
_LINES = """
    select lines.organization_id, organizations.root_energy_unit_id as energy_unit_id, accounts.account as basis,
        lines.source_category::varchar as source_category, lines.carrier::varchar as carrier,
        coalesce(lines.is_internal, false) as is_internal, lines.month,
        concat_ws('/', lines.gas::varchar, lines.method_clause::varchar, lines.method_term::varchar) as line,
        sum(lines.activity) as activity, sum(lines.emissions_tco2e)::decimal(38, 6) as emissions_tco2e
    from carbon.emissions_monthly as lines
    inner join reference.organizations as organizations using (organization_id)
    inner join (values ('statutory'), ('location'), ('market')) as accounts (account)
        on lines.basis = accounts.account or (lines.basis = 'all' and accounts.account <> 'statutory')
    where lines.emissions_tco2e is not null
        and lines.organization_id not in (select ancestor from ref.organization_closure where distance > 0)
    group by all order by all
"""
# What of each carrier the lines of a category are reckoned from, by day, and the energy that went in.
_DAYS = """
    with days as (
        select days.* replace (days.carrier::varchar as carrier, days.use_type::varchar as use_type)
        from energy.consumption_daily as days
        inner join reference.organizations as organizations
            on days.energy_unit_id = organizations.root_energy_unit_id
        where days.local_date <= $today
            and organizations.organization_id not in (select ancestor from ref.organization_closure where distance > 0)
    ),

    classed as (
        select days.*, classes.class
        from days inner join (values ('fuel'), ('feedstock'), ('bought'), ('sold')) as classes (class)
            on (days.is_counted and days.use_type = classes.class)
            or (classes.class = 'bought' and days.role in ('purchase', 'internal_purchase'))
            or (classes.class = 'sold' and days.role in ('sale', 'internal_sale'))
        where days.carrier in (select carrier::varchar from carbon.emissions_monthly)
    )

    select energy_unit_id, class as measure, carrier, local_date, sum(quantity)::decimal(38, 6) as amount,
        coalesce(sum(missing_count) / nullif(sum(interval_count), 0), 1)::double as missing_ratio
    from classed group by all
    union all
    select energy_unit_id, 'input', null, local_date, sum(energy_tce_calorific)::decimal(38, 6),
        coalesce(sum(missing_count) / nullif(sum(interval_count), 0), 1)::double
    from days where is_counted and carrier_group <> 'material' group by all
    order by all
"""
_ORGANIZATIONS = """
    select organization_id, organization_name_zh, organization_name_en, level from reference.organizations
    order by organization_id
"""
_NAMES = """
    select distinct source_category::varchar as source_category, carrier::varchar as carrier, source_category_name_zh,
        source_category_name_en, carrier_name_zh, carrier_name_en
    from carbon.emissions_monthly order by all
"""
_UNITS = """
    select energy_unit_id, carrier::varchar as carrier, min(quantity_unit::varchar) as unit
    from energy.consumption_daily
    where energy_unit_id in (select root_energy_unit_id from reference.organizations)
    group by all order by all
"""
_BUDGETS = """
    select status.organization_id, accounts.account as basis, status.month, status.budget_version, status.budget
    from carbon.budget_status_monthly as status
    inner join (values ('statutory'), ('location'), ('market')) as accounts (account)
        on status.measure = 'emissions_' || accounts.account
    where status.budget is not null
    order by all
"""
