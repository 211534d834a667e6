"""Rows of quality.data_plan_monthly, and what they say of the latest month as findings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from quality.finding import Finding
from quality.plan.facts import Facts
from quality.plan.gathering import Gathered
from quality.plan.judging import Reason, Verdict, judge
from quality.plan.words import NAMES, sentence

Row = dict[str, Any]
_OF_PLAN = (
    *("parameter_id", "organization_id", "energy_unit_id", "kind", "subject", "property", "definition_zh"),
    *("definition_en", "source", "instruments", "accuracy_class", "frequency", "missing_rule", "responsible"),
    *("voucher_kind", "priority", "document", "approved_by"),
)
_NAMED = ("kind", "source", "frequency", "missing_rule")
_RATIO = pa.decimal128(9, 6)
SCHEMA = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[pa.field(name, pa.string()) for name in ("parameter_id", "organization_id")],
        *[pa.field(f"organization_name_{word}", pa.string()) for word in ("zh", "en")],
        *[pa.field(name, pa.string()) for name in ("energy_unit_id", "kind", "kind_name_zh", "kind_name_en")],
        *[pa.field(name, pa.string()) for name in ("subject", "subject_name_zh", "subject_name_en", "property")],
        *[pa.field(name, pa.string()) for name in ("definition_zh", "definition_en", "parameter_unit")],
        *[pa.field(name, pa.string()) for name in ("source", "source_name_zh", "source_name_en", "instruments")],
        pa.field("accuracy_class", pa.string()),
        pa.field("calibration_months", pa.int32()),
        *[pa.field(name, pa.string()) for name in ("frequency", "frequency_name_zh", "frequency_name_en")],
        *[pa.field(name, pa.string()) for name in ("missing_rule", "missing_rule_name_zh", "missing_rule_name_en")],
        pa.field("allowed_substituted_ratio", _RATIO),
        *[pa.field(name, pa.string()) for name in ("responsible", "responsible_name_zh", "responsible_name_en")],
        *[pa.field(name, pa.string()) for name in ("voucher_kind", "priority", "document")],
        pa.field("plan_valid_from", pa.date32()),
        pa.field("approved_by", pa.string()),
        pa.field("approved_on", pa.date32()),
        pa.field("filed_on", pa.date32()),
        pa.field("instruments_used", pa.string()),
        pa.field("expected_count", pa.int64()),
        pa.field("received_count", pa.int64()),
        pa.field("completeness_ratio", _RATIO),
        pa.field("substituted_ratio", _RATIO),
        pa.field("calibration_due_on", pa.date32()),
        *[pa.field(name, pa.string(), nullable=False) for name in ("verdict", "verdict_name_zh", "verdict_name_en")],
        pa.field("met_ratio", _RATIO),
        *[pa.field(name, pa.string()) for name in ("reasons", "reason_zh", "reason_en")],
    ]
)
KINDS = ("plan_not_met", "parameter_unplanned")


def rows(known: Gathered, names: Mapping[str, Mapping[str, tuple[str, str]]]) -> list[Row]:
    """Return the mart's rows; `names` has by organizations, people and subjects the name of each in both languages."""
    found = [_planned(plan, month, facts, judge(plan, month, facts), names) for plan, month, facts in known.cases()]
    return [*found, *_unplanned(known, names)]


def _planned(plan: Row, month: date, facts: Facts, told: Verdict, names: Mapping[str, Any]) -> Row:
    expected, received = told.expected_count, told.received_count
    return {
        "month": month,
        **{name: plan[name] for name in _OF_PLAN},
        "parameter_unit": plan["unit"],
        "calibration_months": plan["calibration_months"],
        "allowed_substituted_ratio": _ratio(plan["allowed_substituted_ratio"]),
        "plan_valid_from": plan["valid_from"],
        "approved_on": plan["approved_on"],
        "filed_on": plan["filed_on"],
        **_pair("organization_name", names["organizations"], plan["organization_id"]),
        **_pair("responsible_name", names["people"], plan["responsible"]),
        **_pair("subject_name", names["subjects"], plan["subject"]),
        **{key: word for name in _NAMED for key, word in _pair(f"{name}_name", NAMES[name], plan[name]).items()},
        "instruments_used": ";".join(sorted(facts.used)) or None if plan["kind"] == "carrier" else None,
        "expected_count": expected,
        "received_count": received,
        "completeness_ratio": _ratio((received or 0) / expected) if expected else None,
        "substituted_ratio": _ratio(told.substituted_ratio),
        "calibration_due_on": told.calibration_due_on,
        **_judged(told.verdict, told.reasons),
    }


