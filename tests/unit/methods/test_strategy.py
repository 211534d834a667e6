"""Rules are data: each can be read, its query runs on tables made up for it, and what it costs decides its payback."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from assets.strategy import answered
from lake import described
from lake.site import declared
from methods.strategy import rows, rules
from methods.strategy.rules import Said

ROOT = Path(__file__).parents[3]
MONTHS = ("2025-01-01", "2026-01-01")
WINDOW = {"from_month": date(2025, 1, 1), "to_month": date(2025, 12, 1), "months_count": 12}
OWNERS = dict.fromkeys(("works", "mill", "o'neill"), ("works", "works"))
UNIT = {"organization_id": "works", "energy_unit_id": "works"}
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_the_site_may_speak_of_each_rule_and_of_no_other() -> None:
    column = declared.files()["recommendation_rules"].columns["rule_id"]
    assert set(column.enum) == set(rules.rules())
    assert len(rules.rules()) >= 10


@pytest.mark.parametrize("rule", rules.rules().values(), ids=rules.rules())
def test_a_rule_can_be_read_in_both_languages(rule: rules.Rule) -> None:
    for text in (rule.name, rule.why):
        assert HAN.search(text["zh"]) and not HAN.search(text["en"])
    assert "{quantity}" in rule.why["zh"] and "{quantity}" in rule.why["en"]
    assert set(re.findall(r"{(\w+)}", rule.why["zh"])) == set(re.findall(r"{(\w+)}", rule.why["en"]))
    assert rule.confidence in rows.CONFIDENCE and rule.investment in ("none", "told")
    assert rule.source


def test_the_mart_is_described_column_by_column() -> None:
    page = described.marts(ROOT / "methods/marts.yaml")
    assert list(page["energy.recommendations"]["columns"]) == rows.RECOMMENDATIONS.names
    contract = ["measure", "energy_unit_id", *rows.SAVINGS, "payback_years", "confidence", "evidence_query"]
    assert set(contract) <= set(rows.RECOMMENDATIONS.names)


def ask(rule_id: str, *said: Said, unit: str = "works") -> rules.Question:
    candidates = {word: [unit] for word in ("supplies", "organizations", "idle", "devices", "products")}
    (found,) = [one for one in rules.questions(candidates, said, OWNERS, MONTHS) if one.rule.rule_id == rule_id]
    return found


def test_what_the_site_says_counts_before_what_the_rule_says() -> None:
    assert ask("power_factor").threshold == Decimal("0.95")
    of_all = Said("power_factor", threshold=Decimal("0.93"))
    of_unit = Said("power_factor", "works", threshold=Decimal("0.97"))
    assert ask("power_factor", of_all).threshold == Decimal("0.93")
    assert ask("power_factor", of_all, of_unit).threshold == Decimal("0.97")
    assert "0.97" in ask("power_factor", of_all, of_unit).query


def test_a_rule_can_be_left_out_for_all_or_for_one() -> None:
    for said in (Said("power_factor", is_used=False), Said("power_factor", "works", is_used=False)):
        with pytest.raises(ValueError, match="not enough values"):
            ask("power_factor", said)


def test_what_needs_a_size_is_asked_only_where_there_is_one() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        ask("pv", Said("pv", "works", like="works"))
    whole = Said("pv", "works", size=Decimal("3000.000000"), like="works", like_size=Decimal(6000))
    assert "yield.kwh * 3000," in ask("pv", whole).query


def test_a_quotation_mark_in_an_id_stays_a_letter() -> None:
    assert "'o''neill'" in ask("power_factor", unit="o'neill").query


ANSWER = {"quantity": 1234.5, "saving_tce_calorific": None, "saving_cny": 50000.0, "saving_tco2": None}


@pytest.mark.parametrize(
    ("rule_id", "said", "changed", "months", "expected"),
    [
        ("contract_demand", {}, {}, 12, ("0", "nothing has to be bought")),
        ("power_factor", {}, {}, 12, (None, "no investment figure")),
        ("power_factor", {"investment_cny": Decimal(125000)}, {}, 12, ("2.500", "2.5 years")),
        ("power_factor", {"investment_cny": Decimal(125000)}, {}, 2, (None, "less than a year of data")),
        ("power_factor", {"investment_cny": Decimal(125000)}, {"saving_cny": None}, 12, (None, "no money is claimed")),
        ("idle_load", {"investment_cny": Decimal(125000)}, {}, 12, ("2.500", "2.5 years or more")),
    ],
)
def test_payback(
    rule_id: str, said: dict[str, Any], changed: dict[str, Any], months: int, expected: tuple[str | None, str]
) -> None:
    question = ask(rule_id, Said(rule_id, "works", **said))
    found = rows.row(question, ANSWER | changed, UNIT, WINDOW | {"months_count": months})
    assert found is not None
    years, told = expected
    assert found["payback_years"] == (None if years is None else Decimal(years))
    assert found["payback_name_en"] == told
    assert "1,234" in found["why_zh"] and "1,234" in found["why_en"]


def test_an_investment_by_size_is_that_of_the_size() -> None:
    said = Said("storage", "works", size=Decimal(5000), investment_cny_per_size=Decimal(1100), like="b")
    assert said.investment == 5_500_000


@pytest.mark.parametrize("quantity", [None, 0, -3.0, float("nan"), float("inf")])
def test_nothing_above_zero_is_nothing_to_recommend(quantity: float | None) -> None:
    assert rows.row(ask("power_factor"), ANSWER | {"quantity": quantity}, UNIT, WINDOW) is None


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema energy; create schema carbon")
    return connection


def bands(marts: duckdb.DuckDBPyConnection, rule: str, charged: float, demand: float, factor: float) -> None:
    """Twelve months of 720,000 CNY of energy; the demand costs 40 CNY per kW."""
    marts.execute(
        """create or replace table energy.cost_bands_monthly as
        select 'works' as energy_unit_id, 'purchase' as role, month::date as month, $rule as demand_rule,
            $charged as charged_kw, $demand as demand_kw, $charged * 40 as demand_cost_cny, $factor as power_factor,
            -0.0045 as power_factor_adjustment_ratio, 1_000_000.0 as quantity_kwh, 720_000.0 as cost_cny
        from range(date '2025-01-01', date '2026-01-01', interval 1 month) as months(month)""",
        {"rule": rule, "charged": charged, "demand": demand, "factor": factor},
    )


def answer(marts: duckdb.DuckDBPyConnection, question: rules.Question) -> dict[str, Any] | None:
    """Return the row that answers a question; asked together with another unit's it is answered alike."""
    query = question.query_of_any.replace("asked.unit", "'nobody'")
    asked = [question, replace(question, unit="nobody", query=query)]
    alone = {one.unit: row for one in asked for row in marts.sql(one.query).to_arrow_table().to_pylist()}
    together = {one.unit: {name: row[name] for name in alone[one.unit]} for one, row in answered(marts, asked)}
    assert repr(sorted(together.items())) == repr(sorted(alone.items()))
    return alone.get(question.unit)


