"""Each kilowatt-hour has one origin: by hand on a small park, and sums to the last digit whatever is traded."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from methods.origins import rows
from methods.origins.mix import ZERO, Member, Source, used

PV = rows.source("electricity_pv", "own_generation")
THERMAL = rows.source("electricity_thermal", "conversion")
GRID = rows.source("electricity_grid", "purchase")


def by_origin(found: dict[Source, Decimal]) -> dict[tuple[str, str], float]:
    return {(source.origin, source.way): float(amount) for source, amount in found.items() if amount}


def test_a_buyer_has_the_mix_of_its_seller() -> None:
    centre = Member(made={PV: Decimal(100), THERMAL: Decimal(300)}, sold={None: Decimal(200)})
    mill = Member(made={GRID: Decimal(50)}, bought={"centre": Decimal(200)})
    found = used({"mill": mill, "centre": centre})
    assert by_origin(found["centre"]) == {("pv", "own"): 50, ("thermal", "own"): 150}
    assert by_origin(found["mill"]) == {("pv", "park"): 50, ("thermal", "park"): 150, ("unspecified", "grid"): 50}
    assert {source.way_into_park for source in found["mill"]} == {"own", "grid"}


def test_what_is_sold_of_an_origin_is_taken_off_it() -> None:
    found = used({"works": Member(made={PV: Decimal(100), GRID: Decimal(50)}, sold={"pv": Decimal(30)})})
    assert by_origin(found["works"]) == {("pv", "own"): 70, ("unspecified", "grid"): 50}


def test_a_seller_that_nobody_knows_and_two_that_sell_to_each_other_leave_the_origin_open() -> None:
    one = Member(made={PV: Decimal(10)}, bought={"other": Decimal(5)}, sold={None: Decimal(4)})
    other = Member(made={GRID: Decimal(10)}, bought={"one": Decimal(4), None: Decimal(1)}, sold={None: Decimal(5)})
    found = used({"one": one, "other": other})
    assert sum(found["one"].values()) == 11
    assert sum(found["other"].values()) == 10
    assert found["other"][Source("unspecified", "park", "park")] > 0


KWH = st.integers(0, 10**13).map(lambda amount: Decimal(amount) / 1_000_000)
MEMBERS = st.builds(
    lambda made, bought, named, mixed: Member(made, bought, {"pv": named, None: mixed}),
    st.dictionaries(st.sampled_from([PV, THERMAL, GRID]), KWH, max_size=3),
    st.dictionaries(st.sampled_from(["a", "b", "c", None]), KWH, max_size=3),
    KWH,
    KWH,
)


@given(members=st.fixed_dictionaries({"a": MEMBERS, "b": MEMBERS, "c": MEMBERS}))
@settings(max_examples=200, deadline=None)
def test_origins_add_up_to_what_was_used(members: dict[str, Member]) -> None:
    for name, parts in used(members).items():
        member = members[name]
        came = sum(member.made.values(), ZERO) + sum(member.bought.values(), ZERO)
        assert sum(parts.values(), ZERO) == came - sum(member.sold.values(), ZERO)
