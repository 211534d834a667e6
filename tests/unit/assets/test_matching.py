"""The step of matching on a small database: certificates by the hours of their plant, once; months that stay; years."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from assets import matching

_TABLES = """
    create schema ref; create schema reference; create schema energy; create schema published;
    create table reference.organizations as
        select unnest(['works', 'mill']) as organization_id, null as parent_id, '厂' as organization_name_zh,
            'Works' as organization_name_en, 0 as level;
    create table ref.organization_closure as
        select unnest(['works', 'mill']) as ancestor, unnest(['works', 'mill']) as descendant, 0 as distance;
    create table ref.allocations (energy_unit_id varchar, carrier varchar, point_id varchar, role varchar,
        counterparty varchar);
    create table ref.unit_conversions as select 'MWh' as from_unit, 'kWh' as to_unit, 1000::decimal(18, 6) as factor;
    create table ref.certificates (certificate_id varchar, organization_id varchar, month date, quantity decimal(18, 6),
        unit varchar, contract varchar, retired_on date, generation_point varchar);
    create table energy.consumption_points_monthly (month date, organization_id varchar, energy_unit_id varchar,
        carrier varchar, role varchar, point_id varchar, quantity decimal(18, 6), quantity_unit varchar);
    create table energy.consumption_hourly as
        select hour as period_start_at, hour::date as local_date, hour(hour)::integer as local_hour, 0 as level,
            0 as organization_level, organization_id, carrier, role, 'kWh' as quantity_unit,
            0::decimal(9, 6) as estimated_ratio, 0::decimal(9, 6) as missing_ratio,
            (case when carrier = 'electricity_grid' then 100
                when hour(hour) between 8 and 15 then 60 else 0 end)::decimal(18, 6) as quantity,
            date_trunc('month', hour)::date as month
        from range(timestamptz '2025-01-01 00:00:00+00', timestamptz '2025-03-01 00:00:00+00', interval 1 hour)
            as hours (hour),
            (values ('works', 'electricity_grid', 'purchase'), ('works', 'electricity_pv', 'own_generation'),
                ('mill', 'electricity_grid', 'purchase')) as lines (organization_id, carrier, role);
    create table energy.intervals as
        select point, period_start_at, month, quantity, 'kWh' as quantity_unit, point as point_id
        from (select 'windmill' as point, period_start_at, month, 1000::decimal(18, 6) as quantity
            from energy.consumption_hourly where organization_id = 'mill' and local_hour >= 16);
    create table energy.electricity_origins_monthly as
        select * from (values
            ('works', date '2025-01-01', 'own', true, 14880::decimal(18, 6)),
            ('works', date '2025-01-01', 'certificate', true, 30000::decimal(18, 6)),
            ('works', date '2025-01-01', 'grid', null, 44400::decimal(18, 6))
        ) as rows (organization_id, month, way, is_renewable, quantity_kwh);
"""


@pytest.fixture
def opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two works with 100 kWh an hour of the grid in two months, one with 60 kWh of its own from 8 to 16 o'clock."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(_TABLES)
        yield con


def certificate(
    con: duckdb.DuckDBPyConnection, name: str, owner: str, mwh: int, *, day: int = 10, point: str | None = "windmill"
) -> None:
    """Retire a certificate of January on a day of June."""
    con.execute(
        "insert into ref.certificates values ($1, $2, date '2025-01-01', $3, 'MWh', null, make_date(2025, 6, $4), $5)",
        [name, owner, mwh, day, point],
    )


def year(made: dict[str, object], owner: str) -> dict[str, Decimal]:
    rows = made[matching.ON_YEARS].to_pylist()
    return next(row for row in rows if row["organization_id"] == owner)


def test_hours_and_year_stand_side_by_side(opened: duckdb.DuckDBPyConnection) -> None:
    certificate(opened, "GEC-1", "works", 30, point=None)
    found = year(matching.of_site(opened), "works")
    assert found["consumption_kwh"] == 59 * (24 * 100 + 8 * 60)
    assert found["hourly_claim_kwh"] == found["matched_own_kwh"] == 59 * 8 * 60
    assert found["annual_claim_kwh"] == 44880
    assert found["certificates_without_hours_kwh"] == found["certificates_claimed_kwh"] == 30000
    assert (found["months_count"], found["is_complete"]) == (2, False)
    opened.execute("alter table ref.certificates drop column generation_point")
    assert year(matching.of_site(opened), "works") == found, "as it was told before the column was there"


def test_a_certificate_counts_in_the_hours_of_its_plant(opened: duckdb.DuckDBPyConnection) -> None:
    """124 MWh of a plant that ran 31 x 8 hours: 500 kWh an hour, of which the mill used 100."""
    certificate(opened, "GEC-1", "mill", 124)
    made = matching.of_site(opened)
    fifth = date(2025, 1, 5)
    rows = made[matching.ON_HOURS].to_pylist()
    mine = (row for row in rows if row["local_date"] == fifth and row["organization_id"] == "mill")
    hours = {row["local_hour"]: row for row in mine}
    assert [hours[hour]["matched_certificate_kwh"] for hour in (3, 15, 16, 23)] == [0, 0, 100, 100]
    assert hours[20]["surplus_kwh"] == 400
    assert year(made, "mill")["matched_certificate_kwh"] == 31 * 8 * 100


def test_a_certificate_counts_once_and_a_plant_proves_no_more_than_it_made(opened: duckdb.DuckDBPyConnection) -> None:
    certificate(opened, "GEC-1", "mill", 12, day=9)
    certificate(opened, "GEC-1", "works", 12, day=10)
    certificate(opened, "GEC-2", "works", 496, day=10)
    hours = matching.of_site(opened)[matching.ON_HOURS].to_pylist()
    given: dict[str, Decimal] = {}
    for row in hours:
        there = row["matched_certificate_kwh"] + row["surplus_kwh"]
        given[row["organization_id"]] = given.get(row["organization_id"], Decimal(0)) + there
    assert abs(given["mill"] - Decimal(248_000) * 12 / 508) < Decimal("0.001")
    assert abs(sum(given.values()) - 248_000) < Decimal("0.001"), "508 MWh were certified of a plant that made 248"


def test_months_that_did_not_change_stay_as_they_are_published(opened: duckdb.DuckDBPyConnection) -> None:
    first = matching.of_site(opened)[matching.ON_HOURS]
    opened.register("before", first)
    opened.execute("create table published.carbon__certificate_matching_hourly as select * from before")
    assert matching.of_site(opened, "false")[matching.ON_HOURS].equals(first)
    opened.execute("update energy.consumption_hourly set quantity = quantity * 2")
    mixed = matching.of_site(opened, "month in (date '2025-02-01')")[matching.ON_HOURS].to_pylist()
    assert {row["month"].month: row["consumption_kwh"] for row in mixed if row["organization_id"] == "mill"} == {
        1: 100,
        2: 200,
    }


def test_a_mart_with_other_columns_is_made_anew(opened: duckdb.DuckDBPyConnection) -> None:
    opened.execute("create table published.carbon__certificate_matching_hourly as select date '2025-01-01' as month")
    assert len(matching.of_site(opened, "false")[matching.ON_HOURS]) == 2 * 59 * 24
