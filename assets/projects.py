"""Projects: what each changes of energy, emissions and money, as far as it was verified, and the curve of costs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from lake import engine
from lake.engine import connected
from methods.projects.tables import PROJECTS
from methods.quota import library
from quality import tables as tables_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from methods.projects import quota

MART = "carbon.projects"
KEYS = keys((MART,))
_PARENTS = (
    "energy.consumption_monthly",
    "energy.baselines",
    "energy.benchmarks_monthly",
    "energy.budget_status_monthly",
    "carbon.budget_status_monthly",
    "carbon.emissions_monthly",
    "carbon.intensity_monthly",
    "carbon.quota_forecast",
    "quality.completeness_daily",
    "reference.carriers",
)


def projects_asset() -> dg.AssetsDefinition:
    """Return the step that weighs the site's projects, before the publication."""
    return step("projects", (MART,), project_all, parents=_PARENTS, owner="team:carbon")


def project_all(work: Work) -> dict[str, int]:
    """Make the mart, empty where the site has no projects; return its rows."""
    assert work.build is not None, "the marts were built"
    table = PROJECTS.empty_table()
    if work.site.tables["projects"].num_rows:
        with connected(work.build.database, engine=work.build.engine) as connection:
            table = of_site(connection)
    return written(work, {MART: table})


def of_site(connection: "DuckDBPyConnection") -> pa.Table:
    """Return the mart from the marts and reference things of a build."""
    from methods.projects import effects, rows

    if not tables_of.exists(connection, "ref.projects"):  # a look back to before there were any
        return PROJECTS.empty_table()
    above: dict[str, list[str]] = {}
    for row in engine.rows(connection, "select ancestor, descendant from ref.organization_closure order by all"):
        above.setdefault(row["descendant"], []).append(row["ancestor"])
    site = rows.Site(
        rates=effects.rates(engine.rows(connection, _RATES)),
        units=dict(connection.execute(_CARRIERS).fetchall()),
        baselines=_by(engine.rows(connection, "select * from energy.baselines"), "baseline_id"),
        subjects=_by(engine.rows(connection, _SUBJECTS), "subject_id"),
        budgets={
            (row["organization_id"], row["measure"]): row["year_budget"] for row in engine.rows(connection, _BUDGETS)
        },
        outputs={(row["organization_id"], row["product_id"]): row for row in engine.rows(connection, _OUTPUTS)},
        quotas=_quotas(connection),
        above=above,
        organizations=_by(engine.rows(connection, _ORGANIZATIONS), "organization_id"),
        energy_units=_by(engine.rows(connection, _UNITS), "energy_unit_id"),
    )
    told = engine.rows(connection, "select * from ref.projects order by project_id")
    changes = engine.rows(connection, "select * from ref.project_effects order by all")
    found, refused = rows.projects(told, changes, site)
    for sentence in refused:
        LOG.warning("project left out, the rest is weighed: %s", sentence)
    return pa.Table.from_pylist(list(rows.rows(found, site)), schema=PROJECTS)


def _quotas(connection: "DuckDBPyConnection") -> "dict[str, quota.Allotted]":
    """Return the allotment of this year, of each organisation that one industrial subject stands for."""
    from methods.projects import quota

    if not all(tables_of.exists(connection, name) for name in ("carbon.quota_forecast", "ref.ets_rules")):
        return {}
    printed = library.library(
        engine.rows(connection, "select * from ref.ets_rules order by all"),
        engine.rows(connection, "select * from ref.ets_allocation order by all"),
    )
    return quota.allotted(engine.rows(connection, _QUOTAS), printed)


