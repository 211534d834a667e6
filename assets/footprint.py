"""Product footprints: every month and year of the product system, its contributions, changes and what was left out."""

import zlib
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from methods.footprint.tables import MARTS as SCHEMAS
from quality import tables as tables_of
from quality.detectors import footprint as detector

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MARTS = tuple(SCHEMAS)
KEYS = keys(MARTS)
_FLOWS, _ANSWERS = "footprint.flows_monthly", "footprint.supplier_values_monthly"
_PARENTS = (
    _FLOWS,
    _ANSWERS,
    "carbon.uncertainty_lines_annual",
    "quality.completeness_daily",
    "reference.organizations",
)


def footprint_asset() -> dg.AssetsDefinition:
    """Return the step that reckons the footprints of the site's products, before the publication."""
    return step("footprint", MARTS, reckon_all, parents=_PARENTS, owner="team:carbon")


def reckon_all(work: Work) -> dict[str, int]:
    """Make the marts, empty where the site has no products, and tell what they ask for; return their rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        settings = work.site.settings
        made = of_site(connection, settings.gwp_set, settings.id)
    rows = written(work, made)
    if rows["footprint.products"]:
        with connected(work.build.database, engine=work.build.engine) as connection:
            work.findings += detector.detect(connection)
    return rows


def of_site(connection: "DuckDBPyConnection", gwp_set: str, site_id: str) -> dict[str, pa.Table]:
    """Return the marts from the marts and reference things of a build; `site_id` seeds the draws."""
    empty = {mart: schema.empty_table() for mart, schema in SCHEMAS.items()}
    if not all(tables_of.exists(connection, name) for name in (_FLOWS, "ref.products", "ref.processes")):
        return empty  # a look back to before there were any
    products = _by(engine.rows(connection, "select * from ref.products order by product_id"), "product_id")
    if not products:
        return empty
    from methods.footprint import marts  # numerical; a process that only draws the graph does without it
    from methods.footprint.figures import Period, Site

    site = Site(
        products=products,
        processes=_by(engine.rows(connection, "select * from ref.processes order by process_id"), "process_id"),
        suppliers=_suppliers(connection),
        organizations=_by(engine.rows(connection, _ORGANIZATIONS), "organization_id"),
        gwp_set=gwp_set,
    )
    periods = [Period(**row) for row in engine.rows(connection, _PERIODS)]
    has_answers = tables_of.exists(connection, _ANSWERS)
    flows = engine.rows(connection, _ROWS.format(answers=_ANSWERED if has_answers else _UNANSWERED))
    return marts.of_site(flows, periods, site, zlib.crc32(site_id.encode()))


def _suppliers(connection: "DuckDBPyConnection") -> dict[str, dict[str, Any]]:
    if not tables_of.exists(connection, "ref.suppliers"):
        return {}
    return _by(engine.rows(connection, "select * from ref.suppliers order by supplier_id"), "supplier_id")


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


_ORGANIZATIONS = """
    select organization_id, parent_id, organization_name_zh as name_zh, organization_name_en as name_en
    from reference.organizations order by organization_id
"""
_MONTHS = """
    whole as (
        select month from quality.completeness_daily group by month
        having count(distinct local_date) = day(last_day(month))
    ),

    months as (
        select distinct month from footprint.flows_monthly inner join whole using (month)
        where direction = 'output' and quantity is not null
    ),

    periods as (
        select month, strftime(month, '%Y-%m') as period from months
        union all
        select month, strftime(month, '%Y') from months
    )
"""
_PERIODS = f"""
    with {_MONTHS}

    select period as name, case when length(period) = 4 then 'year' else 'month' end as kind,
        case when length(period) = 4 then date_trunc('year', min(month))::date else min(month) end as start_on,
        case when length(period) = 4 then (date_trunc('year', min(month)) + interval '1 year' - interval '1 day')::date
            else last_day(min(month)) end as end_on,
        count(*)::integer as months
    from periods group by period order by period
