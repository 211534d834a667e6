"""The step of the allowances on a small database: a coal unit and a smelter from files of the site to their surplus."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest

from assets import quota
from factors import load

ZONE = ZoneInfo("Asia/Shanghai")
_TABLES = """
    create schema ref; create schema reference; create schema energy; create schema carbon; create schema quality;
    create table reference.organizations as
        select unnest(['plant', 'smelter']) as organization_id, '厂' as organization_name_zh,
            'Works' as organization_name_en, 1 as level, unnest(['plant', 'smelter']) as root_energy_unit_id;
    create table energy.readings_latest as select timestamptz '2025-04-10 12:00:00+08' as reading_at;
    create table months as
        select (date '2024-01-01' + to_months(number::integer))::date as month from range(16) as numbers (number);
    create table energy.consumption_monthly as
        select month, unit as energy_unit_id, 'coal' as carrier, true as is_counted,
            quantity::decimal(18, 6) as quantity
        from months, (values ('plant', 100), ('unit_1', 75)) as units (unit, quantity);
    create table carbon.emissions_monthly as
        select month, organization_id, gas, scope, source_category, carrier, basis, false as is_biogenic,
            tonnes::decimal(18, 6) as emissions_tco2e
        from months, (values
            ('plant', 'CO2', 1, 'combustion', 'coal', 'statutory', 200000),
            ('plant', 'CO2', 2, 'purchased_electricity', 'electricity', 'statutory', 5000),
            ('plant', 'CO2', 1, 'combustion', 'coal', 'all', 999999),
            ('smelter', 'CO2', 1, 'process', 'anode', 'statutory', 60000),
            ('smelter', 'CF4', 1, 'process', 'anode_effect', 'statutory', 4000),
            ('smelter', 'HFC-134a', 1, 'process', 'leaks', 'statutory', 700),
            ('smelter', 'CO2', 2, 'purchased_electricity', 'electricity', 'statutory', 300000)
        ) as lines (organization_id, gas, scope, source_category, carrier, basis, tonnes);
    create table quality.completeness_daily as
        select day::date as local_date, date_trunc('month', day)::date as month, 'generator' as point_id,
            6000000::decimal(18, 6) as quantity, 'kWh' as quantity_unit
        from range(timestamp '2024-01-01', timestamp '2025-04-11', interval 1 day) as days (day);
    create table ref.production as
        select month, 'smelter' as organization_id, 'aluminium' as product_id, 't' as unit,
            40000::decimal(18, 6) as quantity
        from months;
    create table ref.unit_conversions as select 'kWh' as from_unit, 'MWh' as to_unit, 0.001::decimal(18, 6) as factor;
    create table ref.quota_rules (subject_id varchar, organization_id varchar, energy_unit_id varchar, name_zh varchar,
        name_en varchar, sector varchar, rule varchar, year_from integer, year_to integer, unit_class varchar,
        cooling varchar, turbine varchar, load_ratio decimal(18, 6), heat_ratio decimal(18, 6), output_points varchar,
        product_id varchar, output_unit varchar, heat_points varchar, benchmark decimal(18, 6),
        benchmark_factor decimal(18, 6), fixed_t decimal(18, 6), source varchar);
