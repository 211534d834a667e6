"""Decoders under damaged frames: no crash, no hang, no growth, and nothing accepted whose check sum does not hold."""

import json
import random
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.cjt188 import Cjt188
from ingestion.dlt645 import Dlt645
from ingestion.hj212 import Framer, Telegram
from ingestion.iec104 import FrameError, readings
from ingestion.iec104 import Framer as Framer104
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from ingestion.opcua_values import received
from ingestion.sparkplug import Host
from tests.fuzzing import mutated
from tests.unit.ingestion import fuzzed_modbus, fuzzed_tables

TELEGRAMS = Path(__file__).resolve().parents[2] / "fixtures/telegrams"
SHORT, LONG = 3_000, 1_000_000
MOST_KB = 10_000


def _published(name: str) -> list[bytes]:
    lines = (TELEGRAMS / name).read_text("utf-8").splitlines()
    return [line.split("\t")[1].encode() for line in lines if line.startswith("good")]


def _annex_a(segment: bytes) -> int:
    """The standard's own words, bit by bit, beside the table that the product uses."""
    crc = 0xFFFF
    for byte in segment:
        crc = crc >> 8 ^ byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def hj212(count: int) -> int:
    """Feed one connection with everything; return how many telegrams were accepted."""
    framer, accepted = Framer(lambda station: frozenset()), 0
    good = [text + b"\r\n" for text in _published("hj212.txt")]
    for number, frame in enumerate(mutated(good, count)):
        for found in framer.feed(frame):
            if isinstance(found, Telegram):
                accepted += 1
                segment, told = found.raw[6:-6], found.raw[-6:-2]
                assert found.raw[:6] == b"##%04d" % len(segment)
                assert told == b"%04X" % _annex_a(segment)
        assert len(framer._buffer) < 20_000
        if number % 100 == 0:
            list(framer.end())
    assert len(list(framer.feed(b"\r\n" + good[0]))) >= 1
    return accepted


def dlt645(count: int) -> int:
    """Take everything for an answer to each published question; return how often one was found."""
    lines = [line.split("\t") for line in (TELEGRAMS / "dlt645.txt").read_text("utf-8").splitlines() if line[0] != "#"]
    good = [(address, bytes.fromhex(frame)) for verdict, address, _, frame in lines if verdict == "good"]
    dialect, accepted = Dlt645(), 0
    questions = dialect.questions(sorted({address for address, _ in good}))
    for number, frame in enumerate(mutated([frame for _, frame in good], count)):
        question = questions[number % len(questions)]
        answer = dialect.answer(question, frame)
        if answer is not None:
            accepted += 1
            body = answer[:-2]
            assert answer in frame
            assert answer[-2:] == bytes([sum(body) % 256, 0x16])
            assert (body[0], body[7], body[9]) == (0x68, 0x68, len(body) - 10)
            assert body[6:0:-1].hex() == question.meter
            for value in dialect.values(question, answer):
                assert value.reason or Decimal(value.text or "") < 10**6
    return accepted


def cjt188(count: int) -> int:
    """Take everything for a reply to each published meter's question; return how often one was found."""
    lines = [line.split("\t") for line in (TELEGRAMS / "cjt188.txt").read_text("utf-8").splitlines() if line[0] != "#"]
    good = [(meter, bytes.fromhex(frame)) for verdict, meter, _, frame in lines if verdict != "bad"]
    dialect, accepted = Cjt188({}), 0
    questions = dialect.questions(sorted({f"{meter}:volume" for meter, _ in good}))
    for number, frame in enumerate(mutated([frame for _, frame in good], count)):
        question = questions[number % len(questions)]
        answer = dialect.answer(question, frame)
        if answer is not None:
            accepted += 1
            body = answer[:-2]
            assert answer in frame
            assert answer[-2:] == bytes([sum(body) % 256, 0x16])
            assert (body[0], body[10]) == (0x68, len(body) - 11)
            assert body[8:1:-1].hex() == question.meter
            for value in dialect.values(question, answer):
                assert value.reason or Decimal(value.text or "") < 10**6
    return accepted


def mapping(count: int) -> int:
    """Gather gateway messages; what is left out is left out whole, and a row has all its columns."""
    good = [
        b'{"device":"m01","ts":1700000000,"values":{"EP":123.40,"on":true,"gone":null}}',
        '{"device":"表1","ts":"2026-01-01 08:00:00","values":{"EP":"--","deep":{"a":[1,2]}}}'.encode(),
    ]
    compiled = JsonMapping({"device": "$.device", "time": "$.ts", "values": "$.values", "quality_good": [1]})
    accepted = 0
    for frame in mutated(good, count):
        columns = Columns()
        try:
            compiled.gather(0, Document(frame), columns)
        except DocumentError:
            assert columns.document == columns.address == columns.value == []
            continue
        table = compiled.table(columns)
        accepted += 1
        assert table.num_rows == len(columns.address) == len(columns.time)
        json.loads(frame)
    return accepted


