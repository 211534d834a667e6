"""Rows of energy.alerts: what was found of a rule's series, with names, words, escalation and acknowledgement."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC as ZONE
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isnan
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from methods.alerts import evidence, words
from methods.alerts.lives import Life, Series, Values
from methods.alerts.subjects import Named, Row

UTC = pa.timestamp("us", tz="UTC")
_SIX = Decimal("0.000001")
ALERTS = pa.schema(
    [
        pa.field("alert_id", pa.string(), nullable=False),
        pa.field("rule_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("kind_name_zh", pa.string(), nullable=False),
        pa.field("kind_name_en", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("severity_name_zh", pa.string(), nullable=False),
        pa.field("severity_name_en", pa.string(), nullable=False),
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("organization_name_zh", pa.string(), nullable=False),
        pa.field("organization_name_en", pa.string(), nullable=False),
        pa.field("energy_unit_id", pa.string()),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("subject_name_zh", pa.string(), nullable=False),
        pa.field("subject_name_en", pa.string(), nullable=False),
        pa.field("carrier", pa.string()),
        pa.field("watched", pa.string(), nullable=False),
        pa.field("message_zh", pa.string(), nullable=False),
        pa.field("message_en", pa.string(), nullable=False),
        pa.field("started_at", UTC, nullable=False),
        pa.field("raised_at", UTC, nullable=False),
        pa.field("escalation_level", pa.int32(), nullable=False),
        pa.field("escalated_at", UTC),
        pa.field("acknowledged_at", UTC),
        pa.field("acknowledged_by", pa.string()),
        pa.field("remark", pa.string()),
        pa.field("closed_at", UTC),
        pa.field("closing_reason_zh", pa.string()),
        pa.field("closing_reason_en", pa.string()),
        pa.field("state", pa.string(), nullable=False),
        pa.field("state_name_zh", pa.string(), nullable=False),
        pa.field("state_name_en", pa.string(), nullable=False),
        pa.field("first_value", pa.decimal128(18, 6), nullable=False),
        pa.field("last_value", pa.decimal128(18, 6), nullable=False),
        pa.field("limit_value", pa.decimal128(18, 6), nullable=False),
        pa.field("usual_value", pa.decimal128(18, 6)),
        pa.field("value_unit", pa.string(), nullable=False),
        pa.field("day_excess_tce_calorific", pa.decimal128(18, 6)),
        pa.field("day_excess_cny", pa.decimal128(18, 6)),
        pa.field("evidence_query", pa.string(), nullable=False),
    ]
)
_EACH_HOUR = 24
_Excess = tuple[Decimal | None, Decimal | None]
#: Whoever is told needs no reference condition beside each number; the mart has it.
_CUBIC = re.compile(r"m3(_\w+)?")


@dataclass(frozen=True)
class Watch:
    """One series of one rule, with what was usual and the limit in each period where the rule compares with that."""

    rule: Row
    subject: str
    named: Named
    organization: Named
    carrier: str | None
    carrier_names: Mapping[str, str]
    unit: str
    series: Series
    days: Sequence[date]
    worth: tuple[Values, Values]
    usual: Values | None
    limit: Values | None
    adopted: frozenset[int] = frozenset()


def rows(
    watch: Watch, lives: Iterator[Life], *, acknowledged: Sequence[Row], now: datetime, zone: ZoneInfo
) -> Iterator[dict[str, object]]:
    """Yield a row for each alert of a series; `now` is the last instant that is known of, not the clock."""
    rule, kind, severity = watch.rule, str(watch.rule["kind"]), str(watch.rule["severity"])
    for life in lives:
        started, raised = _at(watch.series.starts[life.first]), _at(watch.series.ends[life.told])
        closed = None if life.closing is None else _at(watch.series.ends[life.closing])
        known = _acknowledged(rule, watch.subject, started, closed, acknowledged)
        escalated = _escalated(rule, raised, closed, known, now)
        state = "closed" if closed else "acknowledged" if known else "open"
        usual = None if watch.usual is None else _latest(watch.usual, life)
        limit = float(rule["limit_value"]) if watch.limit is None else _latest(watch.limit, life)
        about = evidence.Of(watch.subject, watch.carrier, watch.named.is_point)
        excess, day = _excess(watch, life, usual), watch.days[life.first]
        yield {
            "alert_id": identity(str(rule["rule_id"]), watch.subject, watch.carrier, started),
            "rule_id": rule["rule_id"],
            "kind": kind,
            "severity": severity,
            "organization_id": watch.named.organization_id,
            "energy_unit_id": watch.named.energy_unit_id,
            "subject": watch.subject,
            "carrier": watch.carrier,
            "watched": rule["quantity"],
            "started_at": started,
            "raised_at": raised,
            "escalation_level": int(escalated is not None),
            "escalated_at": escalated,
            "acknowledged_at": known["acknowledged_at"] if known else None,
            "acknowledged_by": known["person_id"] if known else None,
            "remark": known["remark"] if known else None,
            "closed_at": closed,
            "state": state,
            "first_value": _decimal(watch.series.values[life.told]),
            "last_value": _decimal(watch.series.values[life.last]),
            "limit_value": _decimal(limit),
            "usual_value": None if usual is None else _decimal(usual),
            "value_unit": watch.unit,
            "day_excess_tce_calorific": excess[0],
            "day_excess_cny": excess[1],
            "evidence_query": evidence.query(rule, about, day, zone.key),
            **_told(watch, life, (usual, limit), excess, started.astimezone(zone)),
            **_names(watch, kind, severity, state),
            **_closing(watch, life),
        }


def identity(rule_id: str, subject: str, carrier: str | None, started: datetime) -> str:
    """Return the id of an alert: the same for the same rule, subject and beginning."""
    key = "\n".join([rule_id, subject, carrier or "", started.isoformat()])
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _names(watch: Watch, kind: str, severity: str, state: str) -> dict[str, str]:
    found = {}
    for language in words.LANGUAGES:
        found[f"kind_name_{language}"] = words.name("kinds", kind, language)
        found[f"severity_name_{language}"] = words.name("severities", severity, language)
        found[f"state_name_{language}"] = words.name("states", state, language)
        found[f"subject_name_{language}"] = getattr(watch.named, f"name_{language}")
        found[f"organization_name_{language}"] = getattr(watch.organization, f"name_{language}")
    return found


def _closing(watch: Watch, life: Life) -> dict[str, str | None]:
    """Return why an alert ended."""
    reason = None
    if life.closing is not None:
        is_over = np.isinf(watch.series.values[life.closing])
        reason = "over" if is_over else "usual" if life.closing in watch.adopted else "back"
    return {
        f"closing_reason_{language}": reason and words.name("closings", reason, language)
        for language in words.LANGUAGES
    }


def _told(
    watch: Watch, life: Life, judged: tuple[float | None, float], excess: _Excess, started: datetime
) -> dict[str, str]:
    """Return the message in both languages: as it was when it was told, so that the words of an alert stay."""
    usual, limit = judged
    quantity, value = str(watch.rule["quantity"]), float(watch.series.values[life.told])
    facts = {
        "value": words.number(value, quantity),
        "limit": words.number(limit, quantity),
        "usual": "" if usual is None else words.number(usual, quantity),
        "unit": _CUBIC.sub("m³", watch.unit),
        "since": f"{started:%Y-%m-%d %H:%M}" if quantity == "consumption_hour" else f"{started:%Y-%m-%d}",
        "rise": "" if not usual else f"{value / usual - 1:.0%}",
        "energy": "" if excess[0] is None else words.amount(float(excess[0])),
        "cost": "" if excess[1] is None else words.amount(float(excess[1])),
        "due": f"{watch.days[life.told] + timedelta(days=round(value))}" if quantity == "calibration_days_left" else "",
    }
    found = {}
    for language in words.LANGUAGES:
        carrier = watch.carrier or ""
        own = {
            "subject": getattr(watch.named, f"name_{language}"),
            "organization": getattr(watch.organization, f"name_{language}"),
            "carrier": watch.carrier_names.get(language) or words.name("measures", carrier, language),
        }
        found[f"message_{language}"] = words.said(watch.rule, language, facts | own)
    return found


def _excess(watch: Watch, life: Life, usual: float | None) -> _Excess:
    """Return what a rise costs in a day, in tce (calorific) and CNY, when it was told; of an hourly flow only."""
    if usual is None or watch.rule["quantity"] != "night_minimum":
        return None, None
    more = (float(watch.series.values[life.told]) - usual) * _EACH_HOUR
    of_one = [float(values[life.told]) for values in watch.worth]
    return tuple(None if isnan(each) else _decimal(more * each) for each in of_one)  # type: ignore[return-value]


def _acknowledged(
    rule: Row, subject: str, started: datetime, closed: datetime | None, acknowledged: Sequence[Row]
) -> Row | None:
    """Return the first acknowledgement: it names an instant of the alert's life, even if late data moved its start."""
    fitting = [
        row
        for row in acknowledged
        if (row["rule_id"], row["subject"]) == (rule["rule_id"], subject)
        and row["raised_at"] >= started
        and (closed is None or row["raised_at"] < closed)
    ]
    return min(fitting, key=lambda row: row["acknowledged_at"], default=None)


def _escalated(
    rule: Row, raised: datetime, closed: datetime | None, known: Row | None, now: datetime
) -> datetime | None:
    """Return when an alert that nobody acknowledged went on to others; None where it did not, or not yet."""
    if rule["escalate_after_hours"] is None:
        return None
    at = raised + timedelta(hours=float(rule["escalate_after_hours"]))
    ended = [one for one in (closed, known["acknowledged_at"] if known else None) if one is not None]
    return at if at <= now and all(at < one for one in ended) else None


def _latest(values: Values, life: Life) -> float:
    """Return what was known last when an alert was told; where it began it was."""
    until = values[life.first : life.told + 1]
    return float(until[~np.isnan(until)][-1])


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), ZONE)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_SIX)
