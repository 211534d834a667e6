"""An hour of a park: no kilowatt-hour is matched twice, and none beyond what was used."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from methods.matching.hours import of_hour
from methods.origins.mix import Member, Source

D = Decimal
PV, WIND = Source("pv", "own", "own"), Source("wind", "contract", "contract")
COAL, GRID = Source("thermal", "own", "own"), Source("unspecified", "grid", "grid")
BELOW = {"park": ["centre", "works"], "centre": ["centre"], "works": ["works"]}


def test_own_power_comes_before_a_contract_and_certificates_last() -> None:
    member = Member(made={PV: D(30), WIND: D(20), GRID: D(50)})
    found = of_hour({"works": member}, {"works": D(80)}, {"works": ["works"]})["works"]
    assert found.consumption == 100
    assert found.by_way == {"own": D(30), "contract": D(20), "park": D(0), "certificate": D(50)}
    assert (found.matched, found.surplus) == (100, 30), "30 kWh of the certificates had nobody to use them in the hour"


def test_power_that_was_sold_at_noon_covers_no_night() -> None:
    noon = Member(made={PV: D(100), GRID: D(0)}, sold={"pv": D(60)})
    night = Member(made={GRID: D(40)})
    hours = [of_hour({"works": one}, {}, {"works": ["works"]})["works"] for one in (noon, night)]
    assert [one.consumption for one in hours] == [40, 40]
    assert [one.matched for one in hours] == [40, 0]
    assert [one.surplus for one in hours] == [60, 0]


def test_a_member_has_its_sellers_mix_of_the_hour_and_the_park_the_way_into_it() -> None:
    centre = Member(made={PV: D(50), COAL: D(50)}, sold={None: D(80)})
    works = Member(made={GRID: D(20)}, bought={"centre": D(80)})
    found = of_hour({"centre": centre, "works": works}, {}, BELOW)
    assert found["centre"].by_way["own"] == 10
    assert found["works"].by_way["park"] == 40
    assert (found["park"].by_way["own"], found["park"].by_way["park"]) == (50, 0)
    assert found["park"].consumption == 120
    assert (found["centre"].surplus, found["park"].surplus) == (40, 0), "what the works used is no surplus of the park"


def test_waste_heat_and_what_nobody_tells_are_not_green() -> None:
    heat = Source("waste_heat", "own", "own")
    found = of_hour({"works": Member(made={heat: D(50), GRID: D(50)})}, {}, {"works": ["works"]})["works"]
    assert (found.matched, found.surplus) == (0, 0)


def test_no_more_is_matched_than_was_used() -> None:
    """More wind was sold than came: what was used is less than the sun that shone."""
    member = Member(made={PV: D(50), GRID: D(10)}, sold={"wind": D(20)})
    found = of_hour({"works": member}, {"works": D(5)}, {"works": ["works"]})["works"]
    assert (found.consumption, found.matched, found.surplus) == (40, 40, 15)


AMOUNTS = st.decimals(0, 10**6, places=3)


@given(st.lists(AMOUNTS, min_size=9, max_size=9))
def test_nothing_is_matched_twice(amounts: list[Decimal]) -> None:
    pv, wind, coal, grid, sale, export, certified, own_pv, own_grid = amounts
    sold = min(sale + export, pv + wind + coal + grid)
    centre = Member({PV: pv, WIND: wind, COAL: coal, GRID: grid}, {}, {None: sold})
    works = Member({PV: own_pv, GRID: own_grid}, {"centre": min(sale, sold)}, {})
    found = of_hour({"centre": centre, "works": works}, {"works": certified}, BELOW)
    for one in found.values():
        assert 0 <= one.matched <= max(one.consumption, D(0))
        assert all(amount >= 0 for amount in (*one.by_way.values(), one.surplus))
    for name in ("consumption", "matched"):
        assert getattr(found["park"], name) == getattr(found["centre"], name) + getattr(found["works"], name)
    assert found["park"].by_way["own"] + found["park"].by_way["contract"] <= pv + wind + own_pv
    assert found["park"].by_way["certificate"] <= certified
