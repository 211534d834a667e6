"""Grades at their limits, the standard in force, its corrections, boundaries: by property and by printed examples."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.benchmarks import library_of
from factors import load
from methods.benchmarks import grading, levels, rows
from methods.benchmarks.boundary import Boundaries, Facts, Inside, together
from methods.benchmarks.fault import NoLevelError
from methods.benchmarks.levels import Levels

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
NEEDED = "benchmark_levels benchmark_standards benchmark_corrections equipment_efficiency pump_efficiency"
SEA = {"altitude_m": "0"}
EAF = {"hot_metal_ratio_pct": "0", "steel_category": "普碳钢"}
amounts = st.decimals(Decimal("-999"), Decimal(999), places=2)
outputs = st.decimals(Decimal("0.001"), Decimal(9999), places=3)


@pytest.fixture(scope="module")
def library() -> levels.Library:
    """The levels, editions and corrections of the house's own library."""
    with duckdb.connect() as connection:
        connection.execute("create schema ref")
        for name, table in load.load().items():
            if name in NEEDED:
                connection.register(f"table_{name}", table)
                connection.execute(f"create table ref.{name} as select * from table_{name}")
        return library_of(connection)


def held(library: levels.Library, day: date, ids: str, unit: str = "kgce/t", **inputs: str) -> Levels:
    return levels.on(day, ids.split(";"), library, unit, inputs)


@given(st.lists(amounts, min_size=3, max_size=3, unique=True), outputs, st.sampled_from(["lower", "higher"]))
def test_what_equals_a_limit_has_its_grade_and_what_is_a_thousandth_worse_has_not(
    limits: list[Decimal], output: Decimal, better: str
) -> None:
    ordered = sorted(limits, reverse=better == "higher")
    worse = Decimal("0.001") if better == "lower" else Decimal("-0.001")
    names = list(grading.GRADES)
    for limit, at, after in zip(ordered, names, names[1:], strict=False):
        assert grading.grade(limit * output, ordered, output, better) == at
        assert grading.grade((limit + worse) * output, ordered, output, better) == after


@given(amounts, st.lists(amounts, min_size=3, max_size=3), outputs)
def test_higher_is_better_is_lower_is_better_upside_down(
    amount: Decimal, limits: list[Decimal], output: Decimal
) -> None:
    mirrored = [-limit for limit in limits]
    assert grading.grade(amount, limits, output, "lower") == grading.grade(-amount, mirrored, output, "higher")
    pair, other = (limits[0], limits[1]), (mirrored[0], mirrored[1])
    assert grading.position(amount, pair, output, "lower") == grading.position(-amount, other, output, "higher")


def test_a_level_that_is_not_there_is_never_reached() -> None:
    one, limits = Decimal(1), (Decimal(61), None, Decimal(86))
    assert [grading.grade(Decimal(amount), limits, one, "lower") for amount in (61, 70, 87)] == [
        "level_1",
        "level_3",
        "beyond_3",
    ]
    assert grading.grade(Decimal(1), (Decimal(5), Decimal(6), None), one, "lower") == "level_1"
    assert grading.grade(Decimal(7), (Decimal(5), Decimal(6), None), one, "lower") is None
    assert grading.position(Decimal(1), (None, Decimal(72)), one, "lower") is None


def test_cement_is_corrected_as_a_transcription_of_the_standard_reckons(library: levels.Library) -> None:
    """76 % clinker at 2,000 m and 80 kPa: tests/test_first_batch_rules.py of adgo07/ECQuota-Insight (882a07e)."""
    high = {"clinker_ratio_pct": "76", "altitude_m": "2000", "pressure_pa": "80000"}
    found = held(library, MAY, "level-gb_16780_2021-01", **high)
    thin = Decimal("1.179") - Decimal("0.211") * 80000 / 101325
    assert found.limits == (Decimal("81.10"), Decimal("88.15"), Decimal("95.20") * thin)
    low = held(library, MAY, "level-gb_16780_2021-01", clinker_ratio_pct="75", **SEA)
    assert low.limits == (80, 87, 94)


