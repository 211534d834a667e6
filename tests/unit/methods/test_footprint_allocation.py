"""Allocation: shares are 1 in all and nothing is lost or doubled, to the last digit; the other ways agree with hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import NengtanError
from methods.footprint import allocate
from methods.footprint.allocate import Process
from methods.footprint.exact import summed
from methods.footprint.solve import solve
from methods.footprint.system import build

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=6)
NAMES = st.sampled_from(["clinker", "power", "steam", "slag", "tar", "gas"])
OUTPUTS = st.dictionaries(NAMES, AMOUNTS.filter(bool), min_size=1)


@given(outputs=OUTPUTS, data=st.data())
def test_shares_are_one_and_every_flow_is_conserved(outputs, data):
    keys = {name: data.draw(AMOUNTS.filter(bool)) for name in outputs}
    inputs = data.draw(st.dictionaries(st.text(min_size=1, max_size=3), AMOUNTS))
    emissions = data.draw(st.dictionaries(st.text(min_size=1, max_size=3), st.decimals(-(10**9), 10**9, places=9)))
    own = {name: data.draw(st.sampled_from(sorted(outputs))) for name in list(inputs)[:1]}
    shares = allocate.shares(outputs, keys)
    assert summed(list(shares.values())) == 1
    assert all(share >= 0 for share in shares.values())
    parts = allocate.allocated(Process("works", outputs, inputs, emissions), shares, own)
    for name, amount in inputs.items():
        assert summed([part.inputs.get(name, Decimal(0)) for part in parts]) == amount
    for name, amount in emissions.items():
        assert summed([part.emissions.get(name, Decimal(0)) for part in parts]) == amount
    assert {name: amount for part in parts for name, amount in part.outputs.items()} == outputs


def test_subdivided_flows_go_to_one_output_and_the_rest_by_key():
    works = Process(
        "works",
        {"steel": Decimal(8), "slag": Decimal(2)},
        {"ore": Decimal(15), "grinding": Decimal("0.3")},
        {"co2": Decimal(20)},
    )
    steel, slag = allocate.allocated(works, allocate.shares(works.outputs), {"grinding": "slag"})
    assert (steel.inputs, steel.emissions) == ({"ore": 12}, {"co2": 16})
    assert (slag.inputs, slag.emissions) == ({"ore": 3, "grinding": Decimal("0.3")}, {"co2": 4})


def test_a_credit_is_what_the_other_process_would_have_caused():
    chp = Process("chp", {"power": Decimal(10), "heat": Decimal(18)}, {}, {"co2": Decimal(5)})
    boiler = Process("boiler", {"heat": Decimal(90)}, {}, {"co2": Decimal(9)})
    credited = solve(build(*allocate.columns([allocate.substituted(chp, "power"), boiler])))
    assert credited.intensity("power")["co2"] == pytest.approx((5 - 18 * 0.1) / 10, rel=1e-14)


def test_recycled_content_at_the_cut_comes_free_and_is_written_down():
    furnace = Process("furnace", {"steel": Decimal(1)}, {"scrap": Decimal("1.1"), "power": Decimal(500)})
    kept, left = allocate.cut_off(furnace, {"scrap"})
    assert kept.inputs == {"power": 500}
    assert left == [allocate.CutOff("furnace", "scrap", Decimal("1.1"))]
    scrapyard = Process("works", {"car": Decimal(1), "scrap": Decimal("0.2")}, {}, {"co2": Decimal(7)})
    car, scrap = allocate.allocated(scrapyard, allocate.told({"car": Decimal(1), "scrap": Decimal(0)}))
    assert (car.emissions, scrap.emissions) == ({"co2": 7}, {})


def test_what_cannot_be_allocated_is_said():
    for outputs, keys, says in (
        ({"a": Decimal(1)}, {}, "a has no key"),
        ({"a": Decimal(1)}, {"a": Decimal(-1)}, "a cannot be allocated to by -1"),
        ({"a": Decimal(0)}, None, "a cannot be allocated to by nothing"),
        ({}, None, "no output cannot be allocated to by nothing"),
    ):
        with pytest.raises(NengtanError, match=says):
            allocate.shares(outputs, keys)
    with pytest.raises(NengtanError, match=r"0\.9 in all, not 1"):
        allocate.told({"a": Decimal("0.4"), "b": Decimal("0.5")})
    works = Process("works", {"a": Decimal(1)})
    with pytest.raises(NengtanError, match="b of works stands in its outputs or its shares alone"):
        allocate.allocated(works, {"a": Decimal(1), "b": Decimal(0)})
    with pytest.raises(NengtanError, match="works has flows of c, which it does not make"):
        allocate.allocated(works, {"a": Decimal(1)}, {"ore": "c"})
    with pytest.raises(NengtanError, match="works does not make b"):
        allocate.substituted(works, "b")
