"""HJ 212 framing against telegrams that others published, split and joined as a line brings them."""

import itertools
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import hj212
from ingestion.hj212 import DEVIATIONS, Fault, Framer, Telegram

FILE = Path(__file__).resolve().parents[2] / "fixtures/telegrams/hj212.txt"
PUBLISHED = [line.split("\t") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
EXAMPLE = PUBLISHED[0][1].encode() + b"\r\n"
SEGMENT = EXAMPLE[6:-6]
NOTHING: frozenset[str] = frozenset()


def framed(content: bytes, *deviations: str) -> list[Telegram | Fault]:
    framer = Framer(lambda station: frozenset(deviations))
    return [*framer.feed(content), *framer.end()]


def one(content: bytes, *deviations: str) -> Telegram | Fault:
    (found,) = framed(content, *deviations)
    return found


def test_the_check_sum_is_that_of_the_standards_example() -> None:
    assert hj212.crc(SEGMENT) == 0x1C80
    assert hj212.crc(b"123456789") == 0x2F80
    assert hj212.crc_modbus(b"123456789") == 0x4B37
    assert hj212.frame(SEGMENT) == EXAMPLE


@pytest.mark.parametrize(("verdict", "text"), PUBLISHED, ids=[text[:30] for _, text in PUBLISHED])
def test_published_telegrams(verdict: str, text: str) -> None:
    found = one(text.encode() + b"\r\n")
    if verdict == "good":
        assert isinstance(found, Telegram)
        assert found.raw == text.encode() + b"\r\n"
        assert found.deviations == ()
        return
    assert isinstance(found, Fault)
    words = {"length": "bytes and has", "crc": "Annex A gives", "version_2005": "edition of 2017"}
    assert words.get(verdict, "do not name it") in found.reason
    if verdict in DEVIATIONS:
        telegram = one(text.encode() + b"\r\n", verdict)
        assert isinstance(telegram, Telegram)
        assert telegram.deviations == (verdict,)


def test_there_are_published_telegrams_of_each_verdict() -> None:
    counts = Counter(verdict for verdict, _ in PUBLISHED)
    assert counts["good"] >= 12
    assert {"crc", "length", "crc_lower_case", "version_2005"} <= set(counts)


MODBUS = hj212.crc_modbus(SEGMENT)
VARIANTS = {
    "crc_modbus": b"##0101%b%04X\r\n" % (SEGMENT, MODBUS),
    "crc_modbus_swapped": b"##0101%b%02X%02X\r\n" % (SEGMENT, MODBUS & 0xFF, MODBUS >> 8),
    "crc_lower_case": b"##0101%b1c80\r\n" % SEGMENT,
    "length_wrong": b"##0400%b1C80\r\n" % SEGMENT,
    "line_end_missing": EXAMPLE[:-2],
    "version_2005": hj212.frame(SEGMENT.replace(b"Flag=5", b"Flag=1")),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_deviation_is_taken_only_where_the_station_may(name: str) -> None:
    others = [other for other in DEVIATIONS if other != name]
    refused = framed(VARIANTS[name], *others)
    assert refused
    assert all(isinstance(found, Fault) for found in refused)
    telegram = one(VARIANTS[name], name)
    assert isinstance(telegram, Telegram)
    assert telegram.deviations == (name,)


def test_a_length_that_is_too_small_is_a_deviation_too() -> None:
    text = b"##0090%b1C80\r\n" % SEGMENT
    assert isinstance(framed(text)[0], Fault)
    assert isinstance(one(text, "length_wrong"), Telegram)


def test_a_telegram_without_line_end_is_taken_at_once_and_before_the_next() -> None:
    framer = Framer(lambda station: frozenset({"line_end_missing"}))
    assert len(list(framer.feed(EXAMPLE[:-2]))) == 1
    assert len(list(framer.feed(EXAMPLE[:-2] * 2))) == 2
    assert not list(framer.end())


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;Flag=4;CP=&&a=1", "no CP"),
        (b"QN=20160801085857223;ST=32;CN=2011;Flag=4;CP=&&&&", "MN is missing"),
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;MN=A1;Flag=4;CP=&&&&", "MN stands twice"),
        (b"QN=2016;ST=32;CN=2011;MN=A1;Flag=4;CP=&&&&", "'QN=2016' is no field"),
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;Flag=4;CP=&&a01001-Rtd&&", "no attribute"),
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;Flag=4;CP=&&a-Rtd=1;a-Rtd=2&&", "a-Rtd stands twice"),
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;Flag=9;CP=&&&&", "edition of 2017"),
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;CP=&&&&", "Flag missing"),
        (b"QN=20160801085857223;ST=32;CN=2011;MN=A1;Flag=4;CP=&&I-Info=" + b"x" * 1024 + b"&&", "at most 1024"),
    ],
)  # fmt: skip
def test_a_segment_that_is_not_of_the_standards_form_is_refused(segment: bytes, reason: str) -> None:
    found = one(hj212.frame(segment))
    assert isinstance(found, Fault)
    assert reason in found.reason


def test_text_in_gbk_is_no_fault() -> None:
    segment = b"QN=20160801085857223;ST=31;CN=3020;MN=A1;Flag=4;CP=&&i11001-Info=//" + "清洗".encode("gbk") + b"//&&"
    found = one(hj212.frame(segment))
    assert isinstance(found, Telegram)
    assert found.items == ({"i11001-Info": "//清洗//"},)


def test_a_torn_telegram_does_not_swallow_the_next() -> None:
    kinds = [type(found) for found in framed(b"##0400" + SEGMENT[:50] + EXAMPLE + b"noise" + EXAMPLE + b"##01")]
    assert kinds == [Fault, Telegram, Fault, Telegram, Fault]


def test_the_answer_repeats_number_station_and_password() -> None:
    telegram = one(EXAMPLE)
    assert isinstance(telegram, Telegram)
    answer = one(hj212.answer(telegram))
    assert isinstance(answer, Telegram)
    assert answer.fields == telegram.fields | {"ST": "91", "CN": "9014", "Flag": "4"}
    notice = one(hj212.frame(SEGMENT.replace(b"CN=1062", b"CN=1013")))
    assert isinstance(notice, Telegram)
    assert b"CN=9013" in hj212.answer(notice)


_WORDS = st.text("abcXYZ019", min_size=1, max_size=6)
_ITEMS = st.dictionaries(_WORDS, st.text("0123456789.-NDF", max_size=8), min_size=1, max_size=20)
_CUTS = st.lists(st.integers(0, 4000), max_size=30)


@given(batches=st.lists(_ITEMS, min_size=1, max_size=4), cuts=_CUTS)
def test_whatever_is_sent_arrives_however_the_line_cuts_it(batches: list[dict[str, str]], cuts: list[int]) -> None:
    head = "QN=20160801085857223;ST=31;CN=2011;PW=1;MN=A1;Flag=5;CP=&&"
    segments = [(head + ";".join(f"{name}={text}" for name, text in items.items()) + "&&") for items in batches]
    stream = b"".join(hj212.frame(segment.encode()) for segment in segments)
    framer, found = Framer(lambda station: NOTHING), []
    places = sorted({0, len(stream), *(cut % len(stream) for cut in cuts)})
    for start, stop in itertools.pairwise(places):
        found += list(framer.feed(stream[start:stop]))
    assert [dict(kv for item in telegram.items for kv in item.items()) for telegram in found] == batches
    assert not list(framer.end())
