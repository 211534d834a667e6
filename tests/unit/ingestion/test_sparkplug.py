"""The Sparkplug B host against payloads that another house encoded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.sparkplug import Host, Row
from ingestion.sparkplug_payload import PayloadError, decoded, quality, rebirth, value

FILE = Path(__file__).resolve().parents[2] / "fixtures/telegrams/sparkplug.txt"
LINES = [line.split("\t") for line in FILE.read_text("utf-8").splitlines() if line[0] != "#"]
VALUES = [(told, bytes.fromhex(payload)) for kind, told, payload in LINES if kind == "value"]
LIFE = {kind: bytes.fromhex(payload) for kind, _, payload in LINES if kind != "value"}
NODE, DEVICE = "works/shop", "works/shop/press"
POINTS = (f"{NODE}:Uptime", f"{DEVICE}:Energy", f"{DEVICE}:Load")
T = 1_767_225_600_000
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Told:
    """A host, and the rebirths that it asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.host = Host(POINTS, lambda group, node: self.asked.append(f"{group}/{node}"))

    def hears(self, *kinds: str, after: int = 0, payload: bytes | None = None, again: bool = False) -> list[Row]:
        found: list[Row] = []
        for kind in kinds:
            topic = f"spBv1.0/works/{kind}/shop" + ("/press" if kind[0] == "D" else "")
            content = LIFE[kind] if payload is None else payload
            found += self.host.take(topic, content, AT + timedelta(seconds=after), is_duplicate=again)
        return found


@pytest.mark.parametrize(("told", "payload"), VALUES)
def test_values_of_every_type(told: str, payload: bytes) -> None:
    (metric,) = decoded(payload).metrics
    if told == "refused":
        with pytest.raises(PayloadError):
            value(metric, metric.datatype)
        return
    text, _, status = told.partition(" ")
    assert value(metric, metric.datatype) == (None if text == "null" else text)
    assert quality(metric) == (status or "good")


def test_a_life_from_birth_to_death() -> None:
    told = Told()
    assert told.host.silent() == [NODE]
    rows = told.hears("NBIRTH", "DBIRTH", "DDATA", "NDATA")
    assert [(row.address, row.at_ms - T, row.text, row.status) for row in rows] == [
        (POINTS[0], 0, "9", "good"),
        (POINTS[1], 0, "100", "good"),
        (POINTS[2], 0, "1.5", "good"),
        (POINTS[1], 1000, "101", "good"),
        (POINTS[2], 1000, "2.5", "good"),
        (POINTS[0], 2000, "10", "good"),
    ]
    assert told.host.silent() == []
    stale = told.hears("DDEATH", after=60)
    assert [(row.address, row.at_ms - T, row.text, row.status) for row in stale] == [
        (POINTS[1], 60_000, "101", "bad_stale"),
        (POINTS[2], 60_000, "2.5", "bad_stale"),
    ]
    assert [row.status for row in told.hears("NDEATH", after=90)] == ["bad_stale"]
    assert told.host.silent() == [NODE]
    assert told.asked == []
    assert "before the birth" in told.hears("NDATA", after=100)[0].reason
    assert told.asked == [NODE]


def test_a_lost_message_is_noticed_and_its_successor_still_used() -> None:
    told = Told()
    told.hears("NBIRTH", "DBIRTH")
    gap, used = told.hears("NDATA")
    assert (gap.code, used.text, told.asked) == ("protocol_error", "10", [NODE])
    assert "sequence 3 after 1" in gap.reason
    assert [row.code for row in told.hears("NDATA", again=True)] == [""]  # the broker repeats it
    told.hears("NDATA", after=5)
    assert told.asked == [NODE]  # it has ten seconds to answer
    told.hears("NDATA", after=15)
    assert told.asked == [NODE, NODE]


def test_what_cannot_be_trusted_is_refused_and_the_births_are_asked_for() -> None:
    told = Told()
    (early,) = told.hears("DDATA")
    assert (early.code, told.asked) == ("protocol_error", [NODE])
    (garbage,) = told.hears("NDATA", after=20, payload=b"\xff\xff")
    assert garbage.code == "bad_payload"
    (unnumbered,) = told.hears("NDATA", after=40, payload=LIFE["NDEATH"])
    assert "no sequence number" in unnumbered.reason
    assert told.asked == [NODE] * 3
    (stranger,) = told.host.take("spBv1.0/works/NBIRTH/other", LIFE["NBIRTH"], AT)
    assert stranger.code == "unknown_point"
    assert told.host.take("spBv1.0/works/NCMD/shop", rebirth(T), AT) == []


def test_an_alias_that_no_birth_gave_and_one_that_is_given_twice() -> None:
    told = Told()
    told.hears("NBIRTH")
    told.hears("DBIRTH", payload=decoded(LIFE["DBIRTH"]).__class__(seq=1).SerializeToString())
    assert ["alias 2" in row.reason for row in told.hears("DDATA")] == [True, False]
    twice = decoded(LIFE["DBIRTH"])
    twice.metrics[1].alias = 2
    (refused,) = Told().hears("DBIRTH", payload=twice.SerializeToString())
    assert "two metrics" in refused.reason


def test_the_will_of_an_earlier_session_kills_nobody() -> None:
    told = Told()
    told.hears("NBIRTH")
    earlier = decoded(LIFE["NDEATH"])
    earlier.metrics[0].long_value = 6
    assert told.hears("NDEATH", payload=earlier.SerializeToString()) == []
    assert told.host.silent() == []


def test_a_new_connection_knows_nothing() -> None:
    told = Told()
    told.hears("NBIRTH")
    told.host.begin(AT)
    assert (told.host.silent(), told.asked) == ([NODE], [NODE])


def test_short_integers_come_with_and_without_their_sign_extended() -> None:
    metric = decoded(VALUES[0][1]).metrics[0]
    metric.int_value = 0xFF
    assert value(metric, 1) == "-1"
    metric.int_value = 0x1FF
    with pytest.raises(PayloadError, match="does not fit into 8 bits"):
        value(metric, 1)
