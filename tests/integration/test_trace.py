"""From a published tonne to the raw register reading that carries it, for every kind of source of the park."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest

from lake import published, tablerows
from lake.store import Lake
from pipelines.cli.main import status_of
from quality.evidence import merkle
from quality.lineage import proof, walk
from quality.lineage.node import Node
from quality.lineage.place import Place
from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration

MONTH = "2025-12"


@pytest.fixture
def place(park: Park) -> Iterator[Place]:
    with published.opened(park.lake / "marts.duckdb") as marts:
        yield Place(Lake(str(park.lake)), marts)


def found(tree: Node, kind: str) -> list[Node]:
    return [tree] * (tree.kind == kind) + [one for below in tree.below for one in found(below, kind)]


def back(place: Place, **columns: str) -> Node:
    return walk.back(place, "carbon.emissions_monthly", columns)


def test_every_kind_of_source_leads_to_readings_or_declared_rows_and_to_a_document(place: Place, park: Park) -> None:
    lines = park.sql(
        "select any_value(lineage_id), source_category, organization_id from carbon.emissions_monthly "
        f"where month = date '{MONTH}-01' and factor_id is not null and activity <> 0 "
        "and not ends_with(method_term, 'flaring') group by all order by all"
    )
    assert {category for _, category, _ in lines} >= {
        *("combustion", "process", "purchased_electricity", "purchased_heat", "sold_electricity", "sequestered"),
    }
    assert len(lines) >= 15
    for lineage_id, category, _ in lines:
        tree = back(place, lineage_id=str(lineage_id))
        told = (lineage_id, category)
        activity = [*found(tree, "reading"), *found(tree, "row")]
        assert activity, told
        assert all(value.facts["source_id"] for value in found(tree, "factor_value")), told
        assert found(tree, "factor_value"), told
        assert found(tree, "evidence"), told
        assert all(one.facts["holds"] for one in found(tree, "proof")), told
        assert found(tree, "clause")[0].facts["equation"], told
        assert found(tree, "publication")[0].facts["code_hash"], told


def test_a_metered_tonne_is_the_difference_of_two_register_readings(place: Place) -> None:
    asked = {"organization_id": "cement", "carrier": "electricity_grid", "basis": "location"}
    tree = back(place, month=MONTH, **asked)
    readings = {one.name: one.facts["value"] for one in found(tree, "reading")}
    first, last = min(readings), max(readings)
    assert (first, last) == ("cem_e_main_ep@2025-11-30T16:00:00Z", "cem_e_main_ep@2025-12-31T16:00:00Z")
    energy = (readings[last] - readings[first]) * Decimal("0.001")
    assert energy == tree.facts["activity"]
    tonnes = energy * tree.facts["factor"] / 1000
    assert round(tonnes, 6) == tree.facts["emissions_tco2e"]
    batches = {one.name for one in found(tree, "delivery")}
    assert {one.name for one in found(tree, "payload")} == batches
    assert all((place.lake.root / str(one.facts["file"])).is_file() for one in found(tree, "payload"))


def test_the_proof_of_a_reading_leads_to_the_signed_head_and_one_of_a_changed_reading_does_not(place: Place) -> None:
    asked = {"organization_id": "cement", "carrier": "electricity_grid", "basis": "location"}
    proofs = found(back(place, month=MONTH, **asked), "proof")
    assert len(proofs) >= 2
    head = place.heads[-1]
    for one in proofs:
        leaf, path = bytes.fromhex(one.facts["leaf"]), [bytes.fromhex(node) for node in one.facts["block_path"]]
        root = merkle.root_of(leaf, one.facts["block"] - 1, one.facts["blocks"], path)
        assert root.hex() == one.facts["root_hash"]
        path = [bytes.fromhex(node) for node in one.facts["head_path"]]
        entry_leaf = bytes.fromhex(one.facts["entry_leaf"])
        assert merkle.root_of(entry_leaf, one.facts["entry"], head.size, path).hex() == head.root_hash
    known = [one for found_here in place.entries.values() for one in found_here]
    entry = next(one for one in known if one.chain_position == proofs[0].facts["entry"])
    rows, places = place.held[entry.chain_position]
    place.held[entry.chain_position] = rows.with_columns(pl.col("value") + 1), places
    point, at = str(proofs[0].name).split("/", 1)[1].split("@")
    mine = rows.filter(
        (pl.col("point_id").cast(pl.String) == point) & (pl.col("reading_at") == datetime.fromisoformat(at))
    )
    reading = {"point_id": point, "reading_at": mine["reading_at"][0], "position": mine["position"][0]}
    assert proof.of_reading(place, entry, reading)["holds"] is False


def test_points_add_up_to_the_activity(place: Place, park: Park) -> None:
    lines = park.sql(
        "select lineage_id from carbon.emissions_monthly join reference.organizations using (organization_id) "
        f"where month = date '{MONTH}-01' and parent_id is not null and gas = 'CO2' "
        "and source_category in ('purchased_electricity', 'sold_electricity', 'combustion') "
        "and basis = 'statutory'"
    )
    compared = 0
    for (lineage_id,) in lines:
        tree = back(place, lineage_id=str(lineage_id))
        points = [one.facts for one in found(tree, "point")]
        if {one["quantity_unit"] for one in points} == {tree.facts["activity_unit"]}:
            signed = [-one["quantity"] if "sale" in one["role"] else one["quantity"] for one in points]
            assert abs(sum(signed) - tree.facts["activity"]) <= Decimal("0.000005"), lineage_id
            compared += 1
    assert compared >= 5


def test_a_park_rests_on_its_members_and_they_add_up(place: Place) -> None:
    tree = back(place, month=MONTH, organization_id="park", carrier="electricity_grid", basis="location")
    members = [one for one in tree.below if one.kind == "number"]
    assert len(members) >= 3
    assert sum(one.facts["emissions_tco2e"] for one in members) == tree.facts["emissions_tco2e"]


def test_what_was_entered_names_the_people_and_the_workbook(place: Place) -> None:
    tree = back(place, month="2025-12", organization_id="cement", carrier="clinker", basis="all")
    (row,) = found(tree, "row")
    (approval,) = found(row, "approval")
    assert row.facts["quantity"] == tree.facts["activity"]
    assert approval.facts["entered_by"] != approval.facts["approved_by"]
    assert [one.facts["is_unchanged"] for one in found(approval, "payload")] == [True, True]


def test_the_mart_says_of_every_line_what_it_rests_on(park: Park) -> None:
    """Members for a park, else points with their deliveries or declared rows; a factor value for every factor."""
    without = park.sql(
        "select lines.lineage_id from carbon.emissions_monthly as lines left join evidence.lineage as rests "
        "using (lineage_id) group by all "
        "having not bool_or(rests_on_kind in ('line', 'delivery', 'row', 'certificate')) "
        "or not bool_or(rests_on_kind = 'clause' and code_hash is not null) "
        "or (any_value(factor_id) is not null and not bool_or(rests_on_kind in ('line', 'factor_value')))"
    )
    flares = [line for (line,) in without if "flaring" in str(line)]  # their rule has a factor of its own
    assert [line for (line,) in without if line not in flares] == []
    kinds: dict[object, object] = dict(
        park.sql("select rests_on_kind, count(*) from evidence.lineage group by all")  # type: ignore[arg-type]
    )
    assert set(kinds) >= {"line", "point", "delivery", "row", "factor_value", "potential", "approval", "clause"}
    assert sum(map(int, kinds.values())) < 10_000  # type: ignore[arg-type] -- deliveries as counts, readings nowhere


def test_the_deliveries_of_the_mart_are_those_of_the_raw_tables_and_in_the_chain(park: Park, place: Place) -> None:
    ((point, batch, table, rows, first, last, position, root),) = park.sql(
        "select point_id, rests_on_id, table_name, rows, first_at, last_at, chain_position, root_hash "
        "from evidence.lineage where rests_on_kind = 'delivery' and starts_with(lineage_id, "
        "'carbon.emissions_monthly/2025-12-01/cement/location/purchased_electricity/electricity_grid/') "
        "order by rows desc limit 1"
    )
    raw = tablerows.read(park.lake / str(table)).to_pylist()
    mine = [row["reading_at"] for row in raw if row["point_id"] == point and row["batch_id"] == batch]
    within = [at for at in mine if first <= at <= last]
    assert (min(within), max(within), len(within)) == (first, last, rows)
    entry = next(one for one in place.entries[str(table), str(batch)] if one.chain_position == position)
    assert entry.root_hash == root


def test_a_unit_s_consumption_rests_on_its_meter_and_a_park_s_on_its_members(place: Place) -> None:
    month = {"month": MONTH, "carrier": "electricity_grid", "role": "purchase"}
    tree = walk.back(place, "energy.consumption_monthly", {**month, "energy_unit_id": "cement"})
    values = [one.facts["value"] for one in found(tree, "reading")]
    assert (max(values) - min(values)) * Decimal("0.001") == tree.facts["quantity"]
    park = walk.back(place, "energy.consumption_monthly", {**month, "energy_unit_id": "park"})
    assert {one.name for one in found(park, "energy_unit")} >= {"cement", "steel"}
    assert len(found(park, "point")) >= 4


@pytest.mark.parametrize(
    ("mart", "row", "rests_on"),
    [
        ("energy.consumption_daily", {"local_date": "2025-12-03", "carrier": "bituminous_coal"}, "reading"),
        ("energy.comprehensive_monthly", {"month": MONTH, "organization_id": "cement"}, "reading"),
        ("energy.intensity_monthly", {"month": MONTH, "product_id": "clinker", "convention": "calorific"}, "approval"),
        ("energy.cost_bands_monthly", {"month": MONTH, "energy_unit_id": "cement", "band": "peak"}, "reading"),
        ("carbon.inventory_annual", {"year": "2025", "item_key": "clinker", "basis": "statutory"}, "approval"),
        ("carbon.intensity_monthly", {"month": MONTH, "product_id": "clinker", "basis": "statutory"}, "delivery"),
        ("carbon.cems_monthly", {"month": MONTH, "basis": "statutory"}, "reading"),
    ],
)
def test_other_marts_are_walked_back_too(place: Place, mart: str, row: dict[str, str], rests_on: str) -> None:
    of_kiln = {"energy_unit_id": "cement_kiln", "role": "end_use"} if mart == "energy.consumption_daily" else {}
    of_purchase = {"role": "purchase"} if mart == "energy.cost_bands_monthly" else {}
    of_works = {"organization_id": "cement"} if mart.startswith("carbon.in") else {}
    tree = walk.back(place, mart, row | of_kiln | of_purchase | of_works)
    assert found(tree, rests_on)
    assert found(tree, "evidence")
    assert found(tree, "publication")


def test_any_other_mart_tells_the_steps_that_made_it(park: Park, capsys: pytest.CaptureFixture[str]) -> None:
    row = ["month=2025-12", "organization_id=cement"]
    asked = ["trace", "energy.electricity_origins_monthly", *row, "--lake", str(park.lake), "--json"]
    (line,) = park.sql(
        "select origin, way from energy.electricity_origins_monthly "
        "where month = date '2025-12-01' and organization_id = 'cement' order by all limit 1"
    )
    assert status_of([*asked, f"origin={line[0]}", f"way={line[1]}"]) == 0
    nodes = {node["id"] for node in json.loads(capsys.readouterr().out)["nodes"]}
    assert {"step/energy.consumption_monthly", "step/energy.consumption_daily"} <= nodes
    assert any(node.startswith("table/") for node in nodes)


def test_the_command_prints_the_tree_and_the_graph(park: Park, capsys: pytest.CaptureFixture[str]) -> None:
    row = ["month=2025-12", "organization_id=cement", "carrier=electricity_grid", "basis=location"]
    asked = ["trace", "carbon.emissions_monthly", *row, "--lake", str(park.lake)]
    assert status_of(asked) == 0
    assert "\n      delivery " in capsys.readouterr().out
    assert status_of([*asked, "--json"]) == 0
    graph = json.loads(capsys.readouterr().out)
    names = {one["id"] for one in graph["nodes"]}
    assert len(names) == len(graph["nodes"]) >= 8
    assert all(edge["from"] in names and edge["to"] in names for edge in graph["edges"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["carbon.nothing", "month=2025-12"], "carbon.nothing is not published"),
        (["carbon.emissions_monthly", "colour=red"], "has no column colour; choose among"),
        (["carbon.emissions_monthly", "organization_id=nobody"], "no row has organization_id=nobody"),
        (["carbon.emissions_monthly", "organization_id=cement"], "add one of month, carrier, basis"),
        (["carbon.emissions_monthly", "cement"], "Name the row by COLUMN=VALUE"),
        (["production", "cement"], "or KIND ORGANIZATION MONTH"),
    ],
)
def test_what_names_no_row_or_many_is_one_sentence(
    park: Park, asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["trace", *asked, "--lake", str(park.lake)]) != 0
    assert said in capsys.readouterr().err
