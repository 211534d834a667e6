"""Landing: each reading once, whatever is repeated, corrected, or cut off in the middle."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lake import landing, payloads, quarantine
from lake.batch import Batch, Part
from lake.errors import LakeError
from lake.raw_table import RawTable
from lake.store import Lake
from tests.unit.lake.made import at, batch, facts, readings, refused, values


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_a_batch_lands_with_payload_and_batch_row(lake: Lake) -> None:
    landed = lake.land(batch([("p", 0, "1.5", None), ("p", 15, "2", None)], received=20, payload=b"verbatim"))
    assert (landed.rows_read, landed.rows_landed, landed.rows_repeated, landed.rows_refused) == (2, 2, 0, 0)
    assert values(lake) == [("p", 0, "1.5"), ("p", 15, "2")]
    assert {fact[3] for fact in facts(lake)} == {at(20)}
    assert lake.payload(landed.batch_id).read_bytes() == b"verbatim"
    rows = lake.batches("meter").to_pylist()
    assert [(row["batch_id"], row["rows_landed"], row["payload_bytes"]) for row in rows] == [(landed.batch_id, 2, 8)]


def test_an_exact_repeat_is_counted_not_stored(lake: Lake) -> None:
    rows = [("p", 0, "1.5", None), ("q", 0, "7", 3)]
    lake.land(batch(rows, received=1))
    again = lake.land(batch(rows, received=2))
    assert (again.rows_landed, again.rows_repeated) == (0, 2)
    assert len(facts(lake)) == 2
    assert lake.batches("meter").num_rows == 2


def test_repeats_inside_a_batch_are_left_out(lake: Lake) -> None:
    landed = lake.land(batch([("p", 0, "1", None), ("p", 0, "1", None), ("p", 0, "1", None), ("p", 1, "1", None)]))
    assert (landed.rows_landed, landed.rows_repeated) == (2, 2)


def test_a_correction_is_a_later_row_and_changing_back_is_one_too(lake: Lake) -> None:
    for received, value in enumerate(["1", "2", "2", "1"]):
        lake.land(batch([("p", 0, value, None)], received))
    assert values(lake) == [("p", 0, "1"), ("p", 0, "2"), ("p", 0, "1")]


def test_a_told_knowledge_time_makes_a_row_its_own(lake: Lake) -> None:
    lake.land(batch([("p", 0, "1", 5)], received=9))
    landed = lake.land(batch([("p", 0, "1", 5), ("p", 0, "1", 6)], received=10))
    assert (landed.rows_landed, landed.rows_repeated) == (1, 1)


def test_reading_an_old_batch_again_does_not_bring_old_values_back(lake: Lake) -> None:
    first, second = batch([("p", 0, "1", None)], 1), batch([("p", 0, "2", None)], 2)
    lake.land(first)
    lake.land(second)
    mended = replace(first, readings=readings([("p", 0, "1", None), ("q", 0, "9", None)]), known_at=at(1))
    landed = lake.land(replace(mended, received_at=at(50)))
    assert (landed.rows_landed, landed.rows_repeated) == (1, 1)
    assert values(lake) == [("p", 0, "1"), ("p", 0, "2"), ("q", 0, "9")]
    assert [fact[3] for fact in facts(lake) if fact[0] == "q"] == [at(1)]


def test_a_replayed_row_is_no_news_even_where_it_was_corrected_since(lake: Lake) -> None:
    lake.land(batch([("p", 0, "1", None)], 1))
    lake.land(batch([("p", 0, "2", None)], 2))
    again = batch([("p", 0, "1", None), ("p", 0, "3", None)], 3)
    rows = again.readings.append_column("replayed", pa.array([True, True]))
    landed = lake.land(replace(again, readings=rows))
    assert (landed.rows_landed, landed.rows_repeated) == (1, 1)
    assert values(lake)[-1] == ("p", 0, "3")


def test_rows_know_when_they_arrived_where_a_batch_spans_time(lake: Lake) -> None:
    two = batch([("p", 0, "1", None), ("p", 0, "2", None), ("p", 0, "1", None)], 9)
    arrived = pa.array([at(1), at(2), at(3)], pa.timestamp("us", tz="UTC"))
    lake.land(replace(two, readings=two.readings.append_column("arrived_at", arrived)))
    assert [(fact[2], fact[3]) for fact in sorted(facts(lake), key=lambda fact: fact[3])] == [
        (1, at(1)), (2, at(2)), (1, at(3)),
    ]  # fmt: skip


def test_two_values_at_once_land_together_and_are_a_repeat_together(lake: Lake) -> None:
    both = [("p", 0, "1", None), ("p", 0, "2", None)]
    lake.land(batch(both, 1))
    again = lake.land(batch(both, 2))
    assert (again.rows_landed, again.rows_repeated, len(facts(lake))) == (0, 2, 2)


def test_a_quiet_batch_without_news_leaves_no_trace(lake: Lake) -> None:
    first = replace(batch([("p", 0, "1", None)], 1), refused=refused("broken"))
    lake.land(first)
    landed = lake.land(replace(first, received_at=at(2), payload=b"asked again", quiet=True))
    assert (landed.batch_id, landed.is_new, landed.rows_repeated) == ("", False, 2)
    assert lake.batches("meter").num_rows == 1
    assert len(list(lake.area("payloads").glob("*/*"))) == 1


def test_refused_rows_are_quarantined_once_per_batch(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"x")
    kept = lake.keep(file, ".csv")
    given = replace(batch([]), payload=kept, refused=refused("broken", "bent"))
    counts = [lake.land(given).rows_refused for _ in range(2)]
    assert counts == [2, 0]
    rows = lake.delta("quarantine", "meter__reading").to_pyarrow_table().to_pylist()
    assert {(row["payload"], row["reason_code"], row["batch_id"]) for row in rows} == {
        ("broken", "bad_row", kept.digest), ("bent", "bad_row", kept.digest),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("room", "step"),
    [(payloads, "keep"), (quarantine, "append"), (RawTable, "stage"), (RawTable, "commit"), (landing, "_record")],
)
def test_a_kill_after_any_step_is_made_good_by_a_replay(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, room: Any, step: str
) -> None:
    given = replace(batch([("p", 0, "1", None), ("p", 15, "2", None)], 1), refused=refused("broken"))

    class KilledError(Exception):
        pass

    def killed(*_: object, **__: object) -> int:
        raise KilledError

    with monkeypatch.context() as broken:
        broken.setattr(room, step, killed)
        with pytest.raises(KilledError):
            lake.land(given)
    landed = lake.land(replace(given, received_at=at(2), payload=lake.keep(b"the same file", ".txt")))
    assert landed.rows_read == 3
    assert values(lake) == [("p", 0, "1"), ("p", 15, "2")]
    assert lake.batches("meter").num_rows == 1


def test_a_payload_in_parts_lands_at_once(lake: Lake) -> None:
    parts = [
        Part(readings([("p", 15, "2", None), ("p", 0, "1", None)]), refused("x")),
        Part(readings([]), refused("y")),
    ]
    landed = lake.land(replace(batch([("p", 0, "1", None)]), refused=refused("w"), more=iter(parts)))
    assert (landed.rows_read, landed.rows_landed, landed.rows_repeated, landed.rows_refused) == (6, 2, 1, 3)
    assert values(lake) == [("p", 0, "1"), ("p", 15, "2")]
    assert landed.version == 1
    assert lake.delta("quarantine", "meter__reading").to_pyarrow_table().num_rows == 3


def test_a_kill_between_parts_leaves_nothing(lake: Lake) -> None:
    def parts() -> Iterator[Part]:
        yield Part(readings([("p", 15, "2", None)]), refused())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lake.land(replace(batch([("p", 0, "1", None)]), more=parts()))
    assert values(lake) == []
    assert lake.land(batch([("p", 0, "1", None)])).rows_landed == 1


def test_decimals_are_fixed_by_the_first_batch(lake: Lake) -> None:
    lake.land(batch([("p", 0, "1", None)]))
    with pytest.raises(LakeError, match="keeps 3 decimals"):
        lake.land(batch([("p", 1, "1", None)], decimals=2))


def test_months_are_partitions(lake: Lake) -> None:
    lake.land(batch([("p", 0, "1", None), ("p", 60 * 24 * 31, "2", None), ("p", -1, "0", None)]))
    folders = {Path(file).parent.name for file in lake.files("raw", "meter__reading")}
    assert folders == {"month=2025-12-01", "month=2026-01-01", "month=2026-02-01"}


def test_an_empty_batch_makes_the_tables(lake: Lake) -> None:
    given: Batch = batch([])
    assert lake.land(given).rows_read == 0
    assert lake.tables("raw") == ["meter__batch", "meter__reading"]
    assert lake.tables("quarantine") == ["meter__reading"]
