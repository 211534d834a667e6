"""How far each supplier is with each material at the end of the data, what lacks, and what an answer would improve.

What is known counts, whenever it came; what is due and what holds is judged at the last day that has data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from methods.supply import values
from methods.supply.values import Row

#: In the order of what wants doing first.
STATUS = {
    "overdue": ("逾期未答复", "overdue"),
    "rejected": ("已拒绝", "rejected"),
    "expired": ("已过期", "expired"),
    "asked": ("已询问", "asked"),
    "not_asked": ("尚未询问", "not asked yet"),
    "answered": ("已答复", "answered"),
}
QUALITY = {
    "primary": ("供应商结果", "the supplier's own result"),
    "computed": ("由供应商数据计算", "reckoned from the supplier's data"),
    "secondary": ("次级数据（含加成）", "secondary value with penalty"),
    "missing": ("无可用数值", "no value at all"),
}
CHANNEL = {
    "file": ("文件", "file"),
    "questionnaire": ("问卷", "questionnaire"),
    "workbook": ("表格", "workbook"),
    "pact": ("PACT 接口", "PACT interface"),
}
BASIS = {
    "answers_of_others": ("同物料其他供应商的答复均值", "mean of what others answered of the same material"),
    "secondary_without_penalty": ("不含加成的次级数据", "secondary value without its penalty"),
}
MISSING = {
    "answer": ("答复", "the answer"),
    "value": ("次级数据因子", "a secondary factor"),
    "parts": ("分项（化石、土地利用、生物质）", "its parts (fossil, land use, biogenic)"),
    "primary_data_share": ("初级数据占比", "the share of primary data"),
    "dqr": ("数据质量评分", "ratings of the data's quality"),
    "verification": ("核查", "verification"),
    "newer_data": ("三年以内的数据期", "data of the last three years"),
}
_YEARS_OLD = 3
_SIX = Decimal("0.000001")


@dataclass(frozen=True)
class Asked:
    """What the portal says of a supply: when it was asked for, until when, and when an answer was sent back."""

    asked_on: date | None = None
    due_on: date | None = None
    returned_on: date | None = None


@dataclass(frozen=True)
class Supply:
    """A site's supplies at the end of the data, `as_of`; `month` is the last whole one.

    `annual` is what was bought of whom in the twelve months that end with `month`, in the unit of the material.
    """

    as_of: date
    month: date
    suppliers: Mapping[str, Row]
    organizations: Mapping[str, Row]
    materials: Sequence[Row]
    footprints: Sequence[Row]
    factors: Mapping[str, Row]
    annual: Mapping[tuple[str, str, str], Decimal]
    asked: Mapping[tuple[str, str, str], Asked]


def rows(supply: Supply) -> list[dict[str, Any]]:
    """Return the rows of the mart of suppliers, without those whose line no longer holds."""
    answers = values.by_supply(supply.footprints)
    holding = [row for row in supply.materials if values.valid(row, supply.as_of)]
    found = [_row(supply, row, answers.get(values.supply_of(row), [])) for row in holding]
    told: dict[str, list[Decimal]] = {}
    totals: dict[str, Decimal] = {}
    for row in found:
        if row["footprint_kgco2e"] is not None:
            told.setdefault(row["material"], []).append(row["footprint_kgco2e"])
        totals[row["organization_id"]] = totals.get(row["organization_id"], Decimal(0)) + (row["embodied_tco2e"] or 0)
    made = [{**row, **_improved(row, told, totals[row["organization_id"]])} for row in found]
    return sorted(made, key=lambda row: (row["organization_id"], row["supplier_id"], row["material"]))


def _row(supply: Supply, row: Row, answers: Sequence[Row]) -> dict[str, Any]:
    key = values.supply_of(row)
    asked = supply.asked.get(key, Asked())
    asked_on = max((day for day in (row["asked_on"], asked.asked_on) if day is not None), default=None)
    due_on = asked.due_on if asked.due_on is not None and asked_on == asked.asked_on else row["due_on"]
    answer = values.in_force(answers, supply.as_of.replace(day=1))
    factor = supply.factors.get(row["fallback_factor_id"])
    plain = values.secondary(row, factor, with_penalty=False).get("footprint_kgco2e")
    with_penalty = values.secondary(row, factor).get("footprint_kgco2e")
    told = values.answered(answer, row["unit"]) if answer else {}
    used = told.get("footprint_kgco2e") if answer else with_penalty
    status = "answered" if answer else _status(supply.as_of, answers, asked_on, due_on, asked.returned_on)
    quality = (
        ("computed" if answer["way"] == "computed" else "primary") if answer else "secondary" if used else "missing"
    )
    lacking = _missing(answer, used, supply.as_of)
    annual = supply.annual.get(key)
    embodied = None if annual is None or used is None else (annual * used / 1000).quantize(_SIX)
    late = status == "overdue"
    latest = answer or (answers[-1] if answers else None)
    return {
        **{name: row[name] for name in ("organization_id", "supplier_id", "material", "unit", "penalty_ratio")},
        **_names("organization", supply.organizations.get(row["organization_id"], {})),
        **_names("supplier", supply.suppliers.get(row["supplier_id"], {})),
        **_names("material", row),
        "status": status,
        **_said("status", status, STATUS),
        "status_order": list(STATUS).index(status) + 1,
        "footprint_kgco2e": _six(told.get("footprint_kgco2e")),
        "used_kgco2e": _six(used),
        "secondary_kgco2e": _six(plain),
        "penalty_kgco2e": None if answer or plain is None else _six(with_penalty - plain),
        "is_answered": int(answer is not None),
        "is_overdue": int(late),
        "uses_secondary": int(answer is None),
        "quality": quality,
        **_said("quality", quality, QUALITY),
        "dqr": _mean([told.get(f"dqr_{name}") for name in ("technology", "time", "geography")]),
        "primary_data_share_ratio": told.get("primary_data_share_ratio"),
        "valid_to": latest["valid_to"] if latest else None,
        "missing": ";".join(lacking) or None,
        "missing_zh": "、".join(MISSING[word][0] for word in lacking) or None,
        "missing_en": ", ".join(MISSING[word][1] for word in lacking) or None,
        "asked_on": asked_on,
        "due_on": due_on,
        "days_overdue_count": (supply.as_of - due_on).days if late and due_on else None,
        "received_on": latest["received_on"] if latest else None,
        "channel": latest["channel"] if latest else None,
        **(_said("channel", latest["channel"], CHANNEL) if latest else {}),
        "supplier_footprint_id": latest["supplier_footprint_id"] if latest else None,
        "factor_id": None if answer else row["fallback_factor_id"],
        "share_ratio": row["share"],
        "annual_quantity": annual,
        "annual_quantity_unit": row["unit"],
        "embodied_tco2e": embodied,
        "covered_tco2e": embodied if answer else None if embodied is None else Decimal(0),
        "period": f"{supply.month:%Y-%m}",
        "as_of_on": supply.as_of,
    }


def _status(
    as_of: date, answers: Sequence[Row], asked_on: date | None, due_on: date | None, returned_on: date | None
) -> str:
    """Return how far a supplier is who has no answer that holds: what happened last counts."""
    last = answers[-1] if answers else None
    if asked_on is not None and last is not None and last["received_on"] < asked_on:
        last = None
    if returned_on is not None and (last is None or last["received_on"] < returned_on):
        return "rejected"
    if last is not None:
        return "rejected" if last["status"] == "rejected" else "expired"
    if asked_on is None:
        return "not_asked"
    return "overdue" if due_on is not None and due_on < as_of else "asked"


def _missing(answer: Row | None, used: Decimal | None, as_of: date) -> list[str]:
    if answer is None:
        return ["answer"] if used is not None else ["answer", "value"]
    lacks = {
        "parts": answer["fossil_kgco2e"] is None,
        "primary_data_share": answer["primary_data_share_ratio"] is None,
        "dqr": any(answer[f"dqr_{name}"] is None for name in ("technology", "time", "geography")),
        "verification": answer["verification"] == "none",
        "newer_data": (as_of.year - answer["reference_to"].year) >= _YEARS_OLD,
    }
    return [word for word, is_missing in lacks.items() if is_missing]


def _improved(row: Row, told: Mapping[str, list[Decimal]], total: Decimal) -> dict[str, Any]:
    """Return what an answer would bring that says what is plausible: what others say, or what the literature says."""
    if row["is_answered"]:
        return {"improvement_tco2e": Decimal(0), "improvement_primary_share_ratio": Decimal(0)}
    others = told.get(row["material"])
    plausible = (sum(others, Decimal(0)) / len(others)).quantize(_SIX) if others else row["secondary_kgco2e"]
    if plausible is None:
        return {}
    basis = "answers_of_others" if others else "secondary_without_penalty"
    found: dict[str, Any] = {
        "plausible_kgco2e": plausible,
        "plausible_basis": basis,
        **_said("plausible_basis", basis, BASIS),
    }
    if row["annual_quantity"] is not None and row["used_kgco2e"] is not None:
        found["improvement_tco2e"] = (row["annual_quantity"] * (row["used_kgco2e"] - plausible) / 1000).quantize(_SIX)
    if total and row["embodied_tco2e"] is not None:
        found["improvement_primary_share_ratio"] = (row["embodied_tco2e"] / total).quantize(_SIX)
    return found


def _names(stem: str, row: Row) -> dict[str, Any]:
    chinese = row.get(f"{stem}_name_zh", row.get("name_zh"))
    return {
        f"{stem}_name_zh": chinese,
        f"{stem}_name_en": row.get(f"{stem}_name_en", row.get("name_en")) or chinese,
    }


def _said(stem: str, word: str, words: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {f"{stem}_name_zh": words[word][0], f"{stem}_name_en": words[word][1]}


def _mean(ratings: Sequence[Decimal | None]) -> Decimal | None:
    known = [rating for rating in ratings if rating is not None]
    return (sum(known, Decimal(0)) / len(known)).quantize(_SIX) if known else None


def _six(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_SIX)
