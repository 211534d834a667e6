"""What a peer makes a decoder stumble over costs itself: not its source, and no other arrival."""

import struct
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingestion import collector
from ingestion.collector import Until
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
        rows = [
            {
                "point_id": "p", "reading_at": AT.replace(hour=one.number), "value": Decimal(one.number), "unit": "kWh",
                "status": "good", "position": place,
            }
            for place, one in enumerate(arrivals)
        ]  # fmt: skip
        text = "".join(one.record() for one in arrivals).encode()
        return Batch(
            "meter", "line", text, ".jsonl", AT, pa.Table.from_pylist(rows, READING), REFUSED.empty_table(), decimals=3
        )

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
