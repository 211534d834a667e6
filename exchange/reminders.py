"""Who of the suppliers is reminded of what, in his language: an answer soon due, one overdue, one that ran out.

A reminder goes by the channels of notices.yaml that say `suppliers: true`, once for each occasion, and again every
thirty days while an answer is overdue. The link itself is not in it: its word is kept nowhere.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from exchange.outbox import Outbox, Subject
from lake.site.load import ChannelSpec, Site
from lake.site.notices import EMAIL

Row = Mapping[str, Any]
DUE, OVERDUE, EXPIRED = "supplier_due", "supplier_overdue", "supplier_expired"
_BEFORE, _AGAIN_DAYS = timedelta(days=7), 30
_WORDS = {
    "zh": {
        DUE: ("产品碳足迹问卷将于 {day} 到期", "请在 {day} 前答复：{materials}。"),
        OVERDUE: (
            "产品碳足迹问卷已逾期（{day}）",
            "以下物料的碳足迹尚未收到：{materials}。在收到之前，将按次级数据加成计算。",
        ),
        EXPIRED: ("产品碳足迹数据已过期（{day}）", "以下物料的碳足迹已过有效期，请提供新的数据：{materials}。"),
        "body": "{contact}：\n您好！{said}\n请用此前发给贵方的链接填写；链接丢失或失效的，请向我方索取。\n{buyer}",
    },
    "en": {
        DUE: ("Product footprint questionnaire due on {day}", "Please answer by {day}: {materials}."),
        OVERDUE: (
            "Product footprint questionnaire overdue since {day}",
            "We have no footprint yet of: {materials}. Until it comes we reckon with literature values and a penalty.",
        ),
        EXPIRED: ("Product footprint data ran out on {day}", "Please send new data of: {materials}."),
        "body": "Dear {contact},\n{said}\nPlease use the link that you were sent; if it is lost or over, ask us for a "
        "new one.\n{buyer}",
    },
}


def queue(outbox: Outbox, site: Site, rows: Sequence[Row]) -> dict[str, int]:
    """Put what is news of footprint.suppliers into the outbox; return how many for each channel."""
    channels = [channel for channel in site.channels.values() if channel.settings.get("suppliers")]
    added = {channel.id: 0 for channel in channels}
    suppliers = {row["supplier_id"]: row for row in site.tables["suppliers"].to_pylist()}
    occasions: dict[tuple[str, str, str, date, int], list[Row]] = {}
    for row in rows:
        for name, day, count in _occasions(row):
            occasions.setdefault((row["supplier_id"], row["organization_id"], name, day, count), []).append(row)
    for (supplier_id, organization, name, day, count), found in occasions.items():
        supplier = suppliers.get(supplier_id)
        if supplier is None or supplier["email"] is None:
            continue
        key = json.dumps([supplier_id, organization, day.isoformat(), count])
        for channel in channels:
            said = _said(supplier, name, day, found, supplier["language"] or site.settings.language)
            added[channel.id] += _put(outbox, channel, name, key, {"email": supplier["email"], **said})
    return added


def _occasions(row: Row) -> Iterator[tuple[str, date, int]]:
    """Yield what a supplier is reminded of, of which day, and the how manieth time."""
    as_of, due = row["as_of_on"], row["due_on"]
    if row["status"] == "asked" and due is not None and due - _BEFORE <= as_of:
        yield DUE, due, 0
    elif row["status"] == "overdue" and due is not None:
        yield OVERDUE, due, (as_of - due).days // _AGAIN_DAYS
    elif row["status"] == "expired" and row["valid_to"] is not None:
        yield EXPIRED, row["valid_to"], 0


def _said(supplier: Row, name: str, day: date, rows: Sequence[Row], language: str) -> dict[str, str]:
    """Return title and body of a reminder."""
    words = _WORDS[language]
    title, said = words[name]
    materials = sorted({str(row[f"material_name_{language}"]) for row in rows})
    facts = {
        "day": day.isoformat(),
        "materials": ("、" if language == "zh" else ", ").join(materials),
        "buyer": rows[0][f"organization_name_{language}"],
        "contact": supplier["contact"] or supplier[f"name_{language}"] or supplier["name_zh"],
    }
    body = str(words["body"]).format(said=said.format(**facts), **facts)
    return {"title": title.format(**facts), "body": body}


def _put(outbox: Outbox, channel: ChannelSpec, name: str, key: str, said: Mapping[str, str]) -> bool:
    if EMAIL not in str(channel.settings["url"]):  # a group of ours is no supplier
        return False
    body = json.dumps(said, ensure_ascii=False)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return outbox.put(Subject(channel.id, name, key), key, lambda _key, _revision: body, at)
