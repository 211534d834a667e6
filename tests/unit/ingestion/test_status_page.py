"""The status page: both languages, what is away and why, nothing of a peer's words taken for markup, read only."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from ingestion import status_page
from ingestion.health import Board


class _Arrival:
    device_clock = ("3", 75.0)


def test_the_page_shows_what_is_away_and_escapes_what_a_peer_said(tmp_path: Path) -> None:
    board = Board(tmp_path, {"meters": "modbus", "gateway": "mqtt", "stacks": "hj212"})
    board.sources["meters"].say("the gateway <b>10.0.0.7</b> does not answer")
    board.sources["gateway"].arrived(_Arrival())
    board.sources["stacks"].hold_up("the lake cannot be written (No space left on device)")
    with status_page.served(board.facts, 0) as address:
        with urlopen(address, timeout=60) as answer:
            page = answer.read().decode()
        with urlopen(f"{address}/status.json", timeout=60) as answer:
            found = json.load(answer)
        for wrong in (Request(f"{address}/../etc"), Request(address, data=b"x", method="POST")):
            with pytest.raises(HTTPError):
                urlopen(wrong, timeout=60)
    assert "the gateway &lt;b&gt;10.0.0.7&lt;/b&gt; does not answer" in page
    assert "<b>10" not in page
    assert all(word in page for word in ("采集状态", "异常", "away", "正常", "湖不可写", "No space left", "+75.0 (3)"))
    assert [one["state"] for one in found["sources"]] == ["away", "well", "held_up"]
