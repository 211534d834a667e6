"""The footprints of a small works against what is reckoned by hand: the loop in closed form, all in fractions."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.footprint import compare, figures, inventory, marts, pieces, solve, tables
from methods.footprint.quality import completeness, pedigree_gsd2
from tests.unit.methods import footprint_works as works

SEED = 7
Rows = list[dict[str, Any]]


def made(
    flows: Rows, site: works.Site | None = None, periods: tuple[works.Period, ...] = (works.YEAR,)
) -> dict[str, Rows]:
    found = marts.of_site(flows, periods, site or works.site(), SEED)
    return {mart: table.to_pylist() for mart, table in found.items()}


@pytest.fixture(scope="module")
def two_years() -> dict[str, Rows]:
    before = works.in_period(works.rows(grid=0.6, clinker=750), "2024")
    return made([*works.rows(), *before], periods=(works.YEAR, works.BEFORE))


def of(rows: Rows, product: str, period: str = "2025") -> Rows:
    return [row for row in rows if row["product_id"] == product and row["period"] == period]


def by_hand(grid: Fraction, clinker: int) -> dict[str, Fraction]:
    """Return the footprints: a kWh of the mix is grid and turbine power, and the turbine takes of the mix itself."""
    mix = 100_000 * grid / (120_000 - 1_000)
    kiln = 520_000 + 273 + 24_000 + 60_000 * mix
    one = {"mix": mix, "own_power": 1_000 * mix / 20_000, "clinker": kiln * Fraction(800, 1000) / 800}
    one["dust"] = kiln * Fraction(200, 1000) / 200
    one["cement"] = (clinker * one["clinker"] + 40_000 * mix + 500 + 3_000) / 1_000
    return one


def test_footprints_are_what_is_reckoned_by_hand(two_years):
    expected = {"2025": by_hand(Fraction(1, 2), 700), "2024": by_hand(Fraction(3, 5), 750)}
    looked_at = 0
    for row in two_years["footprint.products"]:
        looked_at += 1
        assert row["is_complete"] and row["missing_en"] is None
        by_hand_kg = expected[row["period"]][row["product_id"]]
        assert abs(Fraction(row["footprint_kgco2e"]) - by_hand_kg) < Fraction(1, 10**5), row["product_id"]
    assert looked_at == 10


def test_contributions_add_up_to_the_footprint_and_its_parts(two_years):
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for part in two_years["footprint.contributions"]:
        totals[part["period"], part["product_id"]] += part["contribution_kgco2e"]
    for row in two_years["footprint.products"]:
        whole = row["footprint_kgco2e"]
        assert totals[row["period"], row["product_id"]] == whole
        parts = [row[f"{kind}_kgco2e"] for kind in tables.PARTS if kind != "aircraft"]
        assert sum(parts) == whole
        assert row["footprint_including_uptake_kgco2e"] == whole + row["biogenic_uptake_kgco2e"]
        assert row["p5"] <= whole <= row["p95"]
    assert len(totals) == 10


def test_what_is_beside_the_footprint_is_told_and_not_counted(two_years):
    (cement,) = of(two_years["footprint.products"], "cement")
    assert cement["biogenic_uptake_kgco2e"] == Decimal("-1.5")
    assert cement["outbound_logistics_kgco2e"] == Decimal(5)
    assert cement["packaging_kgco2e"] == Decimal(3)
    beside = {
        row["exchange_id"]: row for row in of(two_years["footprint.contributions"], "cement") if row["beside_kgco2e"]
    }
    assert {name: row["contribution_kgco2e"] for name, row in beside.items()} == {"paper": 0, "lorry": 0}
    whole_life = works.site(works.product("cement", "mill", "t", boundary="cradle_to_grave"))
    (grave,) = made(list(works.rows()), whole_life)["footprint.products"]
    assert grave["footprint_kgco2e"] == cement["footprint_kgco2e"] + 5
    assert grave["outbound_logistics_kgco2e"] == 5


def test_every_node_of_the_tree_is_its_own_and_its_children(two_years):
    tree = two_years["footprint.contribution_tree"]
    children: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for node in tree:
        children[node["period"], node["parent_id"]] += node["contribution_kgco2e"]
    for node in tree:
        assert node["contribution_kgco2e"] == node["own_kgco2e"] + children[node["period"], node["node_id"]]
    for row in two_years["footprint.products"]:
        nodes = of(tree, row["product_id"], row["period"])
        assert sum(node["own_kgco2e"] for node in nodes) == row["footprint_kgco2e"]
        assert [node["node_kind"] for node in nodes if node["parent_id"] is None] == ["product"]
        assert len(nodes) <= 60
    assert {node["node_kind"] for node in tree} == {"product", "process", "exchange", "rest"}


def test_shares_are_one_in_all(two_years):
    shares: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in two_years["footprint.allocations"]:
        shares[row["period"], row["process_id"]] += row["share_ratio"]
    assert set(shares.values()) == {Decimal(1)}
    assert len(shares) == 8
    methods = {row["product_id"]: row["method"] for row in two_years["footprint.allocations"]}
    assert methods["dust"] == "mass" and methods["cement"] == "none"


def test_what_processes_cause_is_what_the_products_that_leave_carry(two_years):
    """Everything bought and emitted is found again in cement, dust and clinker that is not milled: nothing is lost."""
    caused = sum(
        row["emissions_kgco2e"]
        for row in works.rows()
        if row["emissions_kgco2e"] is not None and row["exchange_id"] not in {"lorry", "paper"}
    )
    one = {
        row["product_id"]: row["footprint_kgco2e"] for row in two_years["footprint.products"] if row["period"] == "2025"
    }
    power_left = 120_000 - 60_000 - 40_000 - 1_000
    carried = 1_000 * one["cement"] + 200 * one["dust"] + (800 - 700) * one["clinker"] + power_left * one["mix"]
    assert abs(carried - caused) < Decimal("0.05")


def test_reasons_add_up_to_the_change_and_are_the_right_ones(two_years):
    changes = of(two_years["footprint.changes"], "cement")
    one = {
        row["period"]: row["footprint_kgco2e"]
        for row in two_years["footprint.products"]
        if row["product_id"] == "cement"
    }
    assert sum(row["change_kgco2e"] for row in changes) == one["2025"] - one["2024"]
    effects = {row["effect"]: row["change_kgco2e"] for row in changes}
    assert set(effects) == {
        "electricity_factor",
        "material_use",
    }  # cleaner power and less clinker: nothing else changed
    (now,) = of(two_years["footprint.products"], "cement")
    assert (now["previous_period"], now["previous_footprint_kgco2e"]) == ("2024", one["2024"])


def test_what_stands_behind_a_footprint_is_the_footprint():
    """So nothing of a change is a remainder that was put somewhere: the pieces are the whole before and after."""
    site = works.site()
    found = inventory.of_period(works.rows(), {name: row["process_id"] for name, row in site.products.items()})
    whole = {one.product["product_id"]: one for one in figures.of_period(found, site)}
    assert found.system is not None
    behind = pieces.of_period(found, solve.solve(found.system), whole)
    for product, one in whole.items():
        assert abs(sum(piece.amount for piece in behind[product].values()) - one.total) < Decimal("0.00001"), product
    assert len(behind["cement"]) == 7  # calcination, methane, coal, two links of power, gypsum, bags


def test_a_reason_is_told_for_what_changed_alone():
    def effects_of(**changed: dict[str, Decimal]) -> set[str]:
        flows = [row | changed.get(row["exchange_id"], {}) for row in works.rows()]
        found = made([*flows, *works.in_period(works.rows(), "2024")], periods=(works.YEAR, works.BEFORE))
        return {row["effect"] for row in of(found["footprint.changes"], "cement")}

    assert effects_of() == set()
    assert effects_of(dust={"allocation_value": Decimal(100)}) == {"allocation"}
    assert effects_of(gypsum={"emissions_kgco2e": Decimal(900)}) == {"supplier_footprint"}
    assert effects_of(bag={"emissions_kgco2e": Decimal(900)}) == {"secondary_factor"}
    assert effects_of(bag={"emissions_kgco2e": Decimal(900), "quantity": Decimal(6_000)}) == {"packaging"}
    assert effects_of(mill_power={"quantity": Decimal(41_000)}) == {"electricity_use"}
    assert effects_of(turbine_use={"quantity": Decimal(2_000)}) == {"electricity_factor"}
    assert effects_of(calcination={"emissions_kgco2e": Decimal(1), "quantity": Decimal(1)}) == {"process_emissions"}
    assert effects_of(mill_clinker={"quantity": Decimal(600)}) == {"material_use"}


def test_what_was_rounded_away_goes_to_the_largest_reason():
    one = compare.Piece("energy", "secondary", Decimal(1), Decimal(1), Decimal(2), Decimal(5))
    more, less = replace(one, used=Decimal(3)), replace(one, kind="transport", emitted=Decimal("5.1"))
    effects = compare.effects({("a",): one, ("b",): one}, {("a",): more, ("b",): less}, Decimal("5.200123"))
    assert effects == {"fuel_use": Decimal("5.000123"), "secondary_factor": Decimal("0.2")} | dict.fromkeys(
        ("material_use", "allocation", "transport"), Decimal(0)
    )


def test_primary_share_and_ratings_are_means_by_size(two_years):
    (cement,) = of(two_years["footprint.products"], "cement")
    parts = [row for row in of(two_years["footprint.contributions"], "cement") if row["contribution_kgco2e"]]
    size = {row["exchange_id"]: Fraction(row["contribution_kgco2e"]) for row in parts}
    whole = sum(size.values())
    own = size["calcination"] + size["methane"] + Fraction(2, 5) * size["gypsum"]
    assert abs(Fraction(cement["primary_data_share_ratio"]) - own / whole) < Fraction(1, 10**6)
    time = (
        size["calcination"] + size["methane"] + 3 * size["coal"] + 2 * (size["grid"] + size["gypsum"] + size["bag"])
    ) / whole
    assert abs(Fraction(cement["dqr_time"]) - time) <= Fraction(1, 2000)
    assert cement["dqr_completeness"] == 1
    assert [completeness(months) for months in (12, 7, 3, 2, 0)] == [1, 2, 3, 4, 5]


def test_a_rating_of_a_factor_says_how_far_it_may_be_off():
    best, worst = dict.fromkeys(("technology", "time", "geography"), Decimal(1)), {}
    assert pedigree_gsd2(best) == Decimal("1.050210")  # exp(2 √0.0006)
    assert pedigree_gsd2(worst) is None
    assert pedigree_gsd2(best | {"technology": Decimal("4.5")}) == Decimal("1.764386")  # exp(2 √(0.0006 + 0.08))


def test_what_is_left_out_is_told_with_its_share_of_the_mass(two_years):
    (left,) = [row for row in two_years["footprint.cut_offs"] if row["period"] == "2025"]
    assert (left["exchange_id"], left["reason_zh"]) == ("grinding_aid", "不足千分之一")
    assert left["mass_ratio"] == (Decimal(1) / (700 + 50 + 2 + 1)).quantize(Decimal("0.000001"))
    assert left["is_within_limit"]
    (cement,) = of(two_years["footprint.products"], "cement")
    # of what the site takes in: coal of 0.7 t of clinker by its share of the kiln, gypsum and bags
    taken = Fraction(120) * Fraction(7, 10) / 1000 + Fraction(52, 1000)
    assert abs(Fraction(cement["exempted_ratio"]) - Fraction(1, 1000) / (taken + Fraction(1, 1000))) < Fraction(
        1, 10**6
    )


def test_what_lacks_something_has_no_footprint_and_says_what():
    flows = list(works.rows())
    without = [row | {"emissions_kgco2e": None} if row["exchange_id"] == "coal" else row for row in flows]
    found = {row["product_id"]: row for row in made(without)["footprint.products"]}
    assert {name: row["is_complete"] for name, row in found.items()} == {
        "cement": False,
        "clinker": False,
        "dust": False,
        "mix": True,
        "own_power": True,
    }
    assert found["cement"]["footprint_kgco2e"] is None
    assert found["cement"]["missing_en"] == "kiln: coal has no factor"
    assert found["cement"]["missing_zh"] == "kiln：coal没有因子或足迹"
    idle = [row for row in flows if row["process_id"] != "kiln"]
    cement = {row["product_id"]: row for row in made(idle)["footprint.products"]}["cement"]
    assert cement["missing_en"] == "mill: nobody made clinker in the period"
    without_key = [row | {"allocation_value": None} for row in flows]
    found = {row["product_id"]: row for row in made(without_key)["footprint.products"]}
    assert found["clinker"]["missing_en"] == "kiln: no key shares it out among its products"
    told = [
        row | {"missing_en": "no reading", "missing_zh": "缺读数"} if row["exchange_id"] == "grid" else row
        for row in flows
    ]
    found = {row["product_id"]: row for row in made(told)["footprint.products"]}
    assert not any(row["is_complete"] for row in found.values())
    assert found["cement"]["missing_zh"] == "power：缺读数"


def test_a_loop_that_eats_all_it_makes_leaves_every_product_without_a_footprint():
    own_use = works.row("power", "own", "input", "electricity", item="mix", quantity=130_000, provider_kind="process")
    looped = [
        row | {"quantity": Decimal(200_000)} if row["exchange_id"] == "turbine_use" else row for row in works.rows()
    ]
    for flows in (looped, [*works.rows(), own_use]):
        found = made(flows)["footprint.products"]
        assert not any(row["is_complete"] for row in found)
        assert all("no solution" in row["missing_en"] for row in found)


def test_the_newest_whole_year_is_the_latest(two_years):
    assert {row["period"] for row in two_years["footprint.products"] if row["is_latest"]} == {"2025"}
    part = works.Period("2026", "year", works.YEAR.start_on.replace(year=2026), works.YEAR.end_on.replace(year=2026), 3)
    flows = [*works.rows(), *works.in_period(works.rows(), "2026")]
    found = made(flows, periods=(works.YEAR, part))["footprint.products"]
    assert {row["period"] for row in found if row["is_latest"]} == {"2025"}
    (alone,) = {
        row["period"] for row in made(works.in_period(works.rows(), "2026"), periods=(part,))["footprint.products"]
    }
    assert alone == "2026"


def test_the_order_of_rows_changes_nothing(two_years):
    again = made(
        [*reversed(list(works.rows())), *works.in_period(works.rows(grid=0.6, clinker=750), "2024")],
        periods=(works.BEFORE, works.YEAR),
    )
    assert again == two_years


_LOOP = {"turbine_use", "turbine_power", "mix", "own_power"}  # it stays one that leaves something over
_MONTHS = tuple(
    works.Period(f"{year.name}-03", "month", year.start_on, year.end_on, 1) for year in (works.BEFORE, works.YEAR)
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 10**9), min_size=60, max_size=60))
def test_whatever_the_amounts_are_the_sums_hold(amounts: list[int]):
    drawn = iter(amounts)
    flows = []
    for period in _MONTHS:
        for row in works.in_period(list(works.rows()), period.name):
            amount = Decimal(next(drawn)) / 1000
            if row["emissions_kgco2e"]:
                row["emissions_kgco2e"] = amount
            elif row["exchange_id"] not in _LOOP:
                row |= {"quantity": amount, "allocation_value": amount}
            flows.append(row)
    found = made(flows, periods=_MONTHS)
    one = {(row["product_id"], row["period"]): row["footprint_kgco2e"] for row in found["footprint.products"]}
    assert len(one) == 10
    for (product, period), whole in one.items():
        assert sum(row["contribution_kgco2e"] for row in of(found["footprint.contributions"], product, period)) == whole
        changes = of(found["footprint.changes"], product, period)
        before = one.get((product, "2024-03"), whole)
        assert sum(row["change_kgco2e"] for row in changes) == whole - before
