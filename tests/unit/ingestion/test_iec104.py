"""IEC 60870-5-104 frames, byte by byte."""

from datetime import datetime

import pytest

from ingestion import iec104
from ingestion.iec104 import FrameError, Framer, Reading

AT = datetime(2026, 1, 31, 8, 15, 30, 250000)  # noqa: DTZ001 - the station's wall clock
TIME = (30_250).to_bytes(2, "little") + bytes([15, 8, 31, 1, 26])


def _asdu(kind: int, *objects: bytes, cause: int = 3, in_a_row: bool = False) -> bytes:
    return bytes([kind, len(objects) | (0x80 if in_a_row else 0), cause, 0, 7, 0]) + b"".join(objects)


@pytest.mark.parametrize(
    ("kind", "element", "text", "status", "at"),
    [
        (1, "01", "1", "good", None),
        (9, "00c000", "-0.5", "good", None),
        (11, "2efb80", "-1234", "bad_invalid", None),
        (13, "0000664300", "230.0", "good", None),
        (13, "cdcccc3d01", "0.1", "over_range", None),
        (13, "cdcccc3d40", "0.1", "bad_not_topical", None),
        (15, "40e2010000", "123456", "good", None),
        (15, "40e2010080", "123456", "bad_invalid", None),
        (37, "ffffffff40", "-1", "adjusted", AT),
        (36, "cdcccc3d20", "0.1", "substituted", AT),
        (35, "010010", "1", "blocked", AT),
    ],
)
def test_values_quality_and_time(kind: int, element: str, text: str, status: str, at: datetime | None) -> None:
    raw = bytes([0xA1, 0x0F, 0]) + bytes.fromhex(element) + (TIME if at else b"")
    assert list(iec104.readings(_asdu(kind, raw))) == [Reading("7:4001", text, status, at)]


def test_objects_in_a_row_share_one_address() -> None:
    found = iec104.readings(_asdu(11, bytes([1, 0, 0]) + b"\x05\x00\x00", b"\x06\x00\x00", in_a_row=True))
    assert [(one.address, one.text) for one in found] == [("7:1", "5"), ("7:2", "6")]


def test_a_clock_that_the_station_mistrusts_gives_no_time() -> None:
    raw = bytes([1, 0, 0]) + b"\x05\x00\x00" + TIME[:2] + bytes([TIME[2] | 0x80]) + TIME[3:]
    (found,) = iec104.readings(_asdu(35, raw))
    assert (found.at, found.trouble) == (None, "the station says that its clock is wrong")
    (none,) = iec104.readings(_asdu(35, bytes([1, 0, 0]) + b"\x05\x00\x00" + bytes([0, 0, 0, 0, 31, 2, 26])))
    assert "is no time" in none.trouble


def test_other_types_and_tests_are_passed_over_and_wrong_lengths_refused() -> None:
    assert list(iec104.readings(_asdu(100, bytes([0, 0, 0, 20])))) == []
    assert list(iec104.readings(_asdu(11, bytes([1, 0, 0, 5, 0, 0]), cause=0x83))) == []
    with pytest.raises(FrameError, match="does not have 5 bytes"):
        list(iec104.readings(_asdu(11, bytes([1, 0, 0, 5, 0]))))


def test_frames_come_in_any_pieces() -> None:
    stream = iec104.questions(7, 3, 5, counters=False) + iec104.unnumbered(iec104.TESTFR_ACT) + iec104.supervisory(5)
    assert stream.hex() == "680e06000a00" + "640106000700" + "00000014" + "680443000000" + "680401000a00"
    framer = Framer()
    found = [frame for byte in stream for frame in framer.feed(bytes([byte]))]
    assert [(frame.sent, frame.function) for frame in found] == [(3, None), (None, 0x43), (None, None)]
    with pytest.raises(FrameError, match="begins no frame"):
        list(framer.feed(b"\x68\x03\x00"))