@pytest.mark.parametrize(
    ("level", "inputs", "limits"),
    [
        ("level-gb_21256_2025-05", EAF, (61, None, 86)),
        ("level-gb_21256_2025-07", EAF | {"hot_metal_ratio_pct": "10"}, (53, 56, 64)),
        (
            "level-gb_21256_2025-07",
            EAF | {"steel_category": "全不锈钢"},
            (Decimal("67.10"), Decimal("70.40"), Decimal("79.20")),
        ),
        ("level-gb_21256_2025-07", EAF | {"steel_category": "优质碳素结构钢"}, (69, 72, 80)),
        (
            "level-gb_21256_2025-03",
            dict.fromkeys(("rare_earth_ore_pct", "vanadium_titanium_magnetite_pct", "laterite_nickel_ore_pct"), "0")
            | {"feed_grade_pct": "55"},
            (Decimal("379.05"), Decimal("388.05"), Decimal("433.05")),  # 3.61 for at most five points below 62 %
        ),
    ],
)
def test_steel_is_corrected_by_what_it_is_made_of(library, level, inputs, limits) -> None:
    assert held(library, JULY, level, **inputs).limits == limits


def test_a_standard_counts_from_its_day_on(library: levels.Library) -> None:
    """GB 21256-2025 holds from 1 July 2026; the list of 2023 stands beside it and before it."""
    ids = "level-gb_21256_2025-07;level-gb_21256-03"
    before, after = held(library, JUNE, ids, **EAF), held(library, JULY, ids, **EAF)
    assert (before.limits, before.fault and before.fault.code) == ((None, None, None), "no_standard_in_force")
    assert (before.benchmark, before.baseline, before.best, before.limit) == (61, 72, 61, 72)
    assert (after.limits, after.fault, after.limit) == ((61, 64, 72), None, 72)
    assert after.standards == ("GB 21256-2025", "能效标杆/基准水平（2023年版）")
    assert set(after.confidences) == {"verified", "recalled"}


def test_an_edition_that_replaces_another_in_the_middle_of_a_year_takes_over() -> None:
    def row(edition: str, limit: int) -> Mapping[str, Any]:
        printed = dict.fromkeys(("level_1", "level_2", "level_3"), Decimal(limit))
        names = {"level_id": edition, "standard": edition, "edition": edition, "unit": "kgce/t", "better": "lower"}
        return {**printed, **names, "confidence": "verified"}

    editions = {
        "old": {"valid_from": date(2013, 1, 1), "valid_to": None, "confidence": "verified"},
        "new": {"valid_from": JUNE, "valid_to": None, "confidence": "verified"},
        "gone": {"valid_from": date(2000, 1, 1), "valid_to": MAY, "confidence": "verified"},
    }
    both = levels.Library({"old": row("old", 90), "new": row("new", 80), "gone": row("gone", 99)}, editions, {})
    days = (date(2026, 4, 1), MAY, JUNE, JULY)
    assert [held(both, day, "new;old;gone").limits[2] for day in days] == [90, 90, 80, 80]
    assert held(both, MAY, "gone").limits == (None, None, None)


@pytest.mark.parametrize(
    ("ids", "unit", "inputs", "told"),
    [
        ("", "kgce/t", {}, ("no_level_named", "")),
        ("level-nobody", "kgce/t", {}, ("unknown_level", "level-nobody")),
        ("level-gb_16780_2021-01", "kgce/t", SEA, ("missing_input", "水泥中熟料比例（%）")),
        (
            "level-gb_16780_2021-01",
            "kgce/t",
            SEA | {"clinker_ratio_pct": "most"},
            ("missing_input", "水泥中熟料比例（%）"),
        ),
        ("level-gb_16780_2021-02", "kgce/t", {"altitude_m": "1800"}, ("missing_input", "环境大气压（Pa）")),
        ("level-gb_16780_2021-02", "kWh/t", SEA, ("unit_differs", "kgce/t")),
        ("level-gb_21342_2025-01", "kgce/t", {}, ("correction_not_implemented", "燃料、原料、工艺与炉龄修正")),
        ("level-gb_30251_2024-01", "kgce/t", {}, ("missing_input", "炼油能量因数")),
    ],
)
def test_without_an_input_there_is_no_level_and_a_reason(library, ids, unit, inputs, told) -> None:
    found = levels.on(JULY, [part for part in ids.split(";") if part], library, unit, inputs)
    assert found.limits == (None, None, None)
    assert found.fault is not None
    assert (found.fault.code, found.fault.zh) == told


