"""Whether a month of a parameter was as planned: facts in, a verdict with its reasons out."""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lake.periods import next_month
from lake.site.data_plan import instruments
from quality.plan.facts import Calibration, Facts
from quality.plan.words import NAMES

Row = Mapping[str, Any]
Reason = tuple[str, dict[str, object]]
_BY_INSTRUMENT = ("meter", "system")
_OF_INTERVALS = ("continuous", "hourly")


@dataclass(frozen=True)
class Verdict:
    """How a month was: what was due and came, the share that something else stood for, and why it is not as planned."""

    verdict: str
    reasons: tuple[Reason, ...]
    expected_count: int | None = None
    received_count: int | None = None
    substituted_ratio: Decimal | None = None
    calibration_due_on: date | None = None


def judge(plan: Row, month: date, facts: Facts) -> Verdict:
    """Judge one month of a row of data_plan.csv."""
    if _is_unused(plan, facts):
        return Verdict("not_applicable", (("not_used", {}),))
    expected, received = _counts(plan, month, facts)
    reasons = [*_of_the_plan(plan, month)]
    ratio = None
    if plan["source"] in _BY_INSTRUMENT:
        ratio = 1 - Decimal(received) / expected if expected and plan["frequency"] in _OF_INTERVALS else None
        reasons += _of_readings(plan, facts, expected, received, ratio)
        reasons += _of_instruments(plan, facts)
        reasons += [reason for one in facts.calibrations for reason in _of_calibration(plan, month, one)]
    elif plan["source"] == "lab":
        reasons += _of_samples(plan, facts, expected, received)
    elif plan["kind"] in ("production", "activity"):
        reasons += _of_entries(plan, facts, expected, received)
    elif facts.lines.without_factor:
        reasons.append(("factor_missing", {}))
    due = [one.due_on for one in facts.calibrations if one.due_on]
    return Verdict(
        "not_met" if reasons else "met",
        tuple(reasons),
        expected or None,
        received if expected else None,
        ratio,
        min(due) if due and len(due) == len(facts.calibrations) else None,
    )


def _is_unused(plan: Row, facts: Facts) -> bool:
    if plan["kind"] == "carrier" and plan["source"] in _BY_INSTRUMENT:
        return not facts.quantity and (bool(facts.read.received) or not facts.read.expected)
    if plan["kind"] == "property":
        return not facts.lines.count and not facts.quantity
    return plan["kind"] == "carrier" and not facts.lines.count and not facts.quantity


def _counts(plan: Row, month: date, facts: Facts) -> tuple[int, int]:
    """Return how many values the plan asks for by its frequency, and how many there are."""
    days = calendar.monthrange(month.year, month.month)[1]
    frequency = plan["frequency"]
    if plan["source"] in _BY_INSTRUMENT:
        if frequency in _OF_INTERVALS:
            return facts.read.expected, facts.read.received
        return (days, facts.read.days) if frequency == "daily" else (1, min(facts.read.days, 1))
    if plan["source"] in ("default", "calculated"):
        return 0, 0
    told = facts.told
    if frequency == "yearly":
        return 1, min(told.rows_of_year, 1)
    asked = days if frequency in (*_OF_INTERVALS, "daily") and plan["source"] == "lab" else 1
    return asked, min(told.rows, asked)


def _of_the_plan(plan: Row, month: date) -> Iterator[Reason]:
    end = next_month(month)
    if plan["approved_on"] is None or plan["approved_on"] >= end:
        yield "plan_not_approved", {}
    if plan["filed_on"] is None or plan["filed_on"] >= end:
        yield "plan_not_filed", {}


def _of_readings(plan: Row, facts: Facts, expected: int, received: int, ratio: Decimal | None) -> Iterator[Reason]:
    allowed = plan["allowed_substituted_ratio"] or Decimal(0)
    if ratio is not None and ratio > allowed:
        yield "too_much_substituted", {"ratio": f"{ratio:.2%}", "allowed": f"{allowed:.2%}"}
    if ratio is None and received < expected:
        yield "readings_missing", {"expected": expected, "received": received}
    is_estimated = plan["missing_rule"] == "interpolated"
    if (is_estimated and facts.read.missing) or (plan["missing_rule"] == "none" and facts.read.estimated):
        yield "rule_not_applied", _rule(plan)


def _of_instruments(plan: Row, facts: Facts) -> Iterator[Reason]:
    planned = frozenset(instruments(plan["instruments"]))
    if facts.used - planned:
        yield "other_instrument", {"points": ", ".join(sorted(facts.used - planned))}
    if facts.used and planned - facts.used:
        yield "instrument_not_used", {"points": ", ".join(sorted(planned - facts.used))}
    wanted = plan["accuracy_class"]
    other = sorted({one.meter_id for one in facts.calibrations if wanted and one.accuracy_class != wanted})
    if other:
        yield "other_accuracy_class", {"meters": ", ".join(other), "planned": wanted}


def _of_calibration(plan: Row, month: date, one: Calibration) -> Iterator[Reason]:
    last_day = next_month(month) - timedelta(days=1)
    if one.due_on is None and one.calibrated_on is None:
        if plan["calibration_months"]:
            yield "calibration_unknown", {"meters": one.meter_id}
    elif one.due_on is not None and one.due_on < last_day:
        yield "calibration_expired", {"meters": one.meter_id, "due": one.due_on}
    elif (
        one.calibrated_on
        and plan["calibration_months"]
        and _later(one.calibrated_on, int(plan["calibration_months"])) < last_day
    ):
        facts = {"meters": one.meter_id, "months": plan["calibration_months"], "on": one.calibrated_on}
        yield "calibration_overdue", facts


def _of_samples(plan: Row, facts: Facts, expected: int, received: int) -> Iterator[Reason]:
    if received < expected:
        yield "sample_missing", {"expected": expected, "received": received}
    yield from _of_telling(plan, facts)
    lines = facts.lines
    if plan["priority"] == "measured" and lines.measured < lines.count:
        yield "default_used", {"sets": lines.sets or "?"}
        is_penal = plan["missing_rule"] == "conservative_default" and lines.penal
        if not is_penal and plan["missing_rule"] != "default":
            yield "rule_not_applied", _rule(plan)


def _of_entries(plan: Row, facts: Facts, expected: int, received: int) -> Iterator[Reason]:
    if received < expected:
        yield "row_missing", {}
    yield from _of_telling(plan, facts)
    others = sorted(facts.told.entered_by - {plan["responsible"]})
    if others:
        yield "other_person", {"persons": ", ".join(others)}


def _of_telling(plan: Row, facts: Facts) -> Iterator[Reason]:
    told = facts.told
    if plan["due_days"] is not None and told.latest_days is not None and told.latest_days > plan["due_days"]:
        yield "told_late", {"days": told.latest_days, "due": plan["due_days"]}
    if plan["voucher_kind"] and told.vouchers < told.rows:
        yield "voucher_missing", {"count": told.rows - told.vouchers, "voucher": plan["voucher_kind"]}


def _rule(plan: Row) -> dict[str, object]:
    zh, en = NAMES["missing_rule"][plan["missing_rule"]]
    return {"rule_zh": zh, "rule_en": en}


def _later(day: date, months: int) -> date:
    """Return the day so many months later, the last of its month where that is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, number = divmod(count, 12)
    return date(year, number + 1, min(day.day, calendar.monthrange(year, number + 1)[1]))
