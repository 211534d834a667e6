"""Our DL/T 645 client against a server that we did not write, and against a line that misbehaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import collector, dlt645
from ingestion.collector import Until
from lake.site.load import Site
from lake.store import Lake
from tests.integration import peers, serial_server
from tests.integration.until import collected_until, reasons, values
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration
library = peers.library("dlt645")
METER = "123456781012"
PUBLISHED = "000000000001"


def meters(folder: Path, port: int, addresses: dict[str, str | None]) -> tuple[Lake, Site]:
    source = {"kind": "dlt645", "url": f"tcp://127.0.0.1:{port}", "poll_seconds": 0.2, "timeout_seconds": 0.3}
    made = site(folder, {"meter": source | {"batch_seconds": 0.2}}, points_table(addresses))
    return Lake(str(folder / "lake")), made


@pytest.fixture
def port() -> Iterator[int]:
    found = peers.free_port()
    server = library.MeterServerService.new_tcp_server("127.0.0.1", found, 60)
    server.set_address(bytes.fromhex(METER)[::-1])
    server.set_00(0x00010000, 123456.78)
    server.set_00(0x00010200, 42.5)
    server.set_02(0x02010100, 220.5)
    server.set_02(0x02020100, -5.123)
    server.set_02(0x02030000, 79.5)
    server.start()
    peers.wait_for(found, 60)
    yield found
    server.stop()


def test_an_independent_meter_is_read(port: int, tmp_path: Path) -> None:
    names = {"total": "00010000", "peak": "00010200", "u": "02010100", "i": "02020100", "p": "02030000"}
    lake, made = meters(tmp_path, port, {name: f"{METER}:{identity}" for name, identity in names.items()})
    collected_until(lake, made, lambda: len(values(lake)) == len(names))
    assert values(lake) == {"total": {"123456.78"}, "peak": {"42.5"}, "u": {"220.5"}, "i": {"-5.123"}, "p": {"79.5"}}


def test_a_line_that_misbehaves_loses_nothing_and_lies_about_nothing(tmp_path: Path) -> None:
    right = dlt645.frame(PUBLISHED, 0x91, bytes.fromhex("0000010078563412"))
    wrong = right[:12] + bytes([right[12] ^ 1]) + right[13:]
    other = dlt645.frame("000000000002", 0x91, bytes.fromhex("0000010099999999"))
    refusal = bytes.fromhex("68010000000000" + "68D10136D916")
    answers = [[right[:5], right[5:]], [wrong], [wrong], [other + b"\xfe" + right], None]
    turn = iter([*answers, [b"\x68\x00" + right], [], [], [refusal]] * 50)

    def answer(asked: bytes) -> list[bytes] | None:
        return next(turn, [right]) if b"\x01" in asked[4:6] else []

    with serial_server.serving(answer) as port:
        points = {"total": f"{PUBLISHED}:00010000", "silent": "000000000009:00010000"}
        lake, made = meters(tmp_path, port, points)
        told = ("no such data", "000000000009:00010000: the meter does not answer", "no answer to the question")
        collected = collected_until(
            lake, made, lambda: bool(values(lake)) and all(any(text in one for one in reasons(lake)) for text in told)
        )
    assert values(lake) == {"total": {"123456.78"}}
    assert set(collected.reasons) == {"protocol_error"}


def test_no_serial_server_is_said_in_one_sentence(tmp_path: Path) -> None:
    lake, made = meters(tmp_path, peers.free_port(), {"total": f"{PUBLISHED}:00010000"})
    collected = collector.collect(lake, made, Until(total_seconds=2))["meter"]
    assert "the serial server 127.0.0.1" in (collected.away or "")
