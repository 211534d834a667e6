"""Figures of marts made by hand: certificates, a guideline, a member that leaves, a heat value, a running month."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.store import Lake
from methods.restatement import figures
from methods.restatement.sides import Side, Sides

JANUARY = date(2025, 1, 1)
LINE = {
    "organization_id": "works", "month": JANUARY, "basis": "market", "source_category": "purchased_electricity",
    "source_category_name_zh": "购入电力", "source_category_name_en": "purchased electricity", "gas": "CO2",
    "carrier": "electricity_grid", "is_internal": False, "method_term": "national", "activity": Decimal(1000),
    "activity_unit": "kWh", "factor_id": "grid", "factor": Decimal("0.6"), "factor_unit": "kgCO2/kWh",
    "gwp": Decimal(1), "gwp_set": None, "null_reason": None, "method_clause": "ghgp",
    "emissions_tco2e": Decimal("0.6"),
}  # fmt: skip
POINT = {
    "organization_id": "works", "month": JANUARY, "carrier": "electricity_grid", "use_type": "fuel", "role": "purchase",
    "point_id": "main", "quantity": Decimal(1000), "quantity_unit": "kWh",
}  # fmt: skip
CERTIFICATE = {"certificate_id": "gec", "organization_id": "works", "month": JANUARY, "quantity": Decimal("0.4")}
MEMBERS = [("park", "park", 0), ("park", "works", 1), ("park", "mill", 1), ("works", "works", 0), ("mill", "mill", 0)]
EMPTY = {
    "energy.comprehensive_monthly": "organization_id varchar, month date, comprehensive_energy_tce_calorific "
    "decimal(18, 6), comprehensive_energy_tce_equivalent decimal(18, 6)",
    "energy.consumption_monthly": "organization_id varchar, month date, carrier varchar, use_type varchar, "
    "role varchar, quantity_unit varchar, quantity decimal(18, 6), energy_tce_calorific decimal(18, 6), "
    "energy_tce_equivalent decimal(18, 6), level int, organization_level int, carrier_group varchar, "
    "is_counted boolean",
    "energy.intervals": "point_id varchar, month date, period_start_at timestamptz, quantity decimal(18, 6)",
    "reference.carriers": "carrier varchar, unit varchar, valid_from date, valid_to date, tce_calorific_per_unit "
    "decimal(18, 6), tce_equivalent_per_unit decimal(18, 6)",
    "reference.organizations": "organization_id varchar, organization_name_zh varchar, organization_name_en varchar, "
    "level int",
}
Rows = list[dict[str, Any]]


def sides(tmp_path: Path, lines: dict[str, Rows], points: dict[str, Rows], **things: tuple[Rows, Rows]) -> Sides:
    """Return two sides of marts made by hand; `things` have the rows of each side."""
    import pyarrow as pa

    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    amounts = {"activity", "factor", "gwp", "emissions_tco2e", "quantity"}
    for side in ("old", "new"):
        for name, rows, shape in (("lines", lines[side], LINE), ("points", points[side], POINT)):
            kinds = {"month": pa.date32(), "is_internal": pa.bool_()}
            fields = [
                pa.field(key, kinds.get(key, pa.decimal128(18, 6) if key in amounts else pa.string())) for key in shape
            ]
            con.register("made", pa.Table.from_pylist(rows, pa.schema(fields)))
            con.execute(f"create table {side}_{name} as select * from made")
            con.unregister("made")
        for mart, columns in EMPTY.items():
            con.execute(f"create table {side}_{mart.split('.')[1]} ({columns})")
    members = things.pop("organization_closure", None) or ([("works", "works", 0)], [("works", "works", 0)])
    closure = tuple(
        [dict(zip(("ancestor", "descendant", "distance"), row, strict=True)) for row in side] for side in members
    )
    known = {**things, "organization_closure": closure}
    return Sides(
        connection=con,
        lake=Lake(str(tmp_path)),
        old=Side(relation("old"), dict.fromkeys(known, "then"), {}),
        new=Side(relation("new"), {name: "then" if then == now else "now" for name, (then, now) in known.items()}, {}),
        is_new="false",
        is_old="true",
        timezone="Asia/Shanghai",
        newest_then=datetime(2025, 2, 3, tzinfo=UTC),
        interval_minutes=15,
        _kept={
            (name, at): rows for name, both in known.items() for at, rows in zip(("then", "now"), both, strict=True)
        },
    )


def relation(side: str) -> Any:
    names = {"carbon.emissions_monthly": "lines", "energy.consumption_points_monthly": "points"}
    return lambda mart: f"select * from {side}_{names.get(mart, mart.split('.')[1])}"


def told(made: Sides) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Return the parts of each figure by organisation and category, checked to add up."""
    found = {}
    for one in figures.restated(made):
        assert one.parts.total == (one.new or 0) - (one.old or 0)
        found[one.figure.organization_id, one.figure.source_category] = {
            cause: part.change for cause, part in one.parts.in_order()
        }
    return found