def test_a_device_is_graded_the_way_its_standard_says(library: levels.Library) -> None:
    fan = held(library, MAY, "eff-gb_19761_2020-fan-072", "%")
    assert (fan.limits, fan.better) == ((86, 81, 75), "higher")
    loss = held(library, MAY, "eff-gb_20052_2024-distribution_transformer_oil-023", "kW")
    assert (loss.limits[2], loss.better) == (Decimal("1.17"), "lower")
    assert held(library, date(2025, 1, 1), "eff-gb_20052_2024-distribution_transformer_oil-023", "kW").limits[2] is None
    device = {"subject_kind": "equipment", "subject_id": "fan", "name_zh": "风机", "name_en": None, "unit": "%"}
    device |= {"levels": ["eff-gb_19761_2020-fan-072"], "inputs": {}, "is_counted": True, "rank_group": None}
    device |= {"reason": "", "installed_on": None}
    used = {MAY: Inside(Decimal(1000), Decimal(10), Decimal(500), Decimal(744))}
    plant = rows.Plant([MAY], Boundaries([], [], Facts()), library, {})
    told = {}
    for efficiency in ("74.9", "75", "86", None):
        (told[efficiency],) = rows.of_device(
            device | {"efficiency": efficiency and Decimal(efficiency)}, {}, used, plant
        )
    assert [told[each]["grade"] for each in told] == ["beyond_3", "level_3", "level_1", None]
    assert [told[each]["is_below_access"] for each in told] == [True, False, False, None]
    assert told["75"]["gap"] == 11
    assert told["75"]["gap_tce_calorific"] == pytest.approx(10 * (1 - Decimal(75) / 86))
    assert told["86"]["gap_cny"] == 0
    assert told["75"]["rolling_gap_tce_calorific"] == told["75"]["gap_tce_calorific"]
    assert told[None]["null_reason"] == "no_efficiency"


WATER = "eff-gb_19762_2025-pump_clean_water-0"
PUMP = {"flow_m3_h": "300", "head_m": "32", "speed_rpm": "1480"}


def test_a_pump_is_held_against_the_formula_of_its_standard(library: levels.Library) -> None:
    """By hand: ns = 3.65 x 1480 x sqrt(300 / 3600) / 32^0.75 = 115.9, so that 246.9 is left to take C from."""
    march = date(2026, 3, 1)
    found = held(library, march, WATER + "02", "%", **PUMP)
    assert found.better == "higher"
    assert [float(limit or 0) for limit in found.limits] == pytest.approx([84.55, 83.55, 78.55], abs=0.011)
    assert held(library, date(2026, 2, 1), WATER + "02", "%", **PUMP).fault is not None
    both_sides = held(library, march, WATER + "04", "%", **PUMP | {"flow_m3_h": "600"})  # the same ns, twice the flow
    assert float(both_sides.limits[0] or 0) == pytest.approx(249.05 - 162.33, abs=0.011)
    staged = [
        held(library, march, WATER + "07", "%", **PUMP | {"head_m": str(32 * stages), "stages": str(stages)}).limits
        for stages in (1, 7)
    ]
    assert staged[0] == staged[1]
    for name in PUMP:
        missing = held(library, march, WATER + "02", "%", **{key: PUMP[key] for key in PUMP if key != name})
        assert (missing.limits[0], missing.fault and missing.fault.code) == (None, "missing_input")
    assert held(library, march, WATER + "07", "%", **PUMP).fault is not None  # a pump of stages says how many


def fact(unit: str, tce: str | None, **more: Any) -> dict[str, Any]:
    row = {"energy_unit_id": unit, "carrier": "coal", "carrier_group": "coal", "role": "end_use", "is_counted": True}
    row |= {"quantity": Decimal(1), "quantity_unit": "t", "energy_tce": tce and Decimal(tce), "cost_cny": Decimal(100)}
    return row | {"missing_ratio": Decimal(0)} | more


def side(subject: str, what: str, **more: Any) -> dict[str, Any]:
    row = dict.fromkeys(("energy_unit_id", "carriers", "role", "product_id", "point_id", "from_subject"))
    return row | {"subject_id": subject, "side": what, "sign": 1, "share": Decimal(1), "is_shared": False} | more


def boundaries(energy: list[dict[str, Any]], sides: list[dict[str, Any]], made: dict[str, int | None]) -> Boundaries:
    subjects = [{"subject_id": name, "unit": "kgce/t"} for name in ("clinker", "cement", "slag")]
    by_unit: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for row in energy:
        by_unit.setdefault((MAY, row["energy_unit_id"]), []).append(row)
    told = {(MAY, "root", name): (Decimal(output), "t") for name, output in made.items() if output is not None}
    roots = dict.fromkeys(("clinker", "cement", "slag"), "root")
    return Boundaries(subjects, sides, Facts(by_unit, told, {}, roots, {}))


KILN = [side("clinker", "energy", energy_unit_id="kiln"), side("clinker", "output", product_id="clinker")]


