"""Who is told of an alert, in which words: what is news in the published alerts goes into the outbox of each channel.

An alert is told once to each person or group, and once more to others when it goes on to them. Late data may move the
beginning of an alert: what was told within its life is not told again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from exchange.outbox import Outbox, Subject
from lake.site.alerts import named
from lake.site.closure import organization_closure
from lake.site.load import ChannelSpec, Site
from lake.site.notices import EMAIL

Row = Mapping[str, Any]
#: What begins and ends between two runs is told, too; what ended longer ago is history.
_RECENT = timedelta(days=7)
_WORDS = {
    "zh": {
        "raised": "【{severity}】{kind}：{subject}",
        "escalated": "【{severity}，{hours} 小时未确认】{kind}：{subject}",
        "body": "{message}\n单位：{organization}\n发生：{raised}{closed}\n规则：{rule_id}　编号：{alert_id}",
        "closed": "\n结束：{at}",
    },
    "en": {
        "raised": "[{severity}] {kind}: {subject}",
        "escalated": "[{severity}, not acknowledged for {hours} hours] {kind}: {subject}",
        "body": "{message}\nOrganisation: {organization}\nRaised: {raised}{closed}\nRule: {rule_id}, id {alert_id}",
        "closed": "\nEnded: {at}",
    },
}


@dataclass(frozen=True)
class _To:
    """One person or group of one channel."""

    channel: ChannelSpec
    person: str
    email: str
    language: str


def queue(outbox: Outbox, site: Site, alerts: Sequence[Row], now: datetime) -> dict[str, int]:
    """Put what is news into the outbox; return how many for each channel. `now` is the last instant of the data."""
    added = dict.fromkeys(site.channels, 0)
    rules = {row["rule_id"]: row for row in site.tables["alert_rules"].to_pylist()}
    for alert in alerts:
        rule = rules.get(alert["rule_id"])
        if rule is None or (alert["closed_at"] is not None and alert["raised_at"] < now - _RECENT):
            continue
        for to, name in _tellings(rule, alert, site):
            body = {"email": to.email, **_said(to.language, name, alert, rule, site)}
            added[to.channel.id] += _put(outbox, to, name, alert, body)
    return added


def _tellings(rule: Row, alert: Row, site: Site) -> Iterator[tuple[_To, str]]:
    """Yield who is told what: first the people of the rule, then, if nobody answered, others."""
    first = list(_people(rule["notify"], rule["channel"], alert, site))
    if alert["acknowledged_at"] is None:
        yield from ((to, "raised") for to in first)
    if alert["escalation_level"]:
        known = {(to.channel.id, to.person) for to in first if to.person}
        for to in _people(rule["escalate_notify"], rule["escalate_channel"] or rule["channel"], alert, site):
            if (to.channel.id, to.person) not in known:
                yield to, "escalated"


def _people(who: str | None, channels: str | None, alert: Row, site: Site) -> Iterator[_To]:
    """Yield the people of a cell by each channel; a channel without a place for an address is one group."""
    people = _addressed(named(who), alert, site)
    for name in named(channels):
        channel = site.channels.get(name)
        if channel is None:
            continue
        language = channel.settings.get("language") or site.settings.language
        if EMAIL not in str(channel.settings["url"]):
            yield _To(channel, "", "", language)
            continue
        for person, row in people.items():
            if row["email"]:
                yield _To(channel, person, row["email"], row["language"] or language)


def _addressed(words: Sequence[str], alert: Row, site: Site) -> dict[str, Row]:
    """Return the people that are named, or have a named role in the alert's organisation or above it on that day."""
    closure = organization_closure(site.tables["organizations"]).to_pylist()
    above = {row["ancestor"] for row in closure if row["descendant"] == alert["organization_id"]}
    day = alert["raised_at"].astimezone(ZoneInfo(site.settings.timezone)).date()
    meant = set(words)
    for row in site.tables["roles"].to_pylist():
        begun, ended = row["valid_from"] is None or row["valid_from"] <= day, row["valid_to"] and row["valid_to"] <= day
        if row["role"] in words and row["organization_id"] in above and begun and not ended:
            meant.add(row["person_id"])
    found: dict[str, Row] = {}
    for row in site.tables["people"].to_pylist():
        known = found.get(row["person_id"])
        if row["person_id"] in meant and (known is None or not known["email"]):
            found[row["person_id"]] = row
    return found


def _put(outbox: Outbox, to: _To, name: str, alert: Row, said: Mapping[str, str]) -> bool:
    about = [alert["rule_id"], alert["subject"], alert["carrier"], to.person]
    key = json.dumps([*about, _told_at(outbox, to, name, about, alert)], ensure_ascii=False)
    body = json.dumps(said, ensure_ascii=False)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return outbox.put(Subject(to.channel.id, name, key), key, lambda _key, _revision: body, at)


def _told_at(outbox: Outbox, to: _To, name: str, about: Sequence[str | None], alert: Row) -> str:
    """Return the instant that a notice of this alert names: that of one that was queued within its life, or its own."""
    until = alert["closed_at"] or datetime.max.replace(tzinfo=UTC)
    for key in outbox.keys(to.channel.id, name):
        *known, at = json.loads(key)
        if known == about and alert["started_at"] <= datetime.fromisoformat(at) < until:
            return str(at)
    return str(alert["raised_at"].astimezone(UTC).isoformat())


def _said(language: str, name: str, alert: Row, rule: Row, site: Site) -> dict[str, str]:
    """Return title and body of a notice."""
    zone, words = ZoneInfo(site.settings.timezone), _WORDS[language]
    hours = rule["escalate_after_hours"]
    facts = {
        "severity": alert[f"severity_name_{language}"],
        "kind": alert[f"kind_name_{language}"],
        "subject": alert[f"subject_name_{language}"],
        "organization": alert[f"organization_name_{language}"],
        "message": alert[f"message_{language}"],
        "raised": f"{alert['raised_at'].astimezone(zone):%Y-%m-%d %H:%M}",
        "hours": "" if hours is None else f"{float(hours):g}",
        "rule_id": alert["rule_id"],
        "alert_id": alert["alert_id"],
    }
    closed = alert["closed_at"]
    facts["closed"] = words["closed"].format(at=f"{closed.astimezone(zone):%Y-%m-%d %H:%M}") if closed else ""
    return {"title": words[name].format(**facts), "body": words["body"].format(**facts)}
