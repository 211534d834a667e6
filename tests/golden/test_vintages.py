"""A factor that is published again, another region and another year: nothing moves before a rule says so."""

from decimal import Decimal

import duckdb

PURCHASED = """
    select basis, sum(emissions_tco2e), string_agg(distinct factor_rule), bool_or(factor_is_fallback)
    from intermediate.int_carbon__rolled_up
    where source_category = 'purchased_electricity' and organization_id = 'works' and carrier = 'electricity_grid'
    group by basis order by basis
"""


def statutory(con: duckdb.DuckDBPyConnection) -> tuple:
    return next(row for row in con.execute(PURCHASED).fetchall() if row[0] == "statutory")


def republish(con: duckdb.DuckDBPyConnection, value: str, published: str) -> None:
    con.execute(
        "insert into ref.factors_grid by name select 'again' as factor_id, 'electricity_grid' as carrier, "
        "'kgco2_per_kwh' as property, cast(? as decimal(18, 9)) as value, 'published' as origin, "
        "'national_average' as factor_set, 'CN' as region, 2023 as data_year, cast(? as date) as published_on, "
        "'a notice of this test' as source, 'verified' as confidence",
        [value, published],
    )


def adopt(con: duckdb.DuckDBPyConnection, **cells: object) -> None:
    columns = {"kind": "grid", "use": "adopt", "valid_from": "2025-01-01", "reason": "test", **cells}
    named = ", ".join(f"'{value}' as {name}" for name, value in columns.items())
    con.execute(f"insert into ref.factor_rules_grid by name select {named}")


def test_a_republished_factor_moves_nothing_until_it_is_adopted(live):
    before = live.execute(PURCHASED).fetchall()
    # 100,000 kWh x 0.5306 kg/kWh, the national average of 2023 that the sandbox's rule adopts for later years
    assert statutory(live)[1:] == (Decimal("53.06"), "other_year", True)
    republish(live, "0.5400", "2026-03-01")
    assert live.execute(PURCHASED).fetchall() == before
    adopt(live, data_year=2023, published_on="2026-03-01", factor_type="national_average", adopted_on="2026-04-01")
    assert statutory(live)[1] == Decimal("54.00")
    assert [row for row in live.execute(PURCHASED).fetchall() if row[0] != "statutory"] == [
        row for row in before if row[0] != "statutory"
    ]
    both = live.execute(
        "select factor, publication from intermediate.int_factors__grid_published "
        "where factor_type = 'national_average' and data_year = 2023 order by publication"
    ).fetchall()
    assert both == [(Decimal("0.5306"), 1), (Decimal("0.54"), 2)]


def test_of_two_adoptions_the_later_decision_counts(live):
    adopt(live, data_year=2022, adopted_on="2026-01-02")
    assert statutory(live)[1] == Decimal("53.66")
    adopt(live, data_year=2021, adopted_on="2026-01-01")
    assert statutory(live)[1] == Decimal("53.66")


def test_a_more_particular_adoption_counts_before_a_later_one(live):
    adopt(live, data_year=2022, factor_type="national_average", adopted_on="2026-01-02")
    adopt(live, data_year=2021, adopted_on="2026-02-01")
    assert statutory(live)[1] == Decimal("53.66")


def test_a_factor_of_its_own_year_is_no_fall_back(live):
    live.execute("update energy.consumption_monthly set month = date '2023-03-01'")
    assert statutory(live)[1:] == (Decimal("53.06"), "factor_of_the_year", False)


def test_without_a_rule_there_is_no_number_and_a_reason(live):
    live.execute("delete from ref.factor_rules_grid")
    assert statutory(live)[1] is None
    reasons = live.execute(
        "select distinct null_reason from intermediate.int_carbon__rolled_up "
        "where source_category = 'purchased_electricity' and carrier = 'electricity_grid' "
        "and month >= date '2025-01-01' and method_term <> 'certificate'"
    ).fetchall()
    assert reasons == [("no_factor_for_region_and_year",)]


def test_another_region_stands_in_where_a_rule_says_so(live):
    adopt(live, region="JS", from_region="CN", data_year=2023, adopted_on="2026-05-01")
    location = next(row for row in live.execute(PURCHASED).fetchall() if row[0] == "location")
    assert location[1:] == (Decimal("53.06"), "other_region", True)


def test_a_fuel_is_taken_from_another_set_only_by_a_fall_back(live):
    asked = (
        "select factor_set, choice_rule, is_fallback from intermediate.int_carbon__fuel_set "
        "where organization_id = 'old' and carrier = 'coke' and basis = 'statutory'"
    )
    adopted = "insert into ref.factor_rules_fuel by name select 'fuel' as kind, 'fall_back' as use, ? as factor_set"
    chosen = ("NDRC_24_guides", "guideline", False)
    live.execute(adopted, ["MEE_2022_2024_guides"])
    assert live.execute(asked).fetchone() == chosen
    live.execute("delete from ref.factor_fuel where factor_set = 'NDRC_24_guides' and fuel_key = 'coke'")
    assert live.execute(asked).fetchone() == ("MEE_2022_2024_guides", "fall_back", True)
    live.execute("delete from ref.factor_rules_fuel")
    assert live.execute(asked).fetchone() == chosen


def test_the_mean_of_a_month_is_weighed_and_only_what_is_approved_counts(live):
    live.execute(
        """
        insert into ref.lab_values by name
        select * from (values
            ('a', 'works', 'diesel', 'gj_per_unit', date '2025-03-01', 42.0, 100.0, true),
            ('b', 'works', 'diesel', 'gj_per_unit', date '2025-03-01', 43.0, 300.0, true),
            ('c', 'works', 'diesel', 'gj_per_unit', date '2025-03-01', 99.0, 100.0, false)
        ) as samples (sample_id, organization_id, carrier, property, month, value, quantity, is_approved)
        """
    )
    rows = live.execute(
        "select value, factor_id, confidence, rule, valid_from, valid_to from intermediate.int_factors__measured "
        "where organization_id = 'works' and carrier = 'diesel'"
    ).fetchall()
    assert [row[:4] for row in rows] == [(Decimal("42.75"), "lab-works-diesel-gj_per_unit-2025-03", "measured", "lab")]
    assert [str(day) for day in rows[0][4:]] == ["2025-03-01", "2025-04-01"]


def test_unmeasured_coal_of_a_power_plant_has_the_penal_default_until_it_is_measured(live):
    asked = (
        "select value, rule from intermediate.int_factors__measured where organization_id = 'power' "
        "and carrier = 'bituminous_coal' and property = 'carbon_content_tc_per_gj' "
        "and date '2025-03-01' >= valid_from and date '2025-03-01' < valid_to"
    )
    assert live.execute(asked).fetchall() == [(Decimal("0.03085"), "penal_default")]
    live.execute(
        "insert into ref.lab_values by name select 'a' as sample_id, 'power' as organization_id, "
        "'bituminous_coal' as carrier, 'carbon_content_tc_per_gj' as property, date '2025-03-01' as month, "
        "0.0262 as value, true as is_approved"
    )
    assert live.execute(asked).fetchall() == [(Decimal("0.0262"), "lab")]
    elsewhere = live.execute(
        "select count(*) from intermediate.int_factors__measured "
        "where rule = 'penal_default' and organization_id not in ("
        "select organization_id from intermediate.int_carbon__organization where guideline = 'mee-power-2022-485')"
    ).fetchone()
    assert elsewhere == (0,)
