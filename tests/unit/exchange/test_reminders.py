"""Reminders of suppliers: once for each occasion, in their language, by the channels that are for them."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exchange import reminders
from exchange.outbox import Outbox
from lake.site.load import ChannelSpec, Site, read_site

PARK = read_site("examples/reference_park", {})


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with closing(Outbox(tmp_path / "notices.sqlite")) as opened:
        yield opened


def site(**channels: dict[str, Any]) -> Site:
    return replace(PARK, channels={name: ChannelSpec(name, settings) for name, settings in channels.items()})


MAIL = {"url": "mailto://robot@mail.example?to={email}", "suppliers": True}


def row(status: str, as_of: str, **told: Any) -> dict[str, Any]:
    return {
        "supplier_id": "bearing_works", "organization_id": "machinery", "material": "bearing_set", "status": status,
        "material_name_zh": "轴承组件", "material_name_en": "Bearing set", "organization_name_zh": "装备",
        "organization_name_en": "Machine Works", "due_on": date(2025, 4, 30), "valid_to": None,
        "as_of_on": date.fromisoformat(as_of), **told,
    }  # fmt: skip


def bodies(outbox: Outbox, channel: str = "mail") -> list[dict[str, str]]:
    return [json.loads(message.body) for message in outbox.due(channel, 1e12)]


@pytest.mark.parametrize(
    ("rows", "titles"),
    [
        ([row("asked", "2025-04-22")], []),
        ([row("asked", "2025-04-23"), row("asked", "2025-04-29")], ["questionnaire due on 2025-04-30"]),
        ([row("overdue", "2025-05-01"), row("overdue", "2025-05-29")], ["overdue since 2025-04-30"]),
        ([row("overdue", "2025-05-29"), row("overdue", "2025-05-30")], ["overdue since", "overdue since"]),
        ([row("expired", "2025-08-01", valid_to=date(2025, 7, 1))], ["ran out on 2025-07-01"]),
        ([row(status, "2025-08-01") for status in ("answered", "not_asked", "rejected")], []),
    ],
)
def test_each_occasion_is_told_once(outbox: Outbox, rows: list[dict[str, Any]], titles: list[str]) -> None:
    for one in rows * 2:
        reminders.queue(outbox, site(mail=MAIL), [one])
    found = bodies(outbox)
    assert len(found) == len(titles)
    for body, title in zip(found, titles, strict=True):
        assert title in body["title"], body
        assert (body["email"], "Bearing set" in body["body"]) == ("pcf@example-bearings.example", True)


def test_one_letter_names_every_material_and_speaks_the_supplier_s_language(outbox: Outbox) -> None:
    told = {"supplier_id": "coal_mine", "organization_id": "cement"}
    rows = [row("overdue", "2025-05-01", **told), row("overdue", "2025-05-01", **told, material_name_zh="烟煤")]
    assert reminders.queue(outbox, site(mail=MAIL), rows) == {"mail": 1}
    (body,) = bodies(outbox)
    assert "李工" in body["body"]
    assert "烟煤、轴承组件" in body["body"] or "轴承组件、烟煤" in body["body"]


def test_no_other_channel_and_no_group_is_told(outbox: Outbox) -> None:
    group = {"url": "json://chat.example/robot", "suppliers": True}
    own = {"url": "mailto://robot@mail.example?to={email}"}
    assert reminders.queue(outbox, site(group=group, own=own), [row("overdue", "2025-05-01")]) == {"group": 0}
    assert bodies(outbox, "group") == bodies(outbox, "own") == []
