"""The published footprints of the park: against an own solution of its flows, their sums, and the walk to a reading."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from lake import published
from lake.store import Lake
from quality.lineage import walk
from quality.lineage.node import Node
from quality.lineage.place import Place
from tests.integration import portal_site
from tests.integration.reference_park import ROOT, Park

pytestmark = pytest.mark.integration

YEAR, MONTH = "2025", "2025-12"
SOLD = {"clinker", "cement", "cement_bagged", "crude_steel", "steel_bar", "methanol", "hydrogen", "gear_unit"}


@pytest.fixture
def place(park: Park) -> Iterator[Place]:
    with published.opened(park.lake / "marts.duckdb") as marts:
        yield Place(Lake(str(park.lake)), marts)


def below(tree: Node, kind: str) -> list[Node]:
    return [tree] * (tree.kind == kind) + [one for node in tree.below for one in below(node, kind)]


def test_footprints_are_an_own_solution_of_the_same_flows(park: Park) -> None:
    """Of what each process makes, one equation: what it emits and buys, and what it takes of others, by its shares."""
    own = dict(park.sql(_OWN))
    shares = park.sql(
        "select process_id, product_id, share_ratio::double, quantity::double from footprint.allocations "
        f"where period = '{YEAR}' and share_ratio > 0"
    )
    place = {product: at for at, (_, product, _, _) in enumerate(shares)}
    matrix, right = np.eye(len(shares)), np.zeros(len(shares))
    links: dict[object, list[tuple[object, float]]] = defaultdict(list)
    for process, item, quantity in park.sql(_LINKS):
        links[process].append((item, float(str(quantity))))
    for at, (process, _, share, made) in enumerate(shares):
        right[at] = float(str(own.get(process, 0))) * float(str(share)) / float(str(made))
        for item, quantity in links[process]:
            matrix[at, place[item]] -= quantity * float(str(share)) / float(str(made))
    solved = np.linalg.solve(matrix, right)
    told = park.sql(
        f"select product_id, footprint_kgco2e::double from footprint.products where period = '{YEAR}' and is_complete"
    )
    assert {str(product) for product, _ in told} >= SOLD
    for product, footprint in told:
        if product != "gear_unit_life":  # its use and end stand past the gate
            assert float(str(footprint)) == pytest.approx(solved[place[product]], rel=1e-6, abs=2e-6), product


def test_parts_tree_and_identities_hold_row_by_row(park: Park) -> None:
    broken = park.sql("""
        with parts as (
            select period, product_id, sum(contribution_kgco2e) as whole from footprint.contributions group by all
        )

        select product_id, period from footprint.products left join parts using (period, product_id)
        where is_complete and (footprint_kgco2e <> whole
            or footprint_kgco2e <> fossil_kgco2e + land_use_change_kgco2e + land_management_kgco2e
                + land_management_removals_kgco2e + biogenic_non_co2_kgco2e + technological_removals_kgco2e
                + capture_kgco2e
            or footprint_including_uptake_kgco2e <> footprint_kgco2e + biogenic_uptake_kgco2e
            or (period_kind = 'year' and not (p5 <= footprint_kgco2e and footprint_kgco2e <= p95))
            or primary_data_share_ratio not between 0 and 1)
    """)
    assert broken == []
    told = park.sql("select count(*), count(*) filter (where is_complete) from footprint.products")[0]
    assert told[0] == told[1]
    assert int(str(told[0])) >= 60
    assert (
        park.sql("""
        with children as (
            select period, product_id, parent_id as node_id, sum(contribution_kgco2e) as of_children
            from footprint.contribution_tree where parent_id is not null group by all
        )

        select * from footprint.contribution_tree left join children using (period, product_id, node_id)
        where contribution_kgco2e <> own_kgco2e + coalesce(of_children, 0)
    """)
        == []
    )
    assert (
        park.sql("""
        select process_id, period, sum(share_ratio) from footprint.allocations group by all having sum(share_ratio) <> 1
    """)
        == []
    )


def test_a_footprint_leads_to_its_readings_books_factors_and_answers(place: Place) -> None:
    tree = walk.back(place, "footprint.products", {"product_id": "cement", "period": YEAR})
    kinds = {"process", "exchange", "flow", "point", "row", "factor", "factor_value", "answer", "clause"}
    assert {kind for kind in kinds if below(tree, kind)} == kinds
    assert {node.name for node in below(tree, "process")} >= {"cement_grinding", "cement_clinker", "cement_power"}
    processes = [node for node in tree.below if node.kind == "process"]
    parts = [node for process in processes for node in process.below if node.kind == "number"]
    whole = sum((node.facts["contribution_kgco2e"] for node in parts), Decimal(0))
    assert whole == tree.facts["footprint_kgco2e"]


@pytest.mark.parametrize(
    ("lineage_id", "kinds"),
    [
        (
            "cement/cement_clinker/clinker_coal_burning//bituminous_coal/CO2/fossil",
            {"reading", "proof", "factor_value"},
        ),
        ("crude_steel/steel_melting/melt_lime/lime_works//CO2e/fossil", {"reading", "answer", "evidence"}),
        ("crude_steel/steel_power/mix_steel_grid//average//fossil", {"reading", "proof"}),
    ],
)
def test_a_contribution_of_a_month_leads_to_raw_readings(place: Place, lineage_id: str, kinds: set[str]) -> None:
    tree = walk.back(place, "footprint.contributions", {"lineage_id": f"{MONTH}/{lineage_id}"})
    assert {kind for kind in kinds if below(tree, kind)} == kinds
    assert all(one.facts["holds"] for one in below(tree, "proof"))


def test_the_portal_shows_a_contribution_to_who_may_see_its_organisation(park: Park, tmp_path: Path) -> None:
    way = f"/trace/footprint.contributions/{MONTH}/crude_steel/steel_melting/melt_lime/lime_works//CO2e/fossil"
    with portal_site.opened(ROOT / "examples/reference_park", park.lake, tmp_path, {}) as (portal, _):
        page = portal.signed_in("p03").get(way)
        assert page.status_code == 200
        assert all(said in page.text for said in ("lime_works-2024", "energy.consumption_monthly/", "melt_lime"))
        graph = portal.signed_in("p03").get(f"/api{way}").json()
        assert {"exchange", "flow", "answer", "clause"} <= {node["kind"] for node in graph["nodes"]}
        coal = "cement/cement_clinker/clinker_coal_burning//bituminous_coal/CO2/fossil"
        assert portal.signed_in("p03").get(f"/trace/footprint.contributions/{MONTH}/{coal}").status_code == 404


#: The months that footprints are made of: those of which every day is there.
_WHOLE = f"""
    month in (
        select month from quality.completeness_daily group by month
        having count(distinct local_date) = day(last_day(month)) and year(month) = {YEAR}
    )
"""
_OWN = f"""
    with bought as (
        select flows.process_id, sum(flows.quantity::double * supplied.share_ratio * supplied.footprint_kgco2e
            * case when supplied.unit = flows.quantity_unit then 1 end) as emitted
        from footprint.flows_monthly as flows
        inner join footprint.supplier_values_monthly as supplied
            on flows.organization_id = supplied.organization_id and flows.item = supplied.material
            and flows.month = supplied.month
        where flows.provider_kind = 'supplier' and not flows.is_cut_off and flows.{_WHOLE.strip()}
        group by all
    ),

    own as (
        select process_id, sum(emissions_kgco2e::double) as emitted
        from footprint.flows_monthly
        where {_WHOLE} and not is_outbound and coalesce(kind_of_carbon, 'fossil') <> 'biogenic_co2'
            and (direction <> 'output' or kind not in ('product', 'co_product'))
        group by all
    )

    select process_id, coalesce(own.emitted, 0) + coalesce(bought.emitted, 0)
    from own full join bought using (process_id)
"""
_LINKS = f"""
    select process_id, item, sum(quantity)
    from footprint.flows_monthly where provider_kind = 'process' and {_WHOLE} and direction = 'input'
    group by all
"""