"""
# What suppliers' answers or the values in their place say of what was bought, by kind of carbon; a value that is
# missing is a row without a number. Aircraft is told within fossil and stands apart here.
_ANSWERED = f"""
    answers as (
        select answers.organization_id, answers.material, answers.month, answers.supplier_id, answers.unit,
            answers.share_ratio, answers.value_kind, answers.factor_id, answers.supplier_footprint_id,
            answers.primary_data_share_ratio, answers.dqr_technology, answers.dqr_time, answers.dqr_geography,
            unnest([
                {{'kind': 'fossil', 'value': fossil_kgco2e - coalesce(aircraft_kgco2e, 0)}},
                {{'kind': 'aircraft', 'value': aircraft_kgco2e}},
                {{'kind': 'land_use_change', 'value': land_use_change_kgco2e}},
                {{'kind': 'land_management', 'value': land_management_kgco2e}},
                {{'kind': 'land_management_removals', 'value': land_management_removals_kgco2e}},
                {{'kind': 'biogenic_non_co2', 'value': biogenic_non_co2_kgco2e}},
                {{'kind': 'biogenic_uptake', 'value': biogenic_uptake_kgco2e}},
                {{'kind': 'technological_removals', 'value': technological_removals_kgco2e}},
                {{'kind': 'capture', 'value': capture_kgco2e}}
            ]) as part
        from {_ANSWERS} as answers
    )
"""
_UNANSWERED = """
    answers as (
        select null::varchar as organization_id, null::varchar as material, null::date as month,
            null::varchar as supplier_id, null::varchar as unit, null::decimal(9, 6) as share_ratio,
            null::varchar as value_kind, null::varchar as factor_id, null::varchar as supplier_footprint_id,
            null::decimal(9, 6) as primary_data_share_ratio, null::decimal(4, 3) as dqr_technology,
            null::decimal(4, 3) as dqr_time, null::decimal(4, 3) as dqr_geography,
            {'kind': null::varchar, 'value': null::decimal(18, 6)} as part
        where false
    )
