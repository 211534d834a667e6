"""Of a neighbour's processes a buyer's footprint tells sums: the total stays, the names and amounts of it go."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from methods.footprint import borders, contributions, solve, system
from methods.footprint.inventory import Missing

PRODUCT = {"product_id": "gear"}
OWN = {"process_id": "milling", "process_name_zh": "铣", "process_name_en": "milling"}
SECRET = ("melting", "secret ore", "factor-7", "melting/ore//CO2/fossil")


def _part(process: str, amount: Decimal, stage: str, primary: Decimal) -> dict[str, object]:
    name = "secret ore" if process == "melting" else "oil"
    return {
        **{"process_id": process, "process_name_zh": process, "process_name_en": process, "gas": "CO2"},
        **{"contributor": f"{process}/ore//CO2/fossil", "contributor_name_zh": name, "contributor_name_en": name},
        **{"contributor_kind": "material", "exchange_id": f"{process}_ore", "item": name, "factor_id": "factor-7"},
        **{"stage": stage, "stage_name_zh": stage, "stage_name_en": stage, "kind_of_carbon": "fossil"},
        **{"kind_of_carbon_name_zh": "化石", "kind_of_carbon_name_en": "Fossil", "factor_confidence": "verified"},
        **{"is_primary": primary == 1, "primary_share_ratio": primary, "is_packaging": False, "is_outbound": False},
        **{"is_recalled": False, "source": None, "source_version": None, "quantity": Decimal(3), "factor": Decimal(2)},
        **{"dqr_technology": None, "dqr_time": None, "dqr_geography": None, "share_ratio": None},
        **{"contribution_kgco2e": amount, "beside_kgco2e": Decimal(0), "lineage_id": f"gear/{process}"},
    }


PARTS = st.lists(
    st.builds(
        _part,
        st.sampled_from(["milling", "melting"]),
        st.decimals(-1000, 1000, places=6),
        st.sampled_from(["production", "raw_materials"]),
        st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
    ),
    max_size=30,
)


@given(PARTS)
def test_the_footprint_stays_the_sum_of_its_parts(parts):
    told = borders.folded(parts, PRODUCT, OWN, frozenset({"melting"}))
    for kept in ("production", "raw_materials"):
        for of in (parts, told):
            assert all(isinstance(one["contribution_kgco2e"], Decimal) for one in of)
        sums = [sum(one["contribution_kgco2e"] for one in of if one["stage"] == kept) for of in (parts, told)]
        assert sums[0] == sums[1]
    assert [one for one in told if one["process_id"] == "milling" and one["contributor_kind"] == "material"] == [
        one for one in parts if one["process_id"] == "milling"
    ]
    lines = [one for one in told if one["contributor_kind"] == "neighbour"]
    assert len({one["lineage_id"] for one in lines}) == len(lines) <= 2 * 3 * 2
    assert not any(secret in str(lines) for secret in SECRET)
    weighed = [
        [(abs(one["contribution_kgco2e"]), one["primary_share_ratio"]) for one in of if one["contribution_kgco2e"]]
        for of in (parts, told)
    ]
    primary = [sum((size * share for size, share in of), Decimal(0)) for of in weighed]
    assert abs(primary[0] - primary[1]) < Decimal("1e-12"), "and so does its share of primary data"


def test_whose_processes_are_another_s():
    processes = {"melting": {"organization_id": "steel"}, "milling": {"organization_id": "machinery"}, "old": {}}
    assert borders.foreign(processes, frozenset({"machinery"})) == {"melting"}
    assert borders.foreign(processes, frozenset({"machinery", "steel", "park"})) == frozenset()


def test_what_a_neighbour_lacks_is_its_own_affair():
    lack = Missing("melting", "本期无产量", "it made nothing in the period")
    told = borders.said(lack, frozenset({"melting"}), "milling")
    assert told.process == "milling"
    assert "nothing" not in told.en
    assert borders.said(lack, frozenset(), "milling") is lack


def test_a_chain_is_not_followed_beyond_the_border():
    flows = system.Flows.of([
        ("gear", "gear", 1.0, None), ("gear", "steel", -2.0, None), ("steel", "steel", 1.0, None),
        ("steel", "ore", -3.0, None), ("ore", "ore", 1.0, None),
    ])  # fmt: skip
    effects = system.Interventions.of([("ore", "fossil", 5.0, None), ("steel", "fossil", 1.0, None)])
    solution = solve.solve(system.build(flows, effects))
    open_ = contributions.tree(solution, "gear")
    closed = contributions.tree(solution, "gear", closed={"steel"})
    assert [one.process for one in open_] == ["gear", "steel", "ore"]
    assert [(one.process, one.amount, one.own) for one in closed] == [
        ("gear", Decimal("32.000000"), Decimal("0.000000")),
        ("steel", Decimal("32.000000"), Decimal("32.000000")),
    ]
