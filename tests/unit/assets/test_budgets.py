"""The step of the budgets on a small database: nothing without budgets, whole days only, emissions by whole months."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest

from assets import budgets

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN, DAYS = date(2024, 1, 1), 400
TODAY = BEGIN + timedelta(days=DAYS - 1)
_TABLES = """
    create schema ref; create schema reference; create schema energy; create schema carbon;
    create table ref.calendar (local_date date, energy_unit_id varchar, day_type varchar, shift varchar);
    create table ref.unit_closure as select 'works' as ancestor, 'shop' as descendant, 1 as distance;
    create table ref.organization_closure as select 'works' as ancestor, 'works' as descendant, 0 as distance;
    create table reference.organizations as select 'works' as organization_id, '厂' as organization_name_zh,
        'Works' as organization_name_en, 0 as level, 'works' as root_energy_unit_id;
    create table reference.energy_units as
        select unnest(['works', 'shop']) as energy_unit_id, 'works' as organization_id, '厂' as energy_unit_name_zh,
            'Works' as energy_unit_name_en, unnest([0, 1]) as level;
    create table reference.carriers as
        select 'electricity' as carrier, '电力' as carrier_name_zh, 'Electricity' as carrier_name_en;
    create table ref.budgets (organization_id varchar, energy_unit_id varchar, measure varchar, carrier varchar,
        version varchar, month date, quantity decimal(18, 6), unit varchar, valid_from date, approved_by varchar,
        approved_on date, reason varchar);
    create table energy.readings_latest (reading_at timestamptz);
    create table energy.consumption_daily as
        select 'works' as energy_unit_id, carrier, 'other' as carrier_group, role, is_counted,
            (date '2024-01-01' + day::integer) as local_date, (per_day + day % 7)::decimal(18, 6) as quantity,
            'kWh' as quantity_unit, ((per_day + day % 7) / 10)::decimal(18, 6) as energy_tce_calorific,
            ((per_day + day % 7) / 5)::decimal(18, 6) as energy_tce_equivalent,
            (per_day * 2)::decimal(18, 6) as cost_cny, 0 as missing_count, 96 as interval_count
        from range($days + 1) as days (day), (values ('electricity_grid', 'purchase', true, 1000),
            ('electricity_pv', 'own_generation', true, 100), ('electricity_pv', 'sale', false, 50),
            ('steel_scrap', 'purchase', true, 1)) as carriers (carrier, role, is_counted, per_day);
    update energy.consumption_daily set carrier_group = 'material' where carrier = 'steel_scrap';
    create table carbon.emissions_monthly as
        select 'works' as organization_id, (date '2024-01-01' + to_months(number::integer))::date as month, basis,
            source_category, 500::decimal(18, 6) as emissions_tco2e
        from range(13) as months (number),
            (values ('statutory', 'combustion'), ('statutory', 'process'), ('all', 'combustion')) as lines (basis,
            source_category);
"""


@pytest.fixture
def opened() -> duckdb.DuckDBPyConnection:
    """A database of thirteen months and four days, the next day begun, for which nothing is budgeted."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for statement in _TABLES.split(";"):
        if statement.strip():
            con.execute(statement, {"days": DAYS} if "$days" in statement else None)
    noon = datetime.combine(TODAY + timedelta(days=1), datetime.min.time(), ZONE) + timedelta(hours=12)
    con.execute("insert into energy.readings_latest values ($1)", [noon])
    return con


def budget(con: duckdb.DuckDBPyConnection, measure: str, unit: str, quantity: int, carrier: str | None = None) -> None:
    """Budget every month of both years, approved before they began."""
    con.execute(
        "insert into ref.budgets select 'works', null, $1, $4, 'v' || year, make_date(year, month, 1), $3, $2, "
        "make_date(year, 1, 1), 'Li', make_date(year - 1, 12, 20), 'plan' "
        "from (select unnest([2024, 2025]) as year), range(1, 13) as months (month)",
        [measure, unit, quantity, carrier],
    )


def test_a_site_without_budgets_gets_empty_marts(opened: duckdb.DuckDBPyConnection) -> None:
    made = budgets.of_site(opened, ZONE)
    assert {mart: table.num_rows for mart, table in made.items()} == dict.fromkeys(budgets.MARTS, 0)