"""
# Of each exchange what it was in a month by provider, part, gas and kind of carbon, and then in each period. What is
# missing in one month is missing in its year.
_ROWS = f"""
    with {_MONTHS},

    {{answers}},

    bought as (
        select flows.*, answers.supplier_id, answers.factor_id as answer_factor_id, answers.supplier_footprint_id,
            answers.share_ratio as part_ratio,
            answers.value_kind, answers.part.kind as answer_kind,
            (answers.part.value::decimal(20, 9)
                * case when answers.unit = flows.quantity_unit then 1 else units.factor end::decimal(18, 9)
            )::decimal(18, 9) as per_unit,
            answers.primary_data_share_ratio, answers.dqr_technology as answer_technology,
            answers.dqr_time as answer_time, answers.dqr_geography as answer_geography
        from footprint.flows_monthly as flows
        left join answers
            on flows.organization_id = answers.organization_id and flows.item = answers.material
            and flows.month = answers.month
            and (answers.part.value <> 0 or answers.part.kind = 'fossil')
        left join ref.unit_conversions as units
            on flows.quantity_unit = units.from_unit and answers.unit = units.to_unit
        where flows.provider_kind = 'supplier' and not coalesce(flows.is_cut_off, false)
    ),

    every as (
        select month, organization_id, process_id, exchange_id, direction, kind, item, item_name_zh, item_name_en,
            stage, provider_kind, null::varchar as supplier_id, part, gas, kind_of_carbon, quantity, quantity_unit,
            mass_t, emissions_kgco2e, factor_id, factor_confidence, allocation, allocation_value,
            allocation_value_unit, uncertainty_ratio, dqr_technology, dqr_time, dqr_geography,
            case when is_primary then 1 else 0 end as primary_share_ratio, is_outbound, is_cut_off,
            estimated_ratio, missing_zh, missing_en
        from footprint.flows_monthly
        where provider_kind is distinct from 'supplier' or is_cut_off
        union all by name
        select month, organization_id, process_id, exchange_id, direction, kind, item, item_name_zh, item_name_en,
            stage, provider_kind, coalesce(nullif(supplier_id, ''), provider_id) as supplier_id, part, 'CO2e' as gas,
            answer_kind as kind_of_carbon,
            (quantity::decimal(20, 6) * coalesce(part_ratio, 1)::decimal(9, 6))::decimal(24, 9) as quantity,
            quantity_unit, (mass_t::decimal(20, 6) * coalesce(part_ratio, 1)::decimal(9, 6))::decimal(24, 9) as mass_t,
            ((quantity::decimal(20, 6) * part_ratio::decimal(9, 6))::decimal(20, 6) * per_unit)::decimal(24, 9)
                as emissions_kgco2e,
            coalesce(supplier_footprint_id, answer_factor_id) as factor_id,
            case when value_kind = 'answer' then 'answer' end as factor_confidence, allocation, allocation_value,
            allocation_value_unit, uncertainty_ratio, answer_technology as dqr_technology, answer_time as dqr_time,
            answer_geography as dqr_geography, coalesce(primary_data_share_ratio, 0) as primary_share_ratio,
            is_outbound, is_cut_off, estimated_ratio,
            coalesce(missing_zh, case when per_unit is null
                then '供应商没有' || coalesce(item_name_zh, item) || '的足迹' end) as missing_zh,
            coalesce(missing_en, case when per_unit is null
                then 'no supplier has a footprint of ' || coalesce(item_name_en, item) end) as missing_en
        from bought
    ),

    told as (
        select exchange_id, any_value(cut_off_reason_zh) as cut_off_reason_zh,
            any_value(cut_off_reason_en) as cut_off_reason_en,
            any_value(coalesce(source_category, 'purchased_electricity')) as source_category
        from ref.exchanges group by exchange_id
    ),

    -- how far the accounted emissions of a carrier may be off, and the meters of bought electricity
    lines as (
        select year, organization_id, source_category, carrier, case when basis = 'all' then gas end as gas,
            sum(abs(emissions_tco2e) * case when basis = 'all' then u95_ratio else activity_u95_ratio end)
            / nullif(sum(abs(emissions_tco2e)), 0) as u95_ratio
        from carbon.uncertainty_lines_annual
        where (basis = 'all' and u95_ratio is not null)
            or (basis = 'location' and source_category = 'purchased_electricity' and activity_u95_ratio is not null)
        group by all
    ),

    sources as (
        select factor_id, any_value(factor_set) as source, any_value(data_year)::varchar as source_version
        from (
            select factor_id, factor_set, data_year from ref.factor_footprint
            union all
            select factor_id, factor_set, data_year from ref.factors_footprint
            union all
            select factor_id, source_id, data_year from ref.factor_grid
        )
        group by factor_id
    )

    select periods.period, every.organization_id, process_id, exchange_id, direction, kind, item, stage, provider_kind,
        supplier_id, part, every.gas, kind_of_carbon, quantity_unit, any_value(item_name_zh) as item_name_zh,
        any_value(item_name_en) as item_name_en,
        case when count(quantity) = count(*) then sum(quantity) end as quantity,
        case when count(mass_t) = count(*) then sum(mass_t) end as mass_t,
        case when count(emissions_kgco2e) = count(*) then sum(emissions_kgco2e) end as emissions_kgco2e,
        max(factor_id) as factor_id, max(factor_confidence) as factor_confidence, any_value(allocation) as allocation,
        case when count(allocation_value) = count(*) then sum(allocation_value) end as allocation_value,
        any_value(allocation_value_unit) as allocation_value_unit,
        coalesce(max(uncertainty_ratio)::double, max(lines.u95_ratio)) as amount_u95_ratio,
        avg(dqr_technology)::decimal(4, 3) as dqr_technology, avg(dqr_time)::decimal(4, 3) as dqr_time,
        avg(dqr_geography)::decimal(4, 3) as dqr_geography,
        avg(primary_share_ratio)::decimal(9, 6) as primary_share_ratio, bool_or(is_outbound) as is_outbound,
        bool_or(is_cut_off) as is_cut_off, any_value(cut_off_reason_zh) as cut_off_reason_zh,
        any_value(cut_off_reason_en) as cut_off_reason_en, max(estimated_ratio) as estimated_ratio,
        any_value(missing_zh) as missing_zh, any_value(missing_en) as missing_en, max(sources.source) as source,
        max(source_version) as source_version
    from every inner join periods using (month) left join told using (exchange_id)
    left join sources using (factor_id)
    left join lines
        on every.organization_id = lines.organization_id and year(every.month) = lines.year
        and case when direction = 'emission' then part else item end = lines.carrier
        and case when direction = 'emission' then every.gas end is not distinct from lines.gas
        and told.source_category = lines.source_category
        and (direction = 'emission' or provider_kind = 'electricity')
    group by all
"""
