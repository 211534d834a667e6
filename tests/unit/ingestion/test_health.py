"""What is known of a source: outages, clocks, what became of arrivals; and what a later collector still knows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion import health
from ingestion.health import Board, Health
from lake.batch import Landed

AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class _Arrival:
    device_clock: tuple[str, float] | None = None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The present instant, which a test sets."""
    at = [AT]
    monkeypatch.setattr(health, "now", lambda: at[0])
    return at


def test_an_outage_has_a_beginning_an_end_and_its_last_reason(clock: list[datetime]) -> None:
    source = Health("meter", "modbus")
    assert source.facts()["state"] == "waiting"
    source.say(None)
    source.say("no answer")
    clock[0] += timedelta(seconds=30)
    source.say("connection refused")
    assert (source.facts()["state"], source.facts()["reason"]) == ("away", "connection refused")
    clock[0] += timedelta(seconds=30)
    source.say(None)
    source.arrived(_Arrival())
    facts = source.facts()
    ended = {
        "from_at": "2026-01-01T00:00:00.000+00:00",
        "to_at": "2026-01-01T00:01:00.000+00:00",
        "reason": "connection refused",
    }
    assert (facts["state"], facts["outages"], facts["reconnect_count"]) == ("well", [ended], 1)
    source.hold_up("no room")
    source.hold_up("still no room")
    assert (source.facts()["state"], source.facts()["reason"]) == ("held_up", "still no room")
    source.hold_up(None)
    assert [one["reason"] for one in source.facts()["outages"]] == ["connection refused", "still no room"]
    for _ in range(health.KEPT_OUTAGES + 5):
        source.say("gone")
        source.say(None)
    assert len(source.facts()["outages"]) == health.KEPT_OUTAGES


def test_the_clock_that_is_furthest_away_is_told_and_lateness_is_not_taken_for_it(clock: list[datetime]) -> None:
    source = Health("stacks", "hj212")
    for offset_s in (-9.0, -0.2, -40.0):
        source.arrived(_Arrival(("one", offset_s)))
    assert (source.facts()["clock_offset_s"], source.facts()["clock_is_wrong"]) == (-0.2, False)
    source.arrived(_Arrival(("two", 75.0)))
    facts = source.facts()
    assert (facts["clock_device"], facts["clock_offset_s"], facts["clock_is_wrong"]) == ("two", 75.0, True)
    clock[0] += timedelta(minutes=6)
    source.arrived(_Arrival(("two", 0.5)))  # it was set
    assert source.facts()["clock_is_wrong"] is False


def test_a_collector_that_follows_knows_the_outages_and_for_how_long_nobody_listened(
    tmp_path: Path, clock: list[datetime]
) -> None:
    first = Board(tmp_path, {"meter": "modbus", "gone": "mqtt"})
    first.sources["meter"].say("no answer")
    first.sources["meter"].landed(Landed("meter", "reading", "", "", 5, 3, 1, 1, 0, {"bad_value": 1}))
    clock[0] += timedelta(seconds=10)
    first.write()
    clock[0] += timedelta(seconds=50)
    second = Board(tmp_path, {"meter": "modbus", "new": "hj212"})
    found = {one["source"]: one for one in second.facts()["sources"]}
    away, missed = sorted(found["meter"]["outages"], key=lambda one: str(one["from_at"]))
    assert (away["from_at"][11:19], away["to_at"], away["reason"]) == ("00:00:00", None, "no answer")
    assert (missed["from_at"][11:19], missed["to_at"][11:19]) == ("00:00:10", "00:01:00")
    assert found["new"]["outages"] == []
    assert health.read(tmp_path)["sources"][0]["refused_count"] == 1
    (tmp_path / "collector.json").write_text("{")
    assert health.read(tmp_path) == {}
