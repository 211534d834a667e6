"""A footprint from what a supplier says: sums that hold, whose data they are, and no guess where a factor lacks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.portal import questionnaire, reckoning
from ingestion.portal.footprint_factors import Factor, Factors

FACTORS = Factors(
    burnt={"natural_gas": Factor("burnt", "m3_20c", Decimal(2)), "diesel": Factor("diesel", "t", Decimal(3000))},
    upstream={"natural_gas": Factor("upstream", "m3_20c", Decimal("0.5"))},
    electricity={
        "electricity_grid": {2023: Factor("g23", "kWh", Decimal("0.6")), 2024: Factor("g24", "kWh", Decimal("0.5"))}
    },
    freight={"rail": Factor("rail", "tkm", Decimal("0.02"))},
)
AMOUNTS = st.decimals(0, 100_000, places=3)


def said(**told: Any) -> dict[str, Any]:
    """Answers of a year, typed."""
    always = {
        "reference_first": date(2024, 1, 1),
        "reference_last": date(2024, 12, 31),
        "output_quantity": Decimal(100),
        "output_unit": "t",
    }
    return {**dict.fromkeys(questionnaire.spec().columns), **always, **told}


GAS = {"e1_carrier": "natural_gas", "e1_quantity": Decimal(1000), "e1_unit": "m3_20c"}


@given(gas=AMOUNTS, power=AMOUNTS, lorry=AMOUNTS, process=AMOUNTS)
def test_the_lines_make_the_footprint(gas: Decimal, power: Decimal, lorry: Decimal, process: Decimal) -> None:
    told = said(
        e1_carrier="natural_gas", e1_quantity=gas, e1_unit="m3_20c", e2_carrier="electricity_grid", e2_quantity=power,
        e2_unit="MWh", t1_way="rail", t1_mass_t=lorry, t1_km=Decimal(10), process_kgco2e=process, process_note="x",
    )  # fmt: skip
    found = reckoning.reckon(told, FACTORS)
    assert found.faults == []
    assert [line.factor_id for line in found.lines] == ["burnt", "upstream", "g24", "rail", "x"]
    total = gas * Decimal("2.5") + power * 500 + lorry * Decimal("0.2") + process
    assert found.footprint is not None
    assert abs(found.footprint - total / 100) <= Decimal("0.000001")
    if total:
        assert found.own_share is not None
        assert abs(found.own_share - (gas * 2 + process) / total) <= Decimal("0.000001")


def test_a_share_of_the_plant_and_the_factor_of_the_year() -> None:
    told = said(**GAS, own_share=Decimal("0.4"))
    assert reckoning.reckon(told, FACTORS).footprint == Decimal(10)
    power = {"e1_carrier": "electricity_grid", "e1_quantity": Decimal(1), "e1_unit": "kWh"}
    for year, factor in ((2022, "g23"), (2023, "g23"), (2024, "g24"), (2026, "g24")):
        (line,) = reckoning.reckon(said(**power, reference_last=date(year, 12, 31)), FACTORS).lines
        assert line.factor_id == factor


@pytest.mark.parametrize(
    ("told", "cell", "message"),
    [
        ({}, "e1_carrier", "is empty, a footprint needs energy"),
        ({**GAS, "output_quantity": None}, "output_quantity", "is empty, a footprint is reckoned for a unit of output"),
        ({**GAS, "e1_unit": None}, "e1_unit", "is empty, e1_carrier is given and needs it"),
        ({**GAS, "e1_unit": "t"}, "e1_carrier", "Natural gas has no factor in the library"),
        (
            {"e1_carrier": "diesel", "e1_quantity": Decimal(1), "e1_unit": "t"},
            "e1_carrier",
            "Diesel, upstream has no factor",
        ),
        (
            {"m1_name": "Clay", "m1_quantity": Decimal(1), "m1_unit": "t", "m1_kgco2e": Decimal(1)},
            "m1_source",
            "m1_name is given",
        ),
        (
            {**GAS, "t1_way": "bulk_carrier", "t1_mass_t": Decimal(1), "t1_km": Decimal(1)},
            "t1_way",
            "Bulk carrier has no",
        ),
        ({"process_kgco2e": Decimal(1)}, "process_note", "is empty, process_kgco2e is given"),
    ],
)
def test_what_lacks_is_said_and_nothing_is_guessed(told: dict[str, Any], cell: str, message: str) -> None:
    found = reckoning.reckon(said(**told), FACTORS)
    assert found.footprint is None
    assert any(name == cell and message in fault for name, fault in found.faults), found.faults


def test_questions_of_another_way_of_answering_count_for_nothing() -> None:
    told = {"way": "result", "footprint_kgco2e": "1", "e1_carrier": "diesel", "comment": "x", "unknown": "y"}
    assert questionnaire.asked(told) == {"way": "result", "footprint_kgco2e": "1", "comment": "x"}