def _unplanned(known: Gathered, names: Mapping[str, Any]) -> Iterator[Row]:
    """Give what the accounting used in a month, activity or factor, that no row of the plan was about."""
    planned = {
        (plan["organization_id"], plan["subject"], plan["kind"] == "property", month)
        for plan, month, _ in known.cases()
    }
    months = set(known.months)
    for (organization, subject, month), lines in sorted(known.lines.items()):
        for is_property, reason in ((False, "not_in_plan"), (True, "factor_not_in_plan")):
            if month not in months or (organization, subject, is_property, month) in planned:
                continue
            kind = "property" if is_property else "activity"
            yield {
                "month": month,
                "organization_id": organization,
                "kind": kind,
                "subject": subject,
                "definition_zh": known.categories[organization, subject, month],
                "definition_en": known.categories[organization, subject, month],
                **_pair("organization_name", names["organizations"], organization),
                **_pair("subject_name", names["subjects"], subject),
                **_pair("kind_name", NAMES["kind"], kind),
                **_judged("unplanned", ((reason, {"sets": lines.sets}),)),
            }


def _judged(verdict: str, reasons: Sequence[Reason]) -> Row:
    zh, en = sentence(list(reasons))
    return {
        "verdict": verdict,
        **_pair("verdict_name", NAMES["verdict"], verdict),
        "met_ratio": None if verdict == "not_applicable" else Decimal(verdict == "met"),
        "reasons": ";".join(sorted({code for code, _ in reasons})) or None,
        "reason_zh": zh,
        "reason_en": en,
    }


def _pair(stem: str, names: Mapping[str, tuple[str, str]], key: str) -> Row:
    zh, en = names.get(key, (key, key))
    return {f"{stem}_zh": zh, f"{stem}_en": en}


def _ratio(value: float | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.000001"))


def findings(found: Sequence[Row]) -> Iterator[Finding]:
    """Yield what is not as planned in the latest month, with the number of months in which it was not."""
    last = max((row["month"] for row in found), default=None)
    for row in found:
        if row["month"] != last or row["verdict"] not in ("not_met", "unplanned"):
            continue
        is_planned = row["verdict"] == "not_met"
        subject = row["parameter_id"] if is_planned else f"{row['organization_id']}/{row['subject']}/{row['kind']}"
        same = [one for one in found if _subject(one) == _subject(row) and one["verdict"] == row["verdict"]]
        told_zh = row["definition_zh"] if is_planned else f"{row['organization_name_zh']} {row['subject_name_zh']}"
        told_en = row["definition_en"] if is_planned else f"{row['organization_name_en']}, {row['subject_name_en']}"
        yield Finding(
            kind=KINDS[0] if is_planned else KINDS[1],
            kind_name_zh="未按质量控制计划" if is_planned else "计划外参数",
            kind_name_en="not as the control plan says" if is_planned else "parameter without a plan",
            severity="medium",
            source="data_plan",
            subject=subject,
            message_zh=f"{told_zh}（{last:%Y-%m}）：{row['reason_zh']}；请处理，或修订计划并报备。",
            message_en=f"{told_en} ({last:%Y-%m}): {row['reason_en']}; mend it, or change the plan and file it.",
            evidence={"month": str(last), "reasons": row["reasons"], "months_count": len(same)},
            organization_id=row["organization_id"],
            owner=row.get("responsible"),
        )


def _subject(row: Row) -> tuple[Any, ...]:
    return row.get("parameter_id"), row["organization_id"], row["subject"], row["kind"]
