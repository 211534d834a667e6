"""The review rules, each with what it lets pass and what it doubts."""

from decimal import Decimal
from typing import Any

import pytest

from ingestion.portal import review
from ingestion.portal.review import Looked


def rule(check: str, **settings: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("subject", "parts", "minimum", "maximum", "ratio", "unit"))
    return {"rule_id": f"r-{check}", "check": check, **nothing, **settings}


def made(quantity: str | None, product: str = "clinker", unit: str = "t") -> dict[str, Any]:
    value = None if quantity is None else Decimal(quantity)
    return {"energy_unit_id": "kiln", "product_id": product, "quantity": value, "unit": unit}


def stocked(opening: str, purchased: str, closing: str) -> dict[str, Any]:
    values = zip(("opening", "purchased", "sold", "closing"), (opening, purchased, "0", closing), strict=True)
    return {"energy_unit_id": None, "item": "coal", "unit": "t", **{name: Decimal(value) for name, value in values}}


def doubted(rows: list[dict[str, Any]], how: dict[str, Any], **months: list[dict[str, Any]]) -> list[str]:
    earlier = {name.removeprefix("of_").replace("_", "-"): rows for name, rows in months.items()}
    sheet = Looked("production", "2025-03", rows, lambda month: earlier.get(month, []))
    return [f"{doubt.line} {doubt.message_en}" for doubt in review.doubts(sheet, [how])]


@pytest.mark.parametrize(("quantity", "doubts"), [("10", 0), ("100", 0), ("9.999", 1), ("100.001", 1), (None, 0)])
def test_range(quantity: str | None, doubts: int) -> None:
    how = rule("range", minimum=Decimal(10), maximum=Decimal(100), unit="t")
    assert len(doubted([made(quantity)], how)) == doubts


def test_range_is_of_its_subject_and_unit() -> None:
    how = rule("range", subject="clinker", maximum=Decimal(100), unit="t")
    assert doubted([made("500", "cement")], how) == []
    assert doubted([made("5", unit="kg")], how) == ["1 clinker is in kg, the rule judges in t"]


def test_step_and_year_on_year_look_at_the_same_line() -> None:
    step, year = rule("step", ratio=Decimal("0.3")), rule("year_on_year", ratio=Decimal("0.3"))
    assert doubted([made("131")], step, of_2025_02=[made("100")]) == [
        "1 clinker differs much from the month before: 100 → 131 (+31%)"
    ]
    assert doubted([made("130")], step, of_2025_02=[made("100")]) == []
    assert doubted([made("131")], year, of_2025_02=[made("100")]) == []
    assert len(doubted([made("69")], year, of_2024_03=[made("100")])) == 1
    assert doubted([made("131")], step, of_2025_02=[made("100", "cement")]) == []
    assert len(doubted([made("1")], step, of_2025_02=[made("0")])) == 1


def test_balance() -> None:
    how = rule("balance", subject="cement", parts="p42;p52", ratio=Decimal("0.01"))
    rows = [made("60", "p42"), made("40", "p52")]
    assert doubted([*rows, made("100", "cement")], how) == []
    assert doubted([*rows, made("110", "cement")], how) == ["3 cement is not the sum of its parts: 110 ≠ 100"]
    assert "different units" in doubted([*rows, made("100", "cement", "kg")], how)[0]


def test_stock() -> None:
    how = rule("stock", ratio=Decimal("0.005"))
    assert doubted([stocked("50", "100", "30")], how, of_2025_02=[stocked("0", "80", "50")]) == []
    assert "less than nothing (-10)" in doubted([stocked("50", "10", "70")], how)[0]
    assert (
        "does not begin as last month ended: 50 → 60"
        in doubted([stocked("60", "10", "30")], how, of_2025_02=[stocked("0", "80", "50")])[0]
    )
