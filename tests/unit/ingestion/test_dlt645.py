"""DL/T 645 frames and values against answers that others published."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import bcd, dlt645
from ingestion.dlt645 import Dlt645
from ingestion.meter_bus import Question, Value
from lake.errors import SourceShapeError

FILE = Path(__file__).resolve().parents[2] / "fixtures/telegrams/dlt645.txt"
PUBLISHED = [line.split("\t") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
METER, FORWARD = "000000000001", "000000000001:00010000"


def question(address: str = FORWARD) -> Question:
    (asked,) = Dlt645().questions([address])
    return asked


def value(address: str, answer: bytes) -> Value:
    (found,) = Dlt645().values(question(address), answer)
    return found


def reply(data: str, address: str = FORWARD, control: int = 0x91) -> bytes:
    meter, _, identity = address.partition(":")
    return dlt645.frame(meter, control, bytes.fromhex(identity)[::-1] + bytes.fromhex(data)[::-1])


@pytest.mark.parametrize(("verdict", "address", "text", "frame"), PUBLISHED)
def test_published_answers(verdict: str, address: str, text: str, frame: str) -> None:
    answer = Dlt645().answer(question(address), b"\xfe\x68" + bytes.fromhex(frame) + b"\xfe")
    if verdict == "bad":
        assert answer is None
        return
    assert answer is not None
    assert value(address, answer) == Value(address, text)


def test_there_are_published_answers_of_both_editions_and_verdicts() -> None:
    assert sum(verdict == "good" for verdict, *_ in PUBLISHED) >= 10
    assert sum(verdict == "bad" for verdict, *_ in PUBLISHED) == 2
    assert {len(address) for _, address, *_ in PUBLISHED} == {17, 21}


def test_the_question_is_the_published_one() -> None:
    assert question().frame.hex() == "fefefefe" + "68010000000000681104" + "33333433" + "b316"
    assert question("000000000414:9010").frame.hex() == "fefefefe" + "6814040000000068" + "010243c3" + "f116"


def test_a_refusal_says_why() -> None:
    answer = Dlt645().answer(question(), bytes.fromhex("68010000000000 68D10136D916".replace(" ", "")))
    assert answer is not None
    found = value(FORWARD, answer)
    assert (found.text, found.code) == (None, "protocol_error")
    assert "another error, it has no such data" in found.reason


@pytest.mark.parametrize(
    "received",
    [
        reply("12345678", "000000000002:00010000"),
        reply("12345678", "000000000001:00020000"),
        reply("12345678", control=0x11),
        reply("12345678")[:-1],
        b"",
    ],
    ids=["another meter", "another question", "an echo", "cut", "nothing"],
)
def test_what_does_not_answer_is_not_taken_for_an_answer(received: bytes) -> None:
    assert Dlt645().answer(question(), received) is None
    late = reply("00000001", "000000000001:00020000")
    assert Dlt645().answer(question(), late + received + reply("00000042")) == reply("00000042")


@pytest.mark.parametrize(
    ("address", "data", "text"),
    [
        ("000000000001:02010100", "2205", "220.5"),
        ("000000000001:02020100", "805123", "-5.123"),
        ("000000000001:02030000", "012345", "1.2345"),
        ("000000000001:02030100", "812345", "-1.2345"),
        ("000000000001:02060000", "8987", "-0.987"),
        ("000000000001:02800002", "4998", "49.98"),
        ("000000000001:00000000", "80000100", "-1.00"),
        ("000000000001:00010000", "99999999", "999999.99"),
        ("000000000001:00010401", "00000000", "0.00"),
        ("000000000001:01010000", "2511220830" + "123456", "12.3456"),
    ],
)
def test_formats_of_the_standard(address: str, data: str, text: str) -> None:
    assert value(address, reply(data, address)).text == text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply("FFFFFFFF"), "has no value (FF)"),
        (reply("1234567A"), "are not digits"),
        (reply("345678"), "3 bytes are not one value"),
        (reply("12345678", control=0xB1), "not one value"),
    ],
)
def test_what_is_no_number_is_refused(answer: bytes, reason: str) -> None:
    assert Dlt645().answer(question(), answer) == answer
    found = value(FORWARD, answer)
    assert (found.text, found.code) == (None, "bad_value")
    assert reason in found.reason


@pytest.mark.parametrize("address", ["1:00010000", "000000000001:0001FF00", "000000000001:12345678", "000000000001"])
def test_an_address_that_cannot_be_asked_is_a_fault(address: str) -> None:
    with pytest.raises(SourceShapeError, match="dlt645 address"):
        Dlt645().questions([address])


@given(
    meter=st.from_regex("[0-9]{12}", fullmatch=True), digits=st.from_regex("[0-9]{8}", fullmatch=True), data=st.data()
)
def test_every_register_comes_back_however_the_line_cuts_it(meter: str, digits: str, data: st.DataObject) -> None:
    address = f"{meter}:00010000"
    sent = b"\xfe" * data.draw(st.integers(0, 4)) + reply(digits, address)
    cut = data.draw(st.integers(0, len(sent) - 1))
    assert Dlt645().answer(question(address), sent[:cut]) is None
    answer = Dlt645().answer(question(address), sent)
    assert answer is not None
    text = value(address, answer).text
    assert text is not None
    assert text.replace(".", "").zfill(8) == digits
    assert bcd.digits(bcd.encoded(digits)) == digits