def test_energy_cost_and_carriers_count_what_the_monthly_marts_count(opened: duckdb.DuckDBPyConnection) -> None:
    for measure, unit, quantity, carrier in (
        ("energy_calorific", "tce", 3200, None),
        ("energy_equivalent", "tce", 6400, None),
        ("cost", "CNY", 70000, None),
        ("carrier", "MWh", 34, "electricity"),
    ):
        budget(opened, measure, unit, quantity, carrier)
    rows = budgets.of_site(opened, ZONE)[budgets.ENERGY].to_pylist()
    assert len(rows) == 4 * 24
    january = {row["measure"]: row for row in rows if row["month"] == BEGIN}
    odd = sum(day % 7 for day in range(31))
    assert january["energy_calorific"]["actual"] == Decimal(31 * (1000 + 100 - 50) + odd) / 10
    assert january["energy_equivalent"]["actual"] == Decimal(31 * (1000 + 100 - 50) + odd) / 5
    assert january["cost"]["actual"] == 31 * 2200
    assert january["carrier"]["actual"] == 31 * 1100 + 2 * odd
    assert (january["carrier"]["actual_unit"], january["carrier"]["budget"]) == ("kWh", 34000)
    latest = [row for row in rows if row["is_latest"]]
    assert {(row["month"], row["as_of_date"], row["is_complete"]) for row in latest} == {
        (date(2025, 2, 1), TODAY, False)
    }
    february = next(row for row in latest if row["measure"] == "cost")
    assert february["actual"] == 3 * 2200, "the day that has begun does not count"
    assert february["landing_p10"] <= february["landing_p50"] <= february["landing_p90"]
    assert float(february["landing_p50"]) == pytest.approx(365 * 2200, rel=0.001)
    assert february["breach_probability"] < Decimal("0.1")
    december = next(row for row in rows if row["measure"] == "cost" and row["month"] == date(2024, 12, 1))
    assert (december["landing_actual"], december["breach_probability"]) == (366 * 2200, 0)


def test_the_next_days_are_told_with_their_back_test(opened: duckdb.DuckDBPyConnection) -> None:
    budget(opened, "energy_calorific", "tce", 3200)
    rows = budgets.of_site(opened, ZONE)[budgets.FORECAST].to_pylist()
    assert len(rows) == 8 * 7 + 28
    coming = [row for row in rows if row["local_date"] > TODAY]
    assert [row["days_ahead"] for row in coming] == list(range(1, 29))
    assert all(row["actual"] is None and row["p10"] <= row["p90"] for row in coming)
    tested = [coming[7 * week]["backtest_days"] for week in range(4)]
    assert 300 < tested[3] < tested[2] < tested[1] < tested[0] <= 364, "errors further ahead are known later"
    assert all(row["actual"] is not None for row in rows if row["local_date"] <= TODAY)


def test_emissions_wait_for_the_month_that_lacks_a_kind_of_source(opened: duckdb.DuckDBPyConnection) -> None:
    budget(opened, "emissions_statutory", "tCO2e", 1000)
    budget(opened, "emissions_location", "tCO2e", 400)
    rows = budgets.of_site(opened, ZONE)[budgets.CARBON].to_pylist()
    whole = {row["measure"]: row for row in rows if row["month"] == date(2025, 1, 1)}
    assert (whole["emissions_statutory"]["actual"], whole["emissions_location"]["actual"]) == (1000, 500)
    latest = {row["measure"]: row for row in rows if row["is_latest"]}
    assert latest["emissions_statutory"]["actual"] is None, "February is not over"
    assert float(latest["emissions_statutory"]["landing_p50"]) == pytest.approx(12000, rel=0.05)
    assert latest["emissions_location"]["breach_probability"] > Decimal("0.9")
    opened.execute(
        "delete from carbon.emissions_monthly where month = date '2025-01-01' and source_category = 'process'"
    )
    rows = budgets.of_site(opened, ZONE)[budgets.CARBON].to_pylist()
    january = next(row for row in rows if row["measure"] == "emissions_statutory" and row["month"] == date(2025, 1, 1))
    assert (january["actual"], january["is_complete"]) == (None, False), (
        "half a month's emissions are not told as whole"
    )
    latest = next(row for row in rows if row["measure"] == "emissions_statutory" and row["is_latest"])
    assert float(latest["landing_p50"]) == pytest.approx(12000, rel=0.05)
