"""CJ/T 188 frames and values against replies that others published."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import bcd, cjt188
from ingestion.cjt188 import Cjt188
from ingestion.meter_bus import Question, Value
from lake.errors import SourceShapeError

FILE = Path(__file__).resolve().parents[2] / "fixtures/telegrams/cjt188.txt"
PUBLISHED = [line.split("\t") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
WATER, HEAT = "10:78330011223344", "20:42590008210438"
READING = bytes.fromhex("901F00" + "776655002C" + "776655002C" + "31012211051520" + "2184")


def question(meter: str = WATER) -> Question:
    (asked,) = Cjt188({}).questions([f"{meter}:volume"])
    return asked


def reply(data: bytes = READING, meter: str = WATER, control: int = 0x81) -> bytes:
    kind, _, address = meter.partition(":")
    return cjt188.frame(kind, address, control, data)


def values(answer: bytes, meter: str = WATER, **units: str) -> dict[str, Value]:
    dialect = Cjt188({f"{meter}:{name}": unit for name, unit in units.items()})
    return {value.address.removeprefix(f"{meter}:"): value for value in dialect.values(question(meter), answer)}


@pytest.mark.parametrize(("verdict", "meter", "told", "frame"), PUBLISHED)
def test_published_replies(verdict: str, meter: str, told: str, frame: str) -> None:
    dialect = Cjt188({}, [meter.partition(":")[2]] if verdict == "unit_first" else [])
    answer = dialect.answer(question(meter), b"\x68\x10" + bytes.fromhex(frame) + b"RO")
    if verdict == "bad":
        assert answer is None
        return
    assert answer is not None
    found = {value.address.rpartition(":")[2]: value.text for value in dialect.values(question(meter), answer)}
    assert found == {
        name: None if text == "None" else text for name, text in (one.split("=") for one in told.split(","))
    }


def test_there_are_published_replies_of_every_kind() -> None:
    assert len(PUBLISHED) >= 24
    assert sum(verdict == "bad" for verdict, *_ in PUBLISHED) >= 4
    assert {meter[0] for _, meter, *_ in PUBLISHED} == {"1", "2"}
    assert any(verdict == "unit_first" for verdict, *_ in PUBLISHED)


def test_a_heat_meter_that_puts_the_unit_first() -> None:
    _, meter, _, frame = next(row for row in PUBLISHED if row[0] == "unit_first")
    wrong = values(bytes.fromhex(frame), meter)
    assert wrong["heat"].text is None
    assert "belongs in `unit_first`" in wrong["heat"].reason
    assert (wrong["supply_temperature"].text, wrong["return_temperature"].text) == ("19.03", "19.10")


def test_the_question_is_the_published_one() -> None:
    assert question("10:00000805000001").frame.hex() == "fefefe681001000005080000" + "0103901f00" + "3916"


def test_the_unit_of_the_meter_must_be_that_of_the_point() -> None:
    assert values(reply(), volume="m3", settled_volume="L")["volume"] == Value(f"{WATER}:volume", "5566.77")
    assert values(reply(), volume="m3_20c")["volume"].text == "5566.77"
    wrong = values(reply(), volume="L")["volume"]
    assert wrong.text is None
    assert "counts in m3, the point in L" in wrong.reason


def test_a_weak_battery_is_told() -> None:
    assert values(reply())["volume"].status == "good"
    assert values(reply(READING[:-2] + b"\x04\x00"))["volume"].status == "battery_low"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(b"\x90\x1f\x00" + b"\xff" * 19), "has no value (FF)"),
        (reply(b"\x90\x1f\x00" + b"\x7a" + READING[4:]), "are not digits"),
        (reply(READING[:-1]), "18 bytes of type 10 are no reply of such a meter"),
        (reply(b"\x90\x1f\x00" + b"\x77\x66\x55\x00\x05" + READING[8:]), "05 is no unit of this quantity"),
    ],
)
def test_what_is_no_number_is_refused(answer: bytes, reason: str) -> None:
    assert Cjt188({}).answer(question(), answer) == answer
    assert any(value.text is None and reason in value.reason for value in values(answer).values())


def test_a_refusal_and_another_meters_reply() -> None:
    answer = reply(b"\x00\x02\x00", control=0xC1)
    assert Cjt188({}).answer(question(), answer) == answer
    (found,) = values(answer).values()
    assert (found.text, found.code) == (None, "protocol_error")
    assert Cjt188({}).answer(question(), reply(meter="10:78330011223345")) is None
    assert Cjt188({}).answer(question(), reply(b"\xd1\x20" + READING[2:])) is None


@pytest.mark.parametrize("address", ["10:1:volume", "10:78330011223344:heat", "40:78330011223344:volume", "volume"])
def test_an_address_that_cannot_be_asked_is_a_fault(address: str) -> None:
    with pytest.raises(SourceShapeError, match="cjt188 address"):
        Cjt188({}).questions([address])


@given(
    meter=st.from_regex("[0-9]{14}", fullmatch=True), digits=st.from_regex("[0-9]{8}", fullmatch=True), data=st.data()
)
def test_every_register_comes_back_however_the_line_cuts_it(meter: str, digits: str, data: st.DataObject) -> None:
    name = f"10:{meter}"
    sent = reply(b"\x90\x1f\x00" + bcd.encoded(digits) + READING[7:], name)
    sent = b"\xfe" * data.draw(st.integers(0, 4)) + sent
    assert Cjt188({}).answer(question(name), sent[: data.draw(st.integers(0, len(sent) - 1))]) is None
    answer = Cjt188({}).answer(question(name), sent)
    assert answer is not None
    text = values(answer, name)["volume"].text
    assert text is not None
    assert text.replace(".", "").zfill(8) == digits
