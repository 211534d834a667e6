"""A program of ours that is stuck, ends or babbles: killed, told apart, and what it had said counts."""

import threading
from pathlib import Path
from typing import Any

import pytest

from ingestion import child
from ingestion.opcua_values import Received, packed
from ingestion.source import now
from ingestion.sources import opcua
from tests.unit.ingestion.made import context

_TALKER = "tests.unit.ingestion.talker"


@pytest.mark.parametrize(
    ("then", "status", "told"),
    [
        ("end", 3, "it ended with status 3"),
        ("silence", 0, "it did nothing for 0.5 seconds"),
        ("babble", 0, "without end"),
    ],
)
def test_what_a_child_had_said_counts_however_it_ends(then: str, status: int, told: str) -> None:
    job, heard = {"lines": [{"n": 1}, {"n": 2}], "then": then, "status": status}, list[dict[str, Any]]()
    with pytest.raises(child.ChildEndedError, match=told):
        for line in child.lines(_TALKER, job, 0.5 if then == "silence" else 60, threading.Event()):
            heard.append(line)
    assert heard == [{"n": 1}, {"n": 2}]


def test_a_child_that_is_told_to_stop_says_its_last_word() -> None:
    stop, heard = threading.Event(), list[dict[str, Any]]()
    for line in child.lines(_TALKER, {"lines": [{"n": 1}], "then": "listen"}, 60, stop):
        heard.append(line)
        stop.set()
    assert heard == [{"n": 1}, {"last": "word"}]


def test_a_stuck_reader_is_killed_said_and_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Received("ns=2;s=a", "1.5", "Double", "good", None, now(), now())
    monkeypatch.setattr(opcua, "_PROGRAM", _TALKER)
    monkeypatch.setattr(opcua, "_SILENT_S", 0.3)
    monkeypatch.setattr(child, "_ENDING_S", 0.1)
    source = opcua.OpcUa(context(tmp_path, {"url": "opc.tcp://10.0.0.9", "security": "none"}, {"p": "ns=2;s=a"}))
    monkeypatch.setattr(source, "_job", {"lines": [{"say": None}, {"value": packed(one)}], "then": "silence"})
    stop, arrived, said = threading.Event(), list[Received](), list[str | None]()

    def deliver(item: Received) -> None:
        arrived.append(item)
        if len(arrived) == 2:
            stop.set()

    source.listen(deliver, said.append, stop)
    assert arrived == [one, one]
    assert said[0] is said[2] is None
    assert "source meter: the reader of opc.tcp://10.0.0.9 was ended (it did nothing for 0.3 seconds)" in str(said[1])
