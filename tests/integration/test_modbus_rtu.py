"""RTU frames over TCP, as serial servers pass them through: read, and refused where the check sum is wrong."""

import struct
import time
from pathlib import Path

import pytest

from lake.store import Lake
from tests.integration import serial_server
from tests.integration.until import collected_until, reasons, values
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration


def crc(frame: bytes) -> bytes:
    """CRC-16/MODBUS, bit by bit, low byte first."""
    found = 0xFFFF
    for byte in frame:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return struct.pack("<H", found)


def test_a_meter_behind_a_serial_server_is_read(tmp_path: Path) -> None:
    assert crc(b"123456789") == b"\x37\x4b"
    assert crc(bytes.fromhex("010300000002")) == bytes.fromhex("c40b")
    asked: list[bytes] = []

    def answer(request: bytes) -> list[bytes]:
        asked.append(request)
        device, function, start, count = struct.unpack(">BBHH", request[:6])
        if device == 1 and start == 10:
            body = bytes([1, function, 4]) + struct.pack(">I", 12345678)
            return [(body + crc(body))[:3], (body + crc(body))[3:]]
        if device == 1 and start == 97:
            body = bytes([1, function | 0x80, 2])
            return [body + crc(body)]
        body = bytes([device, function, 2 * count]) + b"\x00" * 2 * count
        return [body + bytes([crc(body)[0] ^ 1, crc(body)[1]])]

    addresses: dict[str, str | None] = {
        "energy": "1:acrel_adl400:forward_active_energy",
        "hole": "1:acrel_adl400:voltage_a",
        "damaged": "2:acrel_adl400:frequency",
    }
    lake = Lake(str(tmp_path / "lake"))
    with serial_server.serving(answer) as port:
        source = {"kind": "modbus", "framing": "rtu", "url": f"tcp://127.0.0.1:{port}", "poll_seconds": 0.2}
        made = site(
            tmp_path, {"meter": source | {"timeout_seconds": 0.3, "batch_seconds": 0.2}}, points_table(addresses)
        )
        wanted = {
            "1:acrel_adl400:voltage_a: the device answers exception 2 (illegal data address)",
            "2:acrel_adl400:frequency: the device does not answer",
        }
        collected = collected_until(lake, made, lambda: bool(values(lake)) and reasons(lake) >= wanted)
    assert asked[0] == bytes.fromhex("0103000a0002e409")
    assert values(lake) == {"energy": {"123456.78"}}
    assert reasons(lake) == wanted
    assert set(collected.reasons) == {"protocol_error"}


def _told(request: bytes) -> bytes:
    """Answer with the number of the register."""
    device, function, start, _ = struct.unpack(">BBHH", request)
    body = bytes([device, function, 2]) + struct.pack(">H", start)
    return body + crc(body)


def test_a_late_answer_is_not_taken_for_that_to_the_next_question(tmp_path: Path) -> None:
    """The first answer comes after its time limit; then every answer would be that to the question before."""
    late = {"the first"}

    def answer(requests: bytes) -> list[bytes]:
        if late:
            late.clear()
            time.sleep(1.5)
        return [_told(requests[place : place + 6]) for place in range(0, len(requests), 8)]

    lake = Lake(str(tmp_path / "lake"))
    addresses: dict[str, str | None] = {f"r{start}": f"1:3:{start}:uint16" for start in (10, 20, 30)}
    with serial_server.serving(answer) as port:
        source = {"kind": "modbus", "framing": "rtu", "url": f"tcp://127.0.0.1:{port}", "poll_seconds": 0.2}
        made = site(tmp_path, {"meter": source | {"timeout_seconds": 1, "batch_seconds": 0.2}}, points_table(addresses))
        collected_until(lake, made, lambda: len(values(lake)) == 3)
    assert values(lake) == {f"r{start}": {str(start)} for start in (10, 20, 30)}
