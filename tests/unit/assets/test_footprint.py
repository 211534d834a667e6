"""What the step reads of flows and of suppliers: whole months, their shares, kinds of carbon, what is missing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from assets import footprint
from lake.engine import connected
from methods.supply.tables import VALUES

_SITE = """
create schema footprint; create schema ref; create schema quality; create schema reference; create schema carbon;
create table ref.products as select * from (values
    ('mix', 'mixer', 'works', '混合料', 'Mix', 't', 1.0, 'cradle_to_gate', true))
    as one (product_id, process_id, organization_id, name_zh, name_en, declared_unit, declared_amount, boundary,
    is_sold);
alter table ref.products add column mass_per_declared_unit_kg decimal(18, 6);
alter table ref.products add column benchmark_kgco2e decimal(18, 6);
alter table ref.products add column benchmark_source varchar;
alter table ref.products add column biogenic_carbon_content_kgc decimal(18, 6);
create table ref.processes as select 'mixer' as process_id, '混合' as name_zh, 'Mixing' as name_en;
create table ref.suppliers as select * from (values ('a', '甲', 'A'), ('b', '乙', 'B'))
    as one (supplier_id, name_zh, name_en);
create table ref.exchanges as select null::varchar as exchange_id, null::varchar as cut_off_reason_zh,
    null::varchar as cut_off_reason_en, null::varchar as source_category where false;
create table ref.unit_conversions as select 'kg' as from_unit, 't' as to_unit, 0.001::decimal(28, 12) as factor;
create table ref.factor_footprint as select null::varchar as factor_id, null::varchar as factor_set,
    null::integer as data_year where false;
create table ref.factors_footprint as from ref.factor_footprint;
create table ref.factor_grid as select null::varchar as factor_id, null::varchar as source_id,
    null::integer as data_year where false;
create table reference.organizations as select 'works' as organization_id, null::varchar as parent_id,
    '厂' as organization_name_zh, 'Works' as organization_name_en;
create table carbon.uncertainty_lines_annual as select null::integer as year, null::varchar as organization_id,
    null::varchar as basis, null::varchar as source_category, null::varchar as carrier, null::varchar as gas,
    null::double as u95_ratio, null::double as activity_u95_ratio, null::decimal(18, 6) as emissions_tco2e where false;
create table quality.completeness_daily as select day::date as local_date, date_trunc('month', day)::date as month
    from range(timestamp '2025-01-01', timestamp '2025-03-15', interval 1 day) as days (day);
create table footprint.flows_monthly (month date, organization_id varchar, process_id varchar, exchange_id varchar,
    direction varchar, kind varchar, item varchar, item_name_zh varchar, item_name_en varchar, stage varchar,
    provider_kind varchar, provider_id varchar, part varchar, gas varchar, kind_of_carbon varchar,
    quantity decimal(18, 6), quantity_unit varchar, mass_t decimal(18, 6), emissions_kgco2e decimal(18, 6),
    factor_id varchar, factor_confidence varchar, allocation varchar, allocation_value decimal(18, 6),
    allocation_value_unit varchar, uncertainty_ratio decimal(9, 6), dqr_technology decimal(9, 6),
    dqr_time decimal(9, 6), dqr_geography decimal(9, 6), is_primary boolean, is_outbound boolean, is_cut_off boolean,
    estimated_ratio decimal(9, 6), missing_zh varchar, missing_en varchar);
insert into footprint.flows_monthly by name
    select month, 'works' as organization_id, 'mixer' as process_id, 'made' as exchange_id, 'output' as direction,
        'product' as kind, 'mix' as item, 'production' as stage, 100 as quantity, 't' as quantity_unit,
        true as is_primary
    from (values (date '2025-01-01'), (date '2025-02-01'), (date '2025-03-01')) as months (month);