"""
_UNIT = "'unit_1', 'plant', 'unit_1', '1号机', null, 'power', 'published', 2024, null, 'c300p', null, null, 0.6, null, \
'generator', null, 'MWh', null, null, null, null, 'plan'"
_SMELTER = "'pots', 'smelter', null, '电解', 'Pots', 'aluminium', 'published', 2024, null, null, null, null, null, \
null, null, 'aluminium', 't', null, 1.7, null, null, 'invented'"


@pytest.fixture
def opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of fifteen whole months and ten days, with the factor library and no subject."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(_TABLES)
        tables = load.load()
        for name in ("ets_rules", "ets_allocation"):
            con.register(f"library_{name}", tables[name])
            con.execute(f"create table ref.{name} as select * from library_{name}")
        yield con


def rows(con: duckdb.DuckDBPyConnection, *subjects: str) -> dict[tuple[str, int], dict[str, object]]:
    for one in subjects:
        con.execute(f"insert into ref.quota_rules values ({one})")
    return {(row["subject_id"], row["year"]): row for row in quota.of_site(con, ZONE).to_pylist()}


def test_a_site_without_subjects_gets_an_empty_mart(opened: duckdb.DuckDBPyConnection) -> None:
    assert rows(opened) == {}


def test_a_coal_unit_by_its_generation_and_its_share_of_the_fuel(opened: duckdb.DuckDBPyConnection) -> None:
    """2024: 366 days x 6,000 MWh x 0.791 x 1.015^(16 − 12) against 12 x 200,000 t x 75 / 100 of the fuel."""
    found = rows(opened, _UNIT)["unit_1", 2024]
    assert found["output"] == 366 * 6000
    assert found["emissions_t"] == 12 * 150_000
    quota_t = Decimal(366 * 6000) * Decimal("0.791") * Decimal("1.015") ** 4
    assert abs(found["quota_t"] - quota_t) < Decimal("0.001")
    assert found["surplus_t"] == found["quota_t"] - 1_800_000
    assert (found["rule_status"], found["is_complete"]) == ("final", True)


def test_a_smelter_counts_its_direct_emissions_and_perfluorocarbons(opened: duckdb.DuckDBPyConnection) -> None:
    """64,000 t a month: all of it allotted in 2024; 1.6 t per t in 2025, X = 1 / 17, α = 0.15 / 17."""
    found = rows(opened, _SMELTER)
    assert found["pots", 2024]["emissions_t"] == found["pots", 2024]["quota_t"] == 12 * 64_000
    coming = found["pots", 2025]
    assert (coming["months_count"], coming["emissions_t"], coming["is_forecast"]) == (3, 3 * 64_000, True)
    assert coming["expected_t"] == 12 * 64_000
    assert abs(coming["quota_t"] - Decimal(12 * 64_000) * (1 + Decimal("0.15") / 17)) < Decimal("0.01")
    assert found["pots", 2026]["is_next_year"]


def test_months_that_are_not_told_to_their_end_wait(opened: duckdb.DuckDBPyConnection) -> None:
    opened.execute("delete from ref.production where month >= date '2025-03-01'")
    opened.execute("delete from quality.completeness_daily where local_date = date '2025-02-03'")
    found = rows(opened, _SMELTER, _UNIT)
    assert found["pots", 2025]["months_count"] == 2
    assert found["unit_1", 2025]["months_count"] == 1


def test_a_month_that_lacks_a_kind_of_source_is_not_told_yet(opened: duckdb.DuckDBPyConnection) -> None:
    opened.execute("update carbon.emissions_monthly set source_category = 'combustion' where gas = 'CF4'")
    opened.execute("delete from carbon.emissions_monthly where gas = 'CF4' and month = date '2025-03-01'")
    assert rows(opened, _SMELTER)["pots", 2025]["months_count"] == 2


def test_what_nobody_published_has_a_reason_and_no_number(opened: duckdb.DuckDBPyConnection) -> None:
    found = rows(opened, _SMELTER.replace("1.7", "null"))["pots", 2025]
    assert (found["null_reason"], found["quota_t"], found["surplus_t"]) == ("balance", None, None)
    assert found["expected_t"] is not None


def test_the_local_day_decides_what_is_over(opened: duckdb.DuckDBPyConnection) -> None:
    opened.execute("update energy.readings_latest set reading_at = $1", [datetime(2025, 4, 1, 1, tzinfo=ZONE)])
    assert rows(opened, _SMELTER)["pots", 2025]["months_count"] == 3
    opened.execute("update energy.readings_latest set reading_at = $1", [datetime(2025, 3, 31, 23, tzinfo=ZONE)])
    assert rows(opened)["pots", 2025]["months_count"] == 2
