"""What a peer makes a decoder stumble over costs itself: not its source, and no other arrival."""

import struct
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingestion import collector
from ingestion.collector import Until
from ingestion.health import Board
from ingestion.source import Context
from lake.batch import Batch
from lake.schemas import READING, REFUSED
from lake.store import Lake
from lake.tablerows import read
from tests.unit.ingestion.made import points_table, site

AT = datetime(2026, 1, 1, tzinfo=UTC)


class _Arrival:
    def __init__(self, number: int) -> None:
        self.number, self.size_bytes = number, 100

    def record(self) -> str:
        return f'{{"number": {self.number}}}'


def _batch(arrivals: Sequence[_Arrival]) -> Batch:
    rows = [
        {
            "point_id": "p", "reading_at": AT + timedelta(seconds=one.number), "value": Decimal(one.number),
            "unit": "kWh", "status": "good", "position": place,
        }
        for place, one in enumerate(arrivals)
    ]  # fmt: skip
    text = "".join(one.record() for one in arrivals).encode()
    return Batch(
        "meter", "line", text, ".jsonl", AT, pa.Table.from_pylist(rows, READING), REFUSED.empty_table(), decimals=3
    )


class _Stumbling:
    """Fails when it listens for the first time, and over the second of its arrivals."""

    batch_size, batch_seconds, is_held_back = 10, 0.2, False
    listened, acknowledged = 0, list[int]()

    def __init__(self, context: Context) -> None:
        self._context = context

    def listen(self, deliver: Callable[[Any], None], say: Callable[[str | None], None], stop: threading.Event) -> None:
        type(self).listened += 1
        if self.listened == 1:
            raise struct.error("unpack requires a buffer of 4 bytes")
        for number in range(3):
            deliver(_Arrival(number))
        stop.wait()

    def batch(self, arrivals: Sequence[_Arrival]) -> Batch:
        if any(one.number == 1 for one in arrivals):
            raise UnicodeEncodeError("utf-8", "\ud868", 0, 1, "surrogates not allowed")
        return _batch(arrivals)

    def acknowledge(self, arrivals: Sequence[_Arrival]) -> None:
        type(self).acknowledged += [one.number for one in arrivals]

    def close(self) -> None:
        pass


def test_an_arrival_that_nothing_understands_is_quarantined_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(collector.CONNECTORS, "stumbling", _Stumbling)  # type: ignore[arg-type]
    monkeypatch.setattr(collector, "_AGAIN", 0.01)
    lake, until = Lake(str(tmp_path / "lake")), Until(total_seconds=90)
    made = site(tmp_path, {"meter": {"kind": "stumbling", "decimals": 3}}, points_table({"p": None}))

    def seen(_: object) -> None:
        path = lake.path("raw", "meter__reading")
        if lake.exists("raw", "meter__reading") and read(path).num_rows == 2:
            until.event.set()

    found = collector.collect(lake, made, until, seen)["meter"]
    assert (found.rows_landed, found.rows_refused, dict(found.reasons)) == (2, 1, {"bad_payload": 1})
    assert sorted(_Stumbling.acknowledged) == [0, 1, 2]
    assert _Stumbling.listened == 2
    (refused,) = read(lake.path("quarantine", "meter__reading")).to_pylist()
    assert refused["payload"] == '{"number": 1}'
    assert refused["reason"].startswith("cannot be read: UnicodeEncodeError")


class _Flood:
    """Delivers as fast as it may, and knows what was acknowledged."""

    batch_size, batch_seconds, is_held_back = 50, 0.05, False
    delivered, acknowledged, most = 0, list[int](), 600

    def __init__(self, context: Context) -> None:
        self._context = context

    def listen(self, deliver: Callable[[Any], None], say: Callable[[str | None], None], stop: threading.Event) -> None:
        say(None)
        while not stop.is_set() and self.delivered < self.most:
            deliver(_Arrival(self.delivered))
            type(self).delivered += 1
        stop.wait()

    def batch(self, arrivals: Sequence[_Arrival]) -> Batch:
        return _batch(arrivals)

    def acknowledge(self, arrivals: Sequence[_Arrival]) -> None:
        type(self).acknowledged += [one.number for one in arrivals]

    def close(self) -> None:
        pass


def test_a_lake_that_cannot_be_written_is_waited_for_in_bounded_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(collector.CONNECTORS, "flood", _Flood)  # type: ignore[arg-type]
    monkeypatch.setattr(collector, "_INBOX_BYTES", 10_000)  # a hundred arrivals
    monkeypatch.setattr(collector, "_WRITE_AGAIN", (0.05, 0.1))
    lake, until, boards = Lake(str(tmp_path / "lake")), Until(total_seconds=90), list[Board]()
    payloads = lake.root / "payloads"
    lake.root.mkdir()
    payloads.write_text("no folder, so that nothing can be written to it")
    made = site(tmp_path, {"meter": {"kind": "flood", "decimals": 3}}, points_table({"p": None}))
    thread = threading.Thread(target=collector.collect, args=(lake, made, until, None, boards.append))
    thread.start()
    try:
        _until(lambda: bool(boards) and boards[0].facts()["sources"][0]["state"] == "held_up")
        _until(lambda: _Flood.delivered >= 100)
        time.sleep(0.3)
        (facts,) = boards[0].facts()["sources"]
        assert "the lake cannot be written" in facts["reason"]
        assert _Flood.acknowledged == []
        assert _Flood.delivered <= 100 + _Flood.batch_size + 1
        assert facts["backlog_count"] <= 101
        payloads.unlink()
        _until(lambda: len(_Flood.acknowledged) == _Flood.most)
        assert boards[0].facts()["sources"][0]["state"] == "well"
    finally:
        until.event.set()
        thread.join(90)
    assert _Flood.acknowledged == list(range(_Flood.most))
    values = [int(row["value"]) for row in read(lake.path("raw", "meter__reading")).to_pylist()]
    assert sorted(values) == list(range(_Flood.most))


def test_what_could_not_be_kept_at_the_end_is_said_and_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(collector.CONNECTORS, "flood", _Flood)  # type: ignore[arg-type]
    for name, value in {"delivered": 0, "acknowledged": [], "most": 30}.items():
        monkeypatch.setattr(_Flood, name, value)
    lake, until = Lake(str(tmp_path / "lake")), Until(total_seconds=90)
    lake.root.mkdir()
    (lake.root / "payloads").write_text("no folder")
    made = site(tmp_path, {"meter": {"kind": "flood", "decimals": 3}}, points_table({"p": None}))

    def watch(board: Board) -> None:
        def end() -> None:
            _until(lambda: _Flood.delivered == 30 and board.facts()["sources"][0]["state"] == "held_up")
            until.event.set()

        threading.Thread(target=end).start()

    found = collector.collect(lake, made, until, None, watch)["meter"]
    assert found.away == "source meter: 30 arrivals were not kept, because the lake could not be written"
    assert _Flood.acknowledged == []


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 80
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