def test_a_certificate_that_came_late_moves_electricity_between_two_lines(tmp_path: Path) -> None:
    rest = LINE | {"activity": Decimal(600), "emissions_tco2e": Decimal("0.36")}
    green = LINE | {
        "activity": Decimal(400), "method_term": "certificate", "factor_id": "green", "factor": Decimal(0),
        "emissions_tco2e": Decimal(0),
    }  # fmt: skip
    made = sides(
        tmp_path,
        {"old": [LINE], "new": [rest, green]},
        {"old": [POINT], "new": [POINT]},
        certificates=([], [CERTIFICATE]),
    )
    assert told(made) == {("works", "purchased_electricity"): {"late_data": Decimal("-0.24")}}


def test_another_guideline_is_method_and_a_figure_without_any_cause_says_so(tmp_path: Path) -> None:
    other = LINE | {
        "method_term": "regional",
        "method_clause": "other",
        "factor": Decimal("0.5"),
        "emissions_tco2e": Decimal("0.5"),
    }
    points = {"old": [POINT], "new": [POINT]}
    made = sides(tmp_path, {"old": [LINE], "new": [other]}, points)
    assert told(made) == {("works", "purchased_electricity"): {"method": Decimal("-0.1")}}
    other = LINE | {"activity": Decimal(900), "emissions_tco2e": Decimal("0.54")}
    made = sides(tmp_path / "b", {"old": [LINE], "new": [other]}, points)
    assert told(made) == {("works", "purchased_electricity"): {"unexplained": Decimal("-0.06")}}


def test_a_member_that_leaves_its_park_is_boundary_as_a_whole_and_the_rest_is_what_it_was(tmp_path: Path) -> None:
    mill = LINE | {"organization_id": "mill"}
    dearer = LINE | {"factor": Decimal("0.7"), "emissions_tco2e": Decimal("0.7")}
    park = LINE | {"organization_id": "park"}
    made = sides(
        tmp_path,
        {
            "old": [LINE, mill, park | {"emissions_tco2e": Decimal("1.2")}],
            "new": [dearer, mill, park | {"emissions_tco2e": Decimal("0.7")}],
        },
        {"old": [POINT], "new": [POINT]},
        organization_closure=(MEMBERS, [row for row in MEMBERS if row[:2] != ("park", "mill")]),
    )
    assert told(made) == {
        ("works", "purchased_electricity"): {"factor": Decimal("0.1")},
        ("park", "purchased_electricity"): {"boundary": Decimal("-0.6"), "factor": Decimal("0.1")},
    }


def test_heat_of_a_fuel_that_was_metered_as_before_is_its_heat_value(tmp_path: Path) -> None:
    burnt = {"source_category": "combustion", "basis": "all", "gas": "CH4", "carrier": "coal", "activity_unit": "GJ"}
    factor = {"factor": Decimal(1000), "factor_unit": "kgCH4/TJ", "gwp": Decimal(28)}
    old = LINE | burnt | factor | {"activity": Decimal(200), "emissions_tco2e": Decimal("5.6")}
    new = old | {"activity": Decimal(210), "emissions_tco2e": Decimal("5.88")}
    coal = POINT | {"carrier": "coal", "quantity": Decimal(10), "quantity_unit": "t"}
    made = sides(tmp_path, {"old": [old], "new": [new]}, {"old": [coal], "new": [coal]})
    assert told(made) == {("works", "combustion"): {"factor": Decimal("0.28")}}


def test_a_figure_whose_cause_cannot_be_told_is_told_all_the_same(tmp_path: Path) -> None:
    new = LINE | {"activity": Decimal(900), "emissions_tco2e": Decimal("0.54")}
    made = sides(tmp_path, {"old": [LINE], "new": [new]}, {"old": [POINT], "new": [POINT]})
    [one] = figures.unexplained(made)
    assert (one.old, one.new, one.parts.total) == (Decimal("0.6"), Decimal("0.54"), Decimal("-0.06"))
    assert list(one.parts.by_cause) == ["unexplained"]


@pytest.mark.parametrize(("month", "count"), [(JANUARY, 1), (date(2025, 2, 1), 0)])
def test_only_a_month_that_was_over_is_restated(tmp_path: Path, month: date, count: int) -> None:
    old, point = LINE | {"month": month}, POINT | {"month": month}
    new = old | {"factor": Decimal("0.5"), "emissions_tco2e": Decimal("0.5")}
    made = sides(tmp_path, {"old": [old], "new": [new]}, {"old": [point], "new": [point]})
    assert len(figures.restated(made)) == count
