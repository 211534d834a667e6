"""Whether a month was as the data-quality control plan says, reason by reason, and what becomes a finding of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from quality.plan import rows
from quality.plan.facts import Calibration, Facts, Lines, Read, Told
from quality.plan.gathering import Gathered
from quality.plan.judging import judge
from quality.plan.words import NAMES, REASONS

JUNE = date(2025, 6, 1)
COAL: dict[str, object] = {
    "parameter_id": "coal",
    "organization_id": "mill",
    "energy_unit_id": None,
    "kind": "carrier",
    "subject": "bituminous_coal",
    "property": None,
    "definition_zh": "烟煤消耗量",
    "definition_en": "Use of coal",
    "unit": "t",
    "source": "meter",
    "instruments": "belt_a;belt_b",
    "accuracy_class": "0.5",
    "calibration_months": 12,
    "frequency": "continuous",
    "due_days": None,
    "missing_rule": "interpolated",
    "allowed_substituted_ratio": Decimal("0.02"),
    "responsible": "li",
    "voucher_kind": None,
    "priority": "measured",
    "document": "GB/T 32150",
    "valid_from": date(2025, 1, 1),
    "valid_to": None,
    "approved_by": "shen",
    "approved_on": date(2024, 12, 20),
    "filed_on": date(2024, 12, 30),
}
HEAT_VALUE = COAL | {
    **{"parameter_id": "heat", "kind": "property", "property": "net_calorific_value", "source": "lab"},
    **{"instruments": None, "frequency": "daily", "due_days": 40, "voucher_kind": "report"},
    "missing_rule": "conservative_default",
}
OUTPUT = COAL | {
    **{"parameter_id": "clinker", "kind": "production", "subject": "clinker", "source": "form", "instruments": None},
    **{"frequency": "monthly", "due_days": 10, "voucher_kind": "ledger", "missing_rule": "none"},
}


def belt(name: str, **other: object) -> Calibration:
    known = {"accuracy_class": "0.5", "calibrated_on": date(2025, 3, 1), "due_on": date(2026, 3, 1)}
    return Calibration(f"belt_{name}", f"meter_{name}", **{**known, **other})  # type: ignore[arg-type]


def metered(**other: object) -> Facts:
    known: dict[str, object] = {
        "used": frozenset({"belt_a", "belt_b"}),
        "quantity": Decimal(900),
        "read": Read(expected=5760, received=5760, days=30),
        "calibrations": (belt("a"), belt("b")),
        "lines": Lines(count=2, sets="MEE"),
    }
    return Facts(**{**known, **other})  # type: ignore[arg-type]


def codes(plan: dict[str, object], facts: Facts) -> set[str]:
    return {code for code, _ in judge(plan, JUNE, facts).reasons}


def test_a_month_as_planned_is_met_with_its_figures() -> None:
    found = judge(COAL, JUNE, metered(calibrations=(belt("a"), belt("b", due_on=date(2025, 9, 1)))))
    assert (found.verdict, found.reasons) == ("met", ())
    assert (found.expected_count, found.received_count, found.substituted_ratio) == (5760, 5760, 0)
    assert found.calibration_due_on == date(2025, 9, 1)


@pytest.mark.parametrize(
    ("plan", "facts", "code"),
    [
        ({"approved_on": None}, {}, "plan_not_approved"),
        ({"approved_on": date(2025, 7, 1)}, {}, "plan_not_approved"),
        ({"filed_on": None}, {}, "plan_not_filed"),
        ({}, {"read": Read(expected=5760, received=5600, days=30)}, "too_much_substituted"),
        ({"frequency": "daily"}, {"read": Read(expected=5760, received=5600, days=29)}, "readings_missing"),
        ({}, {"read": Read(expected=5760, received=5759, days=30, missing=1)}, "rule_not_applied"),
        ({"missing_rule": "none"}, {"read": Read(expected=5760, received=5759, estimated=1)}, "rule_not_applied"),
        ({}, {"used": frozenset({"belt_a", "belt_b", "truck"})}, "other_instrument"),
        ({}, {"used": frozenset({"belt_a"})}, "instrument_not_used"),
        ({"accuracy_class": "0.2"}, {}, "other_accuracy_class"),
        ({}, {"calibrations": (belt("a", due_on=date(2025, 6, 29)),)}, "calibration_expired"),
        ({"calibration_months": 3}, {"calibrations": (belt("a"),)}, "calibration_overdue"),
        ({}, {"calibrations": (belt("a", due_on=None, calibrated_on=None),)}, "calibration_unknown"),
    ],
)
def test_what_was_not_as_planned_of_an_instrument_is_named(
    plan: dict[str, object], facts: dict[str, object], code: str
) -> None:
    assert codes(COAL | plan, metered(**facts)) == {code}


def test_the_last_day_of_a_calibration_and_the_allowed_share_still_hold() -> None:
    last = metered(calibrations=(belt("a", due_on=date(2025, 6, 30)),))
    assert codes(COAL, last) == set()
    assert codes(COAL | {"calibration_months": 4}, metered(calibrations=(belt("a"),))) == set()
    assert codes(COAL, metered(read=Read(expected=1000, received=980, days=30))) == set()


def test_what_was_not_used_is_not_judged_and_what_was_not_read_is() -> None:
    idle = metered(quantity=Decimal(0))
    assert judge(COAL, JUNE, idle).verdict == "not_applicable"
    silent = metered(quantity=None, used=frozenset(), read=Read(expected=5760), calibrations=())
    assert codes(COAL, silent) == {"too_much_substituted"}
    assert judge(HEAT_VALUE, JUNE, Facts()).verdict == "not_applicable"


def test_samples_are_due_reported_in_time_and_take_the_place_of_defaults() -> None:
    measured = Lines(count=2, measured=2, sets="MEE")
    assert codes(HEAT_VALUE, Facts(told=Told(30, 30, 30, 40), lines=measured)) == set()
    late = Facts(told=Told(29, 29, 28, 41), lines=measured)
    assert codes(HEAT_VALUE, late) == {"sample_missing", "told_late", "voucher_missing"}
    by_default = Facts(told=Told(), lines=Lines(count=2, sets="MEE"))
    assert codes(HEAT_VALUE, by_default) == {"sample_missing", "default_used", "rule_not_applied"}
    by_penalty = Facts(told=Told(), lines=Lines(count=2, penal=2, sets="MEE"))
    assert codes(HEAT_VALUE, by_penalty) == {"sample_missing", "default_used"}
    once = HEAT_VALUE | {"frequency": "yearly"}
    assert codes(once, Facts(told=Told(0, 1, 0), lines=measured)) == set()


def test_an_entry_is_there_in_time_by_its_person_with_its_document() -> None:
    assert codes(OUTPUT, Facts(told=Told(1, 1, 1, 10, frozenset({"li"})))) == set()
    assert codes(OUTPUT, Facts()) == {"row_missing"}
    other = Facts(told=Told(1, 1, 0, 11, frozenset({"wang"})))
    assert codes(OUTPUT, other) == {"told_late", "voucher_missing", "other_person"}


def test_a_default_needs_a_factor() -> None:
    factor = HEAT_VALUE | {"source": "default", "priority": "default"}
    assert codes(factor, Facts(lines=Lines(count=2))) == set()
    assert codes(factor, Facts(lines=Lines(count=2, without_factor=1))) == {"factor_missing"}


def test_every_word_has_both_languages_and_every_reason_can_be_said() -> None:
    facts = dict.fromkeys(("expected", "received", "ratio", "allowed", "rule_zh", "rule_en", "points", "meters"), "x")
    facts |= dict.fromkeys(("planned", "due", "months", "on", "days", "count", "voucher", "sets", "persons"), "x")
    assert all(zh.format(**facts) and en.format(**facts) for zh, en in REASONS.values())
    assert all(zh and en for names in NAMES.values() for zh, en in names.values())


def gathered(plan: list[dict[str, object]], lines: dict[tuple[str, str, date], Lines], told: object = None) -> Gathered:
    return Gathered(
        plan=plan,
        months=MONTHS,
        roots={"mill": "mill_root"},
        used={("mill_root", "bituminous_coal", month): USED for month in MONTHS},
        read={("belt_a", month): Read(expected=100, received=100, days=28) for month in MONTHS},
        calibrated={},
        told=told or {},  # type: ignore[arg-type]
        lines=lines,
        categories=dict.fromkeys(lines, "combustion"),
    )


USED = {"points": ["belt_a"], "quantity": Decimal(5)}
MONTHS = [date(2025, 5, 1), JUNE]
PEOPLE = {
    "organizations": {"mill": ("水泥厂", "Mill")},
    "people": {"li": ("李冶", "Li Ye")},
    "subjects": {"bituminous_coal": ("烟煤", "coal"), "diesel": ("柴油", "diesel")},
}


def test_a_version_of_the_plan_holds_for_its_months_and_a_gap_leaves_use_unplanned() -> None:
    first = COAL | {"instruments": "belt_a", "valid_to": JUNE}
    heat = HEAT_VALUE | {"source": "default", "priority": "default"}
    lines = {("mill", "bituminous_coal", month): Lines(count=2) for month in (date(2025, 5, 1), JUNE)}
    found = rows.rows(gathered([first, heat], lines), PEOPLE)
    told = {(row["month"], row.get("parameter_id"), row["verdict"], row["reasons"]) for row in found}
    assert told == {
        (date(2025, 5, 1), "coal", "met", None),
        (date(2025, 5, 1), "heat", "met", None),
        (JUNE, "heat", "met", None),
        (JUNE, None, "unplanned", "not_in_plan"),
    }
    (finding,) = rows.findings(found)
    assert (finding.kind, finding.subject) == ("parameter_unplanned", "mill/bituminous_coal/activity")
    assert finding.evidence["months_count"] == 1


def test_findings_are_of_the_latest_month_and_name_the_person() -> None:
    unfiled = COAL | {"instruments": "belt_a", "filed_on": JUNE + timedelta(days=40)}
    found = rows.rows(gathered([unfiled], {}), PEOPLE)
    (finding,) = rows.findings(found)
    assert (finding.kind, finding.owner, finding.evidence["months_count"]) == ("plan_not_met", "li", 2)
    assert "2025-06" in finding.message_en
    assert "filed" in finding.message_en
    assert "烟煤消耗量" in finding.message_zh