insert into footprint.flows_monthly by name
    select month, 'works' as organization_id, 'mixer' as process_id, 'bought' as exchange_id, 'input' as direction,
        'material' as kind, 'grit' as item, '砂' as item_name_zh, 'Grit' as item_name_en, 'raw_materials' as stage,
        'supplier' as provider_kind, 20000 as quantity, 'kg' as quantity_unit, 20 as mass_t, true as is_primary
    from (values (date '2025-01-01'), (date '2025-02-01'), (date '2025-03-01')) as months (month);
"""


@pytest.fixture
def build() -> Iterator[DuckDBPyConnection]:
    with connected() as connection:
        connection.execute(_SITE)
        yield connection


def answers(connection: DuckDBPyConnection, months: str, kind: str = "secondary", of_b: str = "40") -> None:
    """Put in what a tonne of grit carries: A has 60 % of it and answered, B has the rest."""
    values = VALUES.empty_table()  # the columns as the mart has them
    connection.register("made", values)
    connection.execute("create table if not exists footprint.supplier_values_monthly as from made")
    connection.execute(f"""
        insert into footprint.supplier_values_monthly by name
        select 'works' as organization_id, 'grit' as material, supplier_id, month, share_ratio, 't' as unit, value_kind,
            footprint_kgco2e, fossil as fossil_kgco2e, luc as land_use_change_kgco2e, air as aircraft_kgco2e,
            uptake as biogenic_uptake_kgco2e, primary_share as primary_data_share_ratio, 0 as penalty_ratio,
            value_kind = 'answer' as is_primary
        from (values ('a', 0.6, 'answer', 30, 25, 5, 10, -7, 0.5), ('b', 0.4, '{kind}', {of_b}, {of_b}, null,
            null, null, null))
            as one (supplier_id, share_ratio, value_kind, footprint_kgco2e, fossil, luc, air, uptake, primary_share)
        cross join (values {months}) as months (month)
    """)


BOTH = "(date '2025-01-01'), (date '2025-02-01')"


def products(connection: DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    made = footprint.of_site(connection, "AR5", "works")
    return {row["period"]: row for row in made["footprint.products"].to_pylist()}


def test_supplied_values_count_by_share_unit_and_kind_of_carbon(build: DuckDBPyConnection) -> None:
    answers(build, BOTH)
    found = products(build)
    assert set(found) == {"2025-01", "2025-02", "2025"}  # the days of March are not all there
    for row in found.values():  # 0.2 t of grit a tonne: 0.6 x 30 of A and 0.4 x 40 of B
        assert row["footprint_kgco2e"] == Decimal("6.8")
        assert (row["fossil_kgco2e"], row["land_use_change_kgco2e"]) == (Decimal("6.2"), Decimal("0.6"))
        assert (row["aircraft_kgco2e"], row["biogenic_uptake_kgco2e"]) == (Decimal("1.2"), Decimal("-0.84"))
        assert row["primary_data_share_ratio"] == (Decimal("1.8") / Decimal("6.8")).quantize(Decimal("0.000001"))
    assert found["2025"]["months_count"] == 2
    assert found["2025"]["is_latest"]


def test_a_month_without_a_value_leaves_its_year_without_a_footprint(build: DuckDBPyConnection) -> None:
    answers(build, "(date '2025-01-01')")
    answers(build, "(date '2025-02-01')", "missing", "null")
    found = products(build)
    assert {period: row["is_complete"] for period, row in found.items()} == {
        "2025-01": True,
        "2025-02": False,
        "2025": False,
    }
    assert found["2025"]["missing_zh"] == "混合：供应商没有砂的足迹"
    assert found["2025"]["missing_en"] == "Mixing: no supplier has a footprint of Grit"


def test_a_site_without_answers_or_products_has_empty_marts_or_says_what_is_missing(build: DuckDBPyConnection) -> None:
    assert not products(build)["2025"]["is_complete"]
    build.execute("delete from ref.products")
    assert {mart: table.num_rows for mart, table in footprint.of_site(build, "AR5", "works").items()} == dict.fromkeys(
        footprint.MARTS, 0
    )