def sparkplug(count: int) -> int:
    """Let a node say everything; what is taken is of a point, a number that fits, and of a node that lives."""
    lines = [
        line.split("\t") for line in (TELEGRAMS / "sparkplug.txt").read_text("utf-8").splitlines() if line[0] != "#"
    ]
    good = [bytes.fromhex(payload) for _, _, payload in lines]
    kinds = ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDATA", "DDATA", "DDEATH", "NDEATH")
    points = {"g/n:M", "g/n:Uptime", "g/n/d:M", "g/n/d:Energy", "g/n/d:Load"}
    host, at, accepted = Host(points, lambda group, node: None), datetime(2026, 1, 1, tzinfo=UTC), 0
    for number, frame in enumerate(mutated(good, count)):
        kind = kinds[number % len(kinds)]
        rows = host.take(f"spBv1.0/g/{kind}/n" + ("/d" if kind[0] == "D" else ""), frame, at)
        for row in rows:
            assert bool(row.reason) == bool(row.code)
            assert row.reason or row.address in points
        accepted += any(not row.reason for row in rows)
    return accepted


def opcua(count: int) -> int:
    """Put every value under every type, status and time; what is no number says so. The bytes are the library's."""
    from asyncua import ua

    rng, at, accepted = random.Random(1), datetime(2026, 1, 1, tzinfo=UTC), 0
    values = (None, 0, -5, 2**64, 0.1, float("nan"), float("inf"), True, "", "12.5", "表", b"\xff", [1, 2], [], at)
    kinds, times = list(ua.VariantType), (None, at, datetime(1601, 1, 1), datetime.max)  # noqa: DTZ001, DTZ901
    for _ in range(count):
        variant = ua.Variant(1, ua.VariantType.Int32)
        variant.Value, variant.VariantType = rng.choice(values), rng.choice(kinds)  # as a sender may lie
        code = rng.getrandbits(32) if rng.random() < 0.5 else rng.choice((0, 0x4090_0000, 0x8005_0000, 0x8005_0480))
        data = ua.DataValue(variant, ua.StatusCode(code), rng.choice(times), rng.choice(times))
        found = received("ns=1;s=a", data, at)
        assert (found.text is None) == bool(found.trouble)
        assert found.status.islower()
        assert found.status.startswith("bad") == bool(code >> 31)
        assert found.at.tzinfo is not None
        json.loads(found.record())
        accepted += not found.trouble
    return accepted


def iec104(count: int) -> int:
    """Feed one connection after the other; a frame is as long as it says, a value is of an object that was sent."""
    good = [
        bytes.fromhex("680e00000000" + "640107000700" + "00000014"),
        bytes.fromhex("681200000200" + "0d0103000700" + "010000" + "0000664300"),
        bytes.fromhex("681906000200" + "250103000700" + "010000" + "40e2010000" + "2a760f081f011a"),
        bytes.fromhex("680443000000"),
    ]
    accepted = 0
    for frame in mutated(good, count):
        try:
            for found in Framer104().feed(frame + good[1]):
                assert found.raw[0] == 0x68
                assert len(found.raw) == found.raw[1] + 2
                if found.sent is not None:
                    for one in readings(found.asdu):
                        accepted += 1
                        assert one.address.count(":") == 1
                        assert one.text is not None
                        assert bool(one.trouble) <= (one.at is None)
        except FrameError:
            continue
    return accepted


DECODERS: dict[str, Callable[[int], int]] = {
    "hj212": hj212,
    "dlt645": dlt645,
    "cjt188": cjt188,
    "mapping": mapping,
    "sparkplug": sparkplug,
    "opcua": opcua,
    "iec104": iec104,
    "modbus_tcp": fuzzed_modbus.tcp,
    "modbus_rtu": fuzzed_modbus.rtu,
    "csv": fuzzed_tables.csv_lines,
}
BOOKS, MANY_BOOKS = 60, 20_000


@pytest.mark.parametrize("name", DECODERS)
def test_damaged_frames_are_survived(name: str) -> None:
    assert DECODERS[name](SHORT) < SHORT


def test_damaged_workbooks_are_survived(tmp_path: Path) -> None:
    assert fuzzed_tables.workbooks(BOOKS, tmp_path) < BOOKS


@pytest.mark.soak
def test_many_thousand_damaged_workbooks_are_survived(tmp_path: Path) -> None:
    print(f"workbooks: {MANY_BOOKS}, {fuzzed_tables.workbooks(MANY_BOOKS, tmp_path)} accepted")  # noqa: T201


@pytest.mark.soak
@pytest.mark.parametrize("name", DECODERS)
def test_a_million_damaged_frames_are_survived(name: str) -> None:
    DECODERS[name](SHORT)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    accepted = DECODERS[name](LONG)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{name}: {LONG} frames, {accepted} accepted, memory +{grown_kb} kB")  # noqa: T201 - the figure of docs/proofs.md
    assert grown_kb < MOST_KB