def test_energy_over_output_with_what_is_recovered_taken_off() -> None:
    heat = fact("station", "5", role="recovered", is_counted=False)
    off = side("clinker", "energy", energy_unit_id="station", role="recovered", sign=-1)
    found = boundaries([fact("kiln", "105"), heat], [*KILN, off], {"clinker": 1000}).of("clinker", MAY)
    assert (found.amount / found.output, found.fault, found.cost_cny) == (100, None, 100)


def test_a_tonne_of_cement_carries_its_clinker() -> None:
    sides = [
        *KILN,
        side("cement", "energy", from_subject="clinker", share=Decimal("0.75")),
        side("cement", "energy", energy_unit_id="mill"),
        side("cement", "output", product_id="cement"),
    ]
    found = boundaries([fact("kiln", "100"), fact("mill", "8")], sides, {"clinker": 1000, "cement": 2000})
    cement = found.of("cement", MAY)
    assert cement.amount / cement.output == 75 + 4
    assert boundaries([fact("mill", "8")], sides, {"clinker": 1000, "cement": 2000}).of("cement", MAY).fault == (
        "above_without_number"
    )


def test_what_two_products_share_is_shared_by_their_output() -> None:
    both = [
        row
        for name in ("cement", "slag")
        for row in (
            side(name, "energy", energy_unit_id="mill", is_shared=True),
            side(name, "output", product_id=name),
        )
    ]
    found = boundaries([fact("mill", "8")], both, {"cement": 300, "slag": 100})
    assert [found.of(name, MAY).amount for name in ("cement", "slag")] == [6000, 2000]
    assert boundaries([fact("mill", "8")], both, {"cement": 300}).of("cement", MAY).fault == "output_not_told"


@pytest.mark.parametrize(
    ("energy", "sides", "made", "fault"),
    [
        ([], KILN, 1000, "no_energy"),
        ([fact("kiln", None)], KILN, 1000, "no_coefficient"),
        ([fact("kiln", "1")], KILN, None, "output_not_told"),
        ([fact("kiln", "1")], KILN, 0, "no_output"),
        ([fact("kiln", "1")], KILN[:1], 1000, "no_output_named"),
        ([fact("kiln", "1")], KILN[1:], 1000, "no_boundary"),
        ([fact("kiln", "1", carrier_group="material", energy_tce=None)], KILN, 1000, "no_energy"),
        ([fact("kiln", "1")], [*KILN, side("clinker", "energy", from_subject="clinker")], 1000, "above_without_number"),
    ],
)
def test_what_is_missing_is_said_and_gives_no_number(energy, sides, made, fault) -> None:
    assert boundaries(energy, sides, {"clinker": made}).of("clinker", MAY).fault == fault


def test_months_are_taken_together_by_their_energy_and_output() -> None:
    stopped = Inside(Decimal(50), output=Decimal(0), fault="no_output")
    whole = together([Inside(Decimal(100), output=Decimal(10)), stopped, Inside(Decimal(50), output=Decimal(10))])
    assert (whole.amount / whole.output, whole.fault) == (10, None)
    assert together([stopped, stopped]).fault == "no_output"
    assert together([Inside(Decimal(1), output=Decimal(1)), Inside(fault="no_energy")]).fault == "no_energy"


def test_like_units_are_ranked_and_equals_share_a_place() -> None:
    told = [{"month": MAY, "rank_group": "mills", "rolling_actual": value} for value in (30, 29, 30, None)]
    told.append({"month": JUNE, "rank_group": "mills", "rolling_actual": 99})
    assert [(row.get("rank"), row.get("rank_count")) for row in rows.ranked(told)] == [
        (2, 3),
        (1, 3),
        (2, 3),
        (None, None),
        (1, 1),
    ]


def test_every_level_that_a_correction_names_is_there_and_every_standard_has_its_day(library: levels.Library) -> None:
    assert set(library.corrections) <= set(library.levels)
    without = {str(row["edition"]) for row in library.levels.values() if library.edition(row) is None}
    assert without == {"GB 30253-2024", "GB 28381", "GB 37480", "GB 32030-2022 (待核)", "2024版清单", "None"}
    assert all(a <= b for a, b in pairwise(sorted(str(row["valid_from"]) for row in library.standards.values())))


def test_a_reason_is_a_code_with_what_it_is_about() -> None:
    fault = NoLevelError("missing_input", "炉龄", "age of the oven")
    assert (str(fault), fault.zh, fault.en) == ("missing_input", "炉龄", "age of the oven")