def test_a_contract_above_what_is_needed_costs_the_difference(marts: duckdb.DuckDBPyConnection) -> None:
    bands(marts, "contract_demand", 1000, 800, 0.93)
    found = answer(marts, ask("contract_demand"))
    assert found is not None
    assert found["quantity"] == 200
    assert found["saving_cny"] == pytest.approx(12 * 200 * 40)


@pytest.mark.parametrize(("rule", "demand"), [("contract_demand", 970), ("max_demand", 800), ("capacity", 800)])
def test_a_contract_that_fits_or_is_none_is_left_alone(
    marts: duckdb.DuckDBPyConnection, rule: str, demand: float
) -> None:
    bands(marts, rule, 1000, demand, 0.93)
    assert answer(marts, ask("contract_demand")) is None


def test_a_power_factor_below_the_best_costs_the_rest_of_the_reduction(marts: duckdb.DuckDBPyConnection) -> None:
    bands(marts, "max_demand", 1000, 1000, 0.8)
    found = answer(marts, ask("power_factor"))
    assert found is not None
    assert found["saving_cny"] == pytest.approx(12 * (720_000 + 40_000) * 0.003)
    assert found["quantity"] == pytest.approx(1_000_000 / (24 * 28) * (0.75 - (1 / 0.95**2 - 1) ** 0.5))
    bands(marts, "max_demand", 1000, 1000, 0.96)
    told = answer(marts, ask("power_factor"))
    assert told is not None
    assert rows.row(ask("power_factor"), told, UNIT, WINDOW) is None


