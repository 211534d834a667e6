"""The rows of energy.recommendations: what to do, what it saves, when it has paid, and the query that proves it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from methods.strategy.rules import Question, Rule

Row = dict[str, Any]
_TEXT, _AMOUNT = pa.string(), pa.decimal128(18, 6)
SAVINGS = ("saving_tce_calorific", "saving_cny", "saving_tco2")
CONFIDENCE = {
    "high": ("高：可由账单算出", "high, worked out from bills"),
    "medium": ("中：由自身运行实测推算", "medium, from what the plant itself has done"),
    "low": ("低：上限", "low, at most that much"),
}
#: What there is to say of a payback, and why there is none.
PAYBACKS = {
    "known": ("{years:.1f} 年", "{years:.1f} years"),
    "at_least": ("不短于 {years:.1f} 年", "{years:.1f} years or more"),
    "nothing_to_buy": ("无需投资", "nothing has to be bought"),
    "no_investment": ("无投资数据", "no investment figure"),
    "no_money": ("不计金额", "no money is claimed"),
    "no_year": ("数据不足一年", "less than a year of data"),
}
RECOMMENDATIONS = pa.schema(
    [
        pa.field("place", pa.int32()),
        *[
            pa.field(name, _TEXT)
            for name in (
                "recommendation_id",
                "rule_id",
                "measure",
                "measure_name_zh",
                "measure_name_en",
                "organization_id",
                "organization_name_zh",
                "organization_name_en",
            )
        ],
        pa.field("organization_level", pa.int32()),
        *[pa.field(name, _TEXT) for name in ("energy_unit_id", "energy_unit_name_zh", "energy_unit_name_en")],
        *[pa.field(name, pa.date32()) for name in ("from_month", "to_month")],
        pa.field("months_count", pa.int32()),
        pa.field("quantity", _AMOUNT),
        pa.field("quantity_unit", _TEXT),
        *[pa.field(name, _AMOUNT) for name in SAVINGS],
        pa.field("value", _AMOUNT),
        pa.field("value_unit", _TEXT),
        pa.field("investment_cny", _AMOUNT),
        pa.field("investment_source", _TEXT),
        pa.field("payback_years", pa.decimal128(9, 3)),
        *[
            pa.field(name, _TEXT)
            for name in (
                "payback_name_zh",
                "payback_name_en",
                "confidence",
                "confidence_name_zh",
                "confidence_name_en",
                "why_zh",
                "why_en",
                "source",
                "evidence_query",
            )
        ],
    ]
)


def row(
    question: Question, answer: Mapping[str, Any], unit: Mapping[str, Any], window: Mapping[str, Any]
) -> Row | None:
    """Return a recommendation without its place among the others, None where the answer names no quantity above zero.

    answer: the row of the query; unit: organisation and names of the unit; window: from_month, to_month (the last one)
    and months_count.
    """
    quantity = _decimal(answer.get("quantity"))
    if quantity is None or quantity <= 0:
        return None
    rule, said = question.rule, question.said
    savings = {name: _decimal(answer[name]) for name in SAVINGS}
    investment = Decimal(0) if rule.investment == "none" else said.investment
    years, why = _payback(rule, investment, savings["saving_cny"], window["months_count"])
    words = {
        language: text.format(
            quantity=_written(quantity),
            threshold=_written(question.threshold),
            size="" if said.size is None else _written(said.size),
        )
        for language, text in rule.why.items()
    }
    return {
        "recommendation_id": f"{rule.rule_id}/{question.unit}",
        "rule_id": rule.rule_id,
        "measure": rule.rule_id,
        "measure_name_zh": rule.name["zh"],
        "measure_name_en": rule.name["en"],
        **unit,
        **window,
        "quantity": quantity,
        "quantity_unit": rule.quantity_unit,
        **savings,
        "value": said.size if rule.value_unit else None,
        "value_unit": rule.value_unit,
        "investment_cny": investment,
        "investment_source": None if rule.investment == "none" else said.investment_source,
        "payback_years": years,
        "payback_name_zh": PAYBACKS[why][0].format(years=years),
        "payback_name_en": PAYBACKS[why][1].format(years=years),
        "confidence": rule.confidence,
        "confidence_name_zh": CONFIDENCE[rule.confidence][0],
        "confidence_name_en": CONFIDENCE[rule.confidence][1],
        "why_zh": words["zh"],
        "why_en": words["en"],
        "source": rule.source,
        "evidence_query": question.query,
    }


def _payback(rule: Rule, investment: Decimal | None, saving: Decimal | None, months: int) -> tuple[Decimal | None, str]:
    """Return years, and which of PAYBACKS tells them: simple payback, on the savings of a whole year."""
    if saving is None or saving <= 0:
        return None, "no_money"
    if rule.investment == "none":
        return Decimal(0), "nothing_to_buy"
    if investment is None:
        return None, "no_investment"
    if months < 12:
        return None, "no_year"
    return (investment / saving).quantize(Decimal("0.001")), "at_least" if rule.confidence == "low" else "known"


def _decimal(value: float | Decimal | None) -> Decimal | None:
    """Return a number as a decimal; what was divided by nothing is none."""
    number = None if value is None else Decimal(str(value))
    return None if number is None or not number.is_finite() else number.quantize(Decimal("0.000001"))


def _written(value: Decimal) -> str:
    """Write a number as a person reads it: whole from a hundred on, with one decimal from ten, else with two."""
    places = 0 if value >= 100 or value == value.to_integral_value() else 1 if value >= 10 else 2
    return f"{value:,.{places}f}"
