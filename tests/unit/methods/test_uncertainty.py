"""Linear propagation against numbers that others printed, and Monte Carlo against both."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.uncertainty import rows
from methods.uncertainty.budget import COVERAGE, Budget, Input, Line
from methods.uncertainty.draws import Sampler, interval


def normal(key: str, standard: float) -> Input:
    """An input with a standard uncertainty, as a share of its value."""
    return Input(key, standard * COVERAGE, standard * COVERAGE)


def test_a_product_of_three_as_printed_for_the_ipcc_first_approach() -> None:
    """250 ± 25 t/ha x (1 + 0.24 ± 0.05) x 0.47 ± 0.02: standard error 16.88907 (equations 3.1 and 3.2).

    Inputs at https://github.com/gaelso/mocaredd.dev2/blob/195270238dd0b4cbea53ba49ee0048b7d4ee7f6e/R/
    fct_make_formula_U.R; the result in a stored copy of that function's page (reference/fct_make_formula_U.md).
    """
    line = Line(
        "stock",
        250 * 1.24 * 0.47,
        ((normal("biomass", 25 / 250), 1.0),),
        (normal("roots", 0.05 / 1.24), normal("carbon", 0.02 / 0.47)),
    )
    assert round(Budget((line,)).u95_tco2e() / COVERAGE, 5) == 16.88907


def test_the_additive_model_of_the_guides_first_supplement() -> None:
    """Four equal rectangular inputs of standard uncertainty 1: u = 2.00, and the middle 95 % ends at ±3.88.

    JCGM 101:2008, 9.2.3, table 3, as printed in https://github.com/jmrplens/phonometry/blob/
    4388d49e850f0de95587919a9a933921d7405156/tests/metrology/test_uncertainty.py
    (test_monte_carlo_matches_supplement1_table3).
    """
    scale = 1000.0  # tonnes a line, so that an error of one tonne is a small share and no product is bent
    lines = tuple(
        Line(name, scale, ((Input(name, math.sqrt(3) / scale, math.sqrt(3) / scale, is_bounded=True), 1.0),))
        for name in "abcd"
    )
    budget = Budget(lines)
    assert round(budget.u95_tco2e() / COVERAGE, 2) == 2.00
    low, high = interval(Sampler(400_000).total(budget) - 4 * scale)
    assert (round(low, 1), round(high, 1)) == (-3.9, 3.9)
    assert abs(low + 3.88) < 0.03
    assert abs(high - 3.88) < 0.03


@pytest.mark.parametrize(("percent", "printed"), [("1", 269), ("2.5", 673)])
def test_a_flow_meter_carries_its_share_into_the_tonnes(percent: str, printed: int) -> None:
    """10,000 t of gas x 48.0 GJ/t x 56.1 t/TJ: ±1 % are ±269 t, ±2.5 % are ±673 t.

    Read at https://meterproof.co.uk/article-co2-emissions-uncertainty (its ±5 %, 1,345 t, is of the rounded 26,900 t).
    """
    gas = Input("meter", float(percent) / 100, float(percent) / 100)
    assert round(Budget((Line("gas", 10_000 * 48.0 * 56.1 / 1000, ((gas, 1.0),)),)).u95_tco2e()) == printed


def test_what_is_shared_adds_up_and_what_is_independent_does_not() -> None:
    one, other, factor = normal("m1", 0.01), normal("m2", 0.01), normal("f", 0.02)
    apart = Budget((Line("a", 100.0, ((one, 1.0),)), Line("b", 100.0, ((other, 1.0),))))
    together = Budget((Line("a", 100.0, ((one, 1.0),)), Line("b", 100.0, ((one, 1.0),))))
    assert math.isclose(apart.u95_tco2e(), COVERAGE * math.sqrt(2))
    assert math.isclose(together.u95_tco2e(), COVERAGE * 2)
    both = Budget((Line("a", 100.0, ((one, 1.0),), (factor,)), Line("b", 100.0, ((other, 1.0),), (factor,))))
    assert math.isclose(both.u95_tco2e(), COVERAGE * math.hypot(1, 1, 4))
    drawn = {name: Sampler(100_000).total(budget).std() for name, budget in [("apart", apart), ("both", both)]}
    assert math.isclose(drawn["apart"], math.sqrt(2), rel_tol=0.02)
    assert math.isclose(drawn["both"], math.hypot(1, 1, 4), rel_tol=0.02)


def test_bought_and_sold_by_one_meter_leave_nothing_to_doubt() -> None:
    meter = normal("m", 0.02)
    trade = Budget((Line("in", 50.0, ((meter, 1.0),)), Line("out", -50.0, ((meter, 1.0),))))
    assert trade.u95_tco2e() == 0
    assert np.abs(Sampler(1000).total(trade)).max() < 1e-9


def test_a_lopsided_interval_keeps_both_its_ends() -> None:
    wide = Input("ncv", 0.7, 2.0)
    line = Line("methane", 1.0, factor=(wide,))
    low, high = interval(Sampler(200_000).line(line))
    assert abs(low - 0.3) < 0.01
    assert abs(high - 3.0) < 0.03
    assert math.isclose(Budget((line,)).u95_tco2e(), 2.0)  # the wider half, as the first approach asks


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1.0, 1000.0), st.sampled_from("abc"), st.floats(0.001, 0.02), st.sampled_from("xy")),
        min_size=1,
        max_size=8,
    )
)
def test_both_ways_agree_where_the_uncertainties_are_small(made: list[tuple[float, str, float, str]]) -> None:
    sizes = {meter: share for _, meter, share, _ in made}
    lines = tuple(
        Line(str(place), tonnes, ((normal(meter, sizes[meter]), 1.0),), (normal(term, 0.01),))
        for place, (tonnes, meter, _, term) in enumerate(made)
    )
    budget = Budget(lines)
    low, high = interval(Sampler(20_000).total(budget))
    assert math.isclose((high - low) / 2, budget.u95_tco2e(), rel_tol=0.06)
    assert math.isclose((high + low) / 2, budget.emissions_tco2e, rel_tol=0.02)


def test_draws_are_the_same_in_any_order_and_when_drawn_again() -> None:
    first, other = Sampler(100), Sampler(100)
    inputs = [normal(name, 0.1) for name in "abc"]
    kept = [first.ratio(one) for one in inputs]
    assert all((other.ratio(one) == drawn).all() for one, drawn in zip(reversed(inputs), reversed(kept), strict=True))
    assert (Sampler(100, seed=1).ratio(inputs[0]) != kept[0]).any()


LINE = {
    "year": 2025,
    "organization_id": "mill",
    "basis": "all",
    "scope": 1,
    "source_category": "combustion",
    "gas": "CO2",
    "carrier": "natural_gas",
    "method_term": "combustion/default",
    "factor_id": "f",
    "is_internal": False,
    "emissions_tco2e": Decimal(100),
    "share_ratio": Decimal(1),
}
EMPTY = dict.fromkeys(("accuracy_class", "low_ratio", "high_ratio", "range_rule", "range_confidence"))


def made(line: str, kind: str, name: str, **cells: object) -> dict[str, object]:
    return LINE | EMPTY | {"line_id": line, "input_kind": kind, "input_id": name} | cells


def test_what_is_not_known_is_named_and_never_zero() -> None:
    inputs = [
        made("known", "meter", "m1", accuracy_class="0.5S", share_ratio=Decimal("0.25")),
        made("known", "meter", "m2", accuracy_class="1.0", share_ratio=Decimal("0.75")),
        made(
            "known", "factor", "f", low_ratio=Decimal("0.02"), high_ratio=Decimal("0.03"), range_confidence="recalled"
        ),
        made("half", "meter", "m1", accuracy_class="0.5S", emissions_tco2e=Decimal(300), is_internal=True),
        made("half", "factor", "g", emissions_tco2e=Decimal(300), is_internal=True),
    ]
    found = rows.lines(inputs)
    recalled = {(2025, "mill", "known")}
    known, half = rows.line_rows(found, recalled).sort_by([("line_id", "descending")]).to_pylist()
    expected = COVERAGE / math.sqrt(3) * math.hypot(0.25 * 0.005, 0.75 * 0.01)
    assert math.isclose(known["activity_u95_ratio"], expected)
    assert math.isclose(known["u95_ratio"], math.hypot(expected, 0.03))
    assert known["rests_on_recalled"]
    assert (half["u95_ratio"], half["factor_u95_ratio"], half["u95_tco2e"]) == (None, None, None)
    names = {"name_zh": "厂", "name_en": "Mill"}
    organizations = [
        {"organization_id": "mill", "member_id": "mill", "level": 1, **names},
        {"organization_id": "park", "member_id": "mill", "level": 0, **names},
    ]
    totals = rows.total_rows(found, recalled, organizations, Sampler(1000)).to_pylist()
    mill, park = (
        next(
            row
            for row in totals
            if row["organization_id"] == name and row["basis"] == "market" and row["part"] == "total"
        )
        for name in ("mill", "park")
    )
    assert (mill["emissions_tco2e"], park["emissions_tco2e"]) == (400, 100)  # what is traded inside is not the park's
    assert (mill["covered_ratio"], park["covered_ratio"]) == (0.25, 1.0)
    assert (mill["factor_covered_ratio"], mill["activity_covered_ratio"]) == (0.25, 1.0)
    assert (mill["covered_tco2e"], mill["u95_tco2e"]) == (100, park["u95_tco2e"])  # nothing is said of the other 300 t
    assert mill["p025_tco2e"] < 100 < mill["p975_tco2e"]
    assert mill["activity_u95_tco2e"] > park["activity_u95_tco2e"]
    assert {row["basis"] for row in totals} == {"location", "market"}
    assert {row["part"] for row in totals} == {"total", "scope_1"}
