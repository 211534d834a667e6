"""Supplied values by month and suppliers' status: which answer holds, what stands in its place, what it brings."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.site.load import read_site
from methods.supply import status, values

JUNE = date(2025, 6, 1)
MATERIAL = {
    "organization_id": "steel", "supplier_id": "works", "material": "lime", "unit": "t", "share": Decimal(1),
    "fallback_factor_id": "f", "penalty_ratio": Decimal("0.2"), "valid_from": None, "valid_to": None,
    "name_zh": "石灰", "name_en": "Lime", "asked_on": date(2025, 1, 1), "due_on": date(2025, 3, 1),
}  # fmt: skip
FACTOR = {"factor_id": "f", "unit": "kg", "factor_kgco2e_per_unit": Decimal("1.5"), "dqr_time": Decimal(3)}
PARK = read_site("examples/reference_park", {})


def answer(**told: Any) -> dict[str, Any]:
    columns = dict.fromkeys(PARK.tables["supplier_footprints"].column_names)
    given_ = {
        "supplier_footprint_id": "a", "organization_id": "steel", "supplier_id": "works", "material": "lime",
        "declared_unit": "t", "declared_amount": Decimal(1), "footprint_kgco2e": Decimal(1000), "status": "active",
        "reference_from": date(2024, 1, 1), "reference_to": date(2025, 1, 1), "valid_to": date(2027, 1, 1),
        "received_on": date(2025, 2, 1), "channel": "file", "way": "result", "verification": "none",
    }  # fmt: skip
    return {**columns, **given_, **told}


def value(answers: list[dict[str, Any]], month: date = JUNE, **material: Any) -> list[dict[str, Any]]:
    tables = {
        "supplier_materials": pa.Table.from_pylist([{**MATERIAL, **material}]),
        "supplier_footprints": pa.Table.from_pylist(answers, PARK.tables["supplier_footprints"].schema),
        "factor_footprint": pa.Table.from_pylist([FACTOR]),
    }
    return values.monthly(tables, [month]).to_pylist()


def test_an_answer_is_told_for_the_unit_that_is_bought_and_nothing_is_put_on_top_of_it() -> None:
    (row,) = value([answer(declared_unit="kg", declared_amount=Decimal(2), footprint_kgco2e=Decimal("2.5"))])
    assert (row["value_kind"], row["footprint_kgco2e"], row["fossil_kgco2e"]) == ("answer", 1250, 1250)
    assert (row["penalty_ratio"], row["is_primary"], row["share_ratio"]) == (0, True, 1)


def test_where_nothing_came_the_secondary_value_stands_with_its_penalty() -> None:
    (row,) = value([])
    assert (row["value_kind"], row["footprint_kgco2e"], row["penalty_ratio"]) == ("secondary", 1800, Decimal("0.2"))
    assert (row["primary_data_share_ratio"], row["dqr_time"], row["is_primary"]) == (0, 3, False)
    (nothing,) = value([], fallback_factor_id="none")
    (other_unit,) = value([], unit="m3")
    assert [one["value_kind"] for one in (nothing, other_unit)] == ["missing", "missing"]
    assert nothing["footprint_kgco2e"] is None, "what is not known is no zero"


@pytest.mark.parametrize(
    ("answers", "holds"),
    [
        ([answer(status="rejected", footprint_kgco2e=None)], None),
        ([answer(status="deprecated")], None),
        ([answer(valid_to=date(2025, 6, 1))], None),
        ([answer(valid_to=date(2025, 6, 2))], "a"),
        ([answer(reference_from=date(2025, 6, 30), reference_to=date(2025, 7, 31))], "a"),
        ([answer(reference_from=date(2025, 7, 1), reference_to=date(2025, 8, 1))], None),
        ([answer(), answer(supplier_footprint_id="b", received_on=date(2025, 2, 2))], "b"),
        ([answer(), answer(supplier_footprint_id="b", reference_to=date(2024, 7, 1))], "a"),
        ([answer(reference_to=date(2026, 1, 1)), answer(supplier_footprint_id="b", reference_from=date(2026, 1, 1),
                                                        reference_to=date(2027, 1, 1))], "a"),
        ([answer(record_id="r", supplier_footprint_id="z"), answer(preceding_ids="q; r")], "a"),
    ],
)  # fmt: skip
def test_which_answer_holds(answers: list[dict[str, Any]], holds: str | None) -> None:
    for told in (answers, answers[::-1]):
        (row,) = value(told)
        assert row["supplier_footprint_id"] == holds


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5).filter(lambda parts: sum(parts) <= 40))
def test_shares_make_one_whatever_the_site_says(parts: list[int]) -> None:
    rows = [
        {**MATERIAL, "supplier_id": f"s{number}", "share": Decimal(part) / 40, "penalty_ratio": Decimal(number) / 10}
        for number, part in enumerate(parts)
    ]
    tables = {
        "supplier_materials": pa.Table.from_pylist(rows),
        "supplier_footprints": PARK.tables["supplier_footprints"].slice(0, 0),
        "factor_footprint": pa.Table.from_pylist([FACTOR]),
    }
    found = values.monthly(tables, [JUNE]).to_pylist()
    assert sum(row["share_ratio"] for row in found) == 1
    rest = [row for row in found if row["supplier_id"] == ""]
    assert len(rest) == (sum(parts) < 40)
    assert all(row["penalty_ratio"] == max(one["penalty_ratio"] for one in rows) for row in rest)


def judged(answers: list[dict[str, Any]], asked: status.Asked | None = None, **material: Any) -> dict[str, Any]:
    row = {**MATERIAL, **material}
    key = values.supply_of(row)
    supply = status.Supply(
        date(2025, 6, 15), date(2025, 5, 1), {"works": {"name_zh": "厂"}}, {}, [row], answers, {"f": FACTOR},
        {key: Decimal(100)}, {key: asked} if asked else {},
    )  # fmt: skip
    return status.rows(supply)[0]


@pytest.mark.parametrize(
    ("answers", "asked", "material", "word"),
    [
        ([answer()], None, {}, "answered"),
        ([], None, {"asked_on": None, "due_on": None}, "not_asked"),
        ([], None, {"asked_on": date(2025, 7, 1), "due_on": None}, "asked"),
        ([], None, {"due_on": date(2025, 6, 15)}, "asked"),
        ([], None, {"due_on": date(2025, 6, 14)}, "overdue"),
        ([answer(valid_to=date(2025, 6, 1))], None, {}, "expired"),
        ([answer(valid_to=date(2025, 6, 1))], status.Asked(date(2025, 6, 2), date(2025, 7, 1)), {}, "asked"),
        ([answer(received_on=date(2025, 6, 16))], None, {}, "answered"),
        ([answer(status="rejected", footprint_kgco2e=None)], None, {}, "rejected"),
        ([], status.Asked(returned_on=date(2025, 6, 1)), {}, "rejected"),
        ([], status.Asked(date(2025, 6, 1), date(2025, 7, 1)), {}, "asked"),
    ],
)
def test_status(answers: list[dict[str, Any]], asked: status.Asked | None, material: dict[str, Any], word: str) -> None:
    row = judged(answers, asked, **material)
    assert row["status"] == word
    assert row["uses_secondary"] == (word != "answered")
    assert row["days_overdue_count"] is None or row["days_overdue_count"] > 0


def test_what_an_answer_would_improve() -> None:
    alone = judged([])
    assert (alone["used_kgco2e"], alone["secondary_kgco2e"], alone["penalty_kgco2e"]) == (1800, 1500, 300)
    assert (alone["plausible_basis"], alone["improvement_tco2e"]) == ("secondary_without_penalty", 30)
    assert (alone["embodied_tco2e"], alone["covered_tco2e"], alone["missing"]) == (180, 0, "answer")
    assert alone["improvement_primary_share_ratio"] == 1
    told = judged([answer()])
    assert (told["improvement_tco2e"], told["covered_tco2e"], told["quality"]) == (0, 100, "primary")
    assert told["missing"] == "parts;primary_data_share;dqr;verification"
    assert told["missing_en"].startswith("its parts")


def test_what_others_answered_of_the_same_material_is_plausible() -> None:
    rows = [{**MATERIAL, "supplier_id": name, "share": Decimal("0.5")} for name in ("works", "other")]
    supply = status.Supply(
        date(2025, 6, 15), date(2025, 5, 1), {}, {}, rows, [answer()], {"f": FACTOR},
        {values.supply_of(row): Decimal(100) for row in rows}, {},
    )  # fmt: skip
    other = next(row for row in status.rows(supply) if row["supplier_id"] == "other")
    assert (other["plausible_kgco2e"], other["plausible_basis"]) == (1000, "answers_of_others")
    assert other["improvement_tco2e"] == 80
    assert other["improvement_primary_share_ratio"] == Decimal("0.642857"), "180 of 280 tonnes"