def hours(marts: duckdb.DuckDBPyConnection, cases: str) -> None:
    """A year of hours at 0.3 CNY before eight, 1.2 from eight in the evening and 0.6 between; the mill by cases."""
    marts.execute(
        f"""create or replace table energy.consumption_hourly as
        with hours as (
            select hour::timestamp as period_start_at, hour::date as local_date,
                date_trunc('month', hour)::date as month, hour(hour) as clock
            from range(timestamp '2025-01-01', timestamp '2026-01-01', interval 1 hour) as hours(hour)
        ),
        loads as (
            select *, 'works' as energy_unit_id, 'electricity_grid' as carrier, 'purchase' as role, 1000.0 as quantity
            from hours
            union all
            select *, 'mill', 'electricity', 'end_use', {cases} from hours
        )
        select *, quantity * case when clock < 8 then 0.3 when clock < 20 then 0.6 else 1.2 end as cost_cny,
            quantity * 0.0001229 as energy_tce_calorific, 0 as missing_ratio
        from loads"""
    )


def test_a_station_that_never_ran_and_a_target_beyond_one_break_nothing(marts: duckdb.DuckDBPyConnection) -> None:
    hours(marts, "0.0")
    marts.execute("update energy.consumption_hourly set carrier = 'fresh_water' where energy_unit_id = 'mill'")
    question = ask("water_leaks", Said("water_leaks", "mill", threshold=Decimal(-1)))
    found = answer(marts, question)
    assert found is not None
    assert rows.row(question, found, UNIT, WINDOW) is None
    bands(marts, "max_demand", 1000, 1000, 0.8)
    assert answer(marts, ask("power_factor", Said("power_factor", "works", threshold=Decimal("1.5")))) is not None


def test_what_ran_in_dear_hours_with_room_in_cheap_ones_can_be_shifted(marts: duckdb.DuckDBPyConnection) -> None:
    hours(marts, "case when clock >= 20 then 100.0 when clock >= 8 then 500.0 else 480.0 end")
    found = answer(marts, ask("shift_load", Said("shift_load", "mill")))
    assert found is not None
    assert found["quantity"] == pytest.approx(365 * min(4 * 100, 8 * 20))
    assert found["saving_cny"] == pytest.approx(365 * 160 * (1.2 - 0.3))


def test_what_runs_full_has_nothing_to_shift(marts: duckdb.DuckDBPyConnection) -> None:
    hours(marts, "500.0")
    found = answer(marts, ask("shift_load", Said("shift_load", "mill")))
    assert found is not None
    assert found["quantity"] is None


def test_an_air_station_that_runs_while_all_stands_still_leaks(marts: duckdb.DuckDBPyConnection) -> None:
    hours(marts, "case when clock >= 20 then 60.0 else 120.0 end")
    marts.execute("update energy.consumption_hourly set quantity = 100 where energy_unit_id = 'works' and clock >= 20")
    marts.execute(
        "create table energy.load_monthly as select distinct energy_unit_id, month, 1000.0 as peak_kw "
        "from energy.consumption_hourly where energy_unit_id = 'works'"
    )
    marts.execute(
        "create table carbon.emissions_monthly as select 'works' as organization_id, 'statutory' as basis, "
        "'purchased_electricity' as source_category, 'kWh' as activity_unit, date '2025-01-01' as month, "
        "0.5 as emissions_tco2, 1000.0 as activity"
    )
    found = answer(marts, ask("air_leaks", Said("air_leaks", "mill")))
    assert found is not None
    beyond = (60 - 0.1 * 110) * 8760
    assert found["quantity"] == 60
    assert found["saving_tce_calorific"] == pytest.approx(beyond * 0.0001229)
    assert found["saving_tco2"] == pytest.approx(beyond * 0.0005)


def test_storage_moves_what_fits_at_the_measured_efficiency(marts: duckdb.DuckDBPyConnection) -> None:
    hours(marts, "0.0")
    marts.execute(
        "create table energy.balance_monthly as select 'battery' as node, 'conversion' as stage, "
        "date '2025-01-01' as month, 10.0 as input_gj, 9.0 as output_gj"
    )
    said = Said("storage", "works", size=Decimal(3000), like="battery")
    found = answer(marts, ask("storage", said))
    assert found is not None
    assert found["quantity"] == pytest.approx(365 * 3000)
    assert found["saving_cny"] == pytest.approx(365 * 3000 * (1.2 - 0.3 / 0.9))
    larger = answer(marts, ask("storage", Said("storage", "works", size=Decimal(9000), like="battery")))
    assert larger is not None
    assert larger["quantity"] == pytest.approx(365 * 4 * 1000)  # no more than was bought in the dear hours


def test_rows_fit_the_schema() -> None:
    found = rows.row(ask("power_factor"), ANSWER, UNIT, WINDOW)
    assert pa.Table.from_pylist([found], rows.RECOMMENDATIONS).num_rows == 1