def _by(rows: list[dict[str, Any]], key: str) -> Mapping[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


_ACCOUNTS = ("statutory", "location", "market")


def _each(*columns: str) -> str:
    """Return columns once for each account."""
    return ", ".join(column.format(account=account) for account in _ACCOUNTS for column in columns)


#: Of each account what was found of it, what counts of it, and the sum of that.
_FOUND = _each(
    "max(case when emitted.account = '{account}' then emitted.quantity end) as {account}_quantity",
    "max(case when emitted.account = '{account}' then emitted.tonnes end) as {account}_tco2e",
)
_OWN = _each(
    "case when is_free then energy_quantity else {account}_quantity end as {account}_quantity",
    "case when is_free then 0 else {account}_tco2e end as {account}_tco2e",
)
_SUMS = _each(
    "sum(case when is_free then energy_quantity else {account}_quantity end)",
    "sum(case when is_free then 0 else {account}_tco2e end)",
)
#: The twelve whole months that end with the last one that is over.
_YEAR = """
    (select date_trunc('month', max(local_date))::date as now from quality.completeness_daily)
"""
# Of each carrier what it was at an organisation in twelve whole months, and (organization_id null) at the whole site:
# coal equivalent and price by what was bought or made, tonnes by the lines that were published. A line without a number
# counts with its factor missing; carbon that is biogenic counts as none. What is made from sun, wind or heat that was
# lost costs nothing and emits nothing by itself.
_RATES = f"""
    with year as {_YEAR},

    bought as (
        select months.organization_id, months.carrier::varchar as carrier,
            sum(months.quantity) as energy_quantity, sum(months.energy_tce_calorific) as tce_calorific,
            sum(months.energy_tce_equivalent) as tce_equivalent,
            sum(months.quantity) filter (months.cost_cny is not null) as priced_quantity, sum(months.cost_cny) as cny,
            bool_and(months.role in ('own_generation', 'recovered')) as is_free
        from energy.consumption_monthly as months
        inner join reference.organizations as organizations on months.energy_unit_id = organizations.root_energy_unit_id
        inner join year on months.month < year.now and months.month >= year.now - to_months(12)
        where months.role in ('purchase', 'internal_purchase', 'own_generation', 'recovered')
            and organizations.organization_id not in (select ancestor from ref.organization_closure where distance > 0)
        group by all
    ),

    lines as (
        select lines.organization_id, accounts.account, lines.carrier::varchar as carrier, lines.gas = 'CO2' as is_co2,
            case when lines.source_category in ('process', 'sequestered') then 'process' else 'use' end as kind,
            lines.activity, coalesce(lines.emissions_tco2e, case when lines.is_biogenic then 0 end) as tonnes,
            lines.source_category::varchar not in ('purchased_electricity', 'purchased_heat') as is_direct
        from carbon.emissions_monthly as lines
        inner join (values ('statutory'), ('location'), ('market')) as accounts (account)
            on lines.basis = accounts.account or (lines.basis = 'all' and accounts.account <> 'statutory')
        inner join year on lines.month < year.now and lines.month >= year.now - to_months(12)
        where lines.source_category::varchar in
                ('combustion', 'purchased_electricity', 'purchased_heat', 'process', 'sequestered')
            and lines.organization_id not in (select ancestor from ref.organization_closure where distance > 0)
    ),

    emitted as (
        select organization_id, kind, carrier, account,
            sum(activity) filter (is_co2 and tonnes is not null) as quantity, sum(tonnes) as tonnes,
            bool_or(is_direct) as is_direct
        from lines group by all
    ),

    every as (
        select organization_id, kind, carrier from emitted
        union
        select organization_id, 'use', carrier from bought
    ),

    of_organizations as (
        select every.organization_id, every.kind, every.carrier, bought.energy_quantity, bought.tce_calorific,
            bought.tce_equivalent, bought.priced_quantity, case when bought.is_free then 0 else bought.cny end as cny,
            bought.is_free, bool_or(emitted.is_direct) as is_direct,
            {_FOUND}
        from every
        left join bought
            on every.organization_id = bought.organization_id and every.carrier = bought.carrier and every.kind = 'use'
        left join emitted
            on every.organization_id = emitted.organization_id and every.carrier = emitted.carrier
            and every.kind = emitted.kind
        group by all
    )

    select organization_id, kind, carrier, energy_quantity, tce_calorific, tce_equivalent,
        case when is_free then energy_quantity else priced_quantity end as priced_quantity, cny, is_direct, {_OWN}
    from of_organizations
    union all
    select null, kind, carrier, sum(energy_quantity) filter (tce_calorific is not null), sum(tce_calorific),
        sum(tce_equivalent), sum(case when is_free then energy_quantity else priced_quantity end), sum(cny),
        bool_or(is_direct), {_SUMS}
    from of_organizations
    group by kind, carrier
    order by all
"""
_QUOTAS = """
    select organization_id, any_value(year) as year, any_value(rule::varchar) as rule, any_value(output) as output,
        any_value(benchmark) as balance, any_value(expected_t) as emissions_t, any_value(surplus_t) as surplus_t
    from carbon.quota_forecast
    where is_current_year
    group by organization_id having count(*) = 1 order by organization_id
"""
_CARRIERS = "select distinct carrier::varchar, unit::varchar from reference.carriers order by all"
_SUBJECTS = """
    select latest.subject_id, latest.subject_name_zh, latest.subject_name_en, latest.actual_unit, latest.rolling_actual,
        latest.benchmark_level, latest.baseline_level, latest.better, sum(months.output) as year_output
    from energy.benchmarks_monthly as latest
    inner join energy.benchmarks_monthly as months
        on latest.subject_id = months.subject_id and latest.subject_kind = months.subject_kind
        and months.month <= latest.month and months.month > latest.month - to_months(12)
    where latest.is_latest and latest.subject_kind <> 'equipment' and latest.rolling_months_count = 12
    group by all order by all
"""
_OUTPUTS = f"""
    with year as {_YEAR}

    select organization_id, product_id, sum(emissions_tco2e) as emissions_tco2e, sum(quantity) as quantity,
        any_value(quantity_unit::varchar) as quantity_unit, any_value(intensity_unit::varchar) as intensity_unit
    from carbon.intensity_monthly inner join year on month < now and month >= now - to_months(12)
    where denominator = 'product' and basis = 'statutory' and product_id is not null
    group by organization_id, product_id having count(emissions_tco2e) = count(*) and count(distinct month) = 12
    order by all
"""
_BUDGETS = """
    select organization_id, measure, year_budget
    from (from energy.budget_status_monthly union all by name from carbon.budget_status_monthly)
    where is_latest and year_budget is not null and measure in ('energy_calorific', 'emissions_statutory')
        and energy_unit_id in (select root_energy_unit_id from reference.organizations)
    order by all
"""
_ORGANIZATIONS = """
    select organization_id, organization_name_zh, organization_name_en, level from reference.organizations
    order by organization_id
"""
_UNITS = """
    select energy_unit_id, energy_unit_name_zh as zh, energy_unit_name_en as en from reference.energy_units
    order by energy_unit_id
"""
