"""The lake's folder: whose it is, what it lists, who writes."""

import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from lake import commits, compaction
from lake.errors import LakeError
from lake.store import LAYOUT, Lake
from tests.unit.lake.made import T0, at, batch, facts


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "it's a 数据 湖"))


def test_a_lake_remembers_its_site(lake: Lake) -> None:
    assert lake.site_id() is None
    lake.claim("park")
    lake.claim("park")
    with pytest.raises(LakeError, match="holds site park, not mill"):
        Lake(str(lake.root)).claim("mill")


def test_a_lake_of_a_newer_release_is_refused_and_stays_as_it_is(lake: Lake) -> None:
    lake.claim("park")
    identity = lake.root / "lake.json"
    newer = json.dumps({"site_id": "park", "layout": LAYOUT + 1, "more": True})
    identity.write_text(newer, encoding="utf-8")
    with pytest.raises(LakeError, match=rf"layout {LAYOUT + 1} of a newer Nengtan, this one knows {LAYOUT}; install"):
        lake.claim("park")
    assert identity.read_text("utf-8") == newer


def test_an_object_store_is_refused_in_one_sentence() -> None:
    with pytest.raises(LakeError, match="object store"):
        Lake("s3://bucket/lake")


def test_an_unknown_area_and_an_unknown_table_are_named(lake: Lake) -> None:
    with pytest.raises(LakeError, match="area 'rwa'"):
        lake.area("rwa")
    with pytest.raises(LakeError, match="raw/meter__reading: no such table"):
        lake.delta("raw", "meter__reading")


def test_one_writer_per_source(lake: Lake) -> None:
    other = Lake(str(lake.root))
    with lake.writing("meter"), pytest.raises(LakeError, match="another process is writing"):
        other.land(batch([("p", 0, "1", None)]))
    with lake.writing("meter"):
        lake.land(batch([("p", 0, "1", None)]))
    other.land(batch([("p", 15, "1", None)], 1))
    assert len(facts(lake)) == 2


@pytest.mark.parametrize("name", ["Meter", "a__b", "1a", "a-b", ""])
def test_a_source_id_that_would_break_a_path_is_refused(lake: Lake, name: str) -> None:
    with pytest.raises(LakeError, match="source id"), lake.writing(name):
        pass


def test_small_files_become_few_and_no_row_changes(lake: Lake) -> None:
    for minute in range(40):
        lake.land(batch([("p", minute, "1", None), ("q", minute, "2", None)], minute))
    assert len(facts(lake)) == 80
    assert len(lake.files("raw", "meter__reading")) <= 12
    assert all(Path(file).is_file() for file in lake.files("raw", "meter__reading"))
    assert len(lake.files("raw", "meter__batch")) <= 12
    before = facts(lake)
    lake.compact("meter", thoroughly=True)
    assert len(lake.files("raw", "meter__reading")) == 1
    assert facts(lake) == before
    ordered = lake.delta("raw", "meter__reading").to_pyarrow_table(columns=["point_id", "reading_at"])
    assert ordered.to_pylist() == sorted(ordered.to_pylist(), key=lambda row: (row["point_id"], row["reading_at"]))


def test_merged_files_and_old_log_entries_do_not_pile_up(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_KEPT_HOURS", 0)
    monkeypatch.setattr(commits, "_LOG", {"delta.logRetentionDuration": "interval 0 seconds"})
    folder = lake.path("raw", "meter__reading")
    lake.land(batch([("p", 0, "1", None)]))
    orphan = folder / "month=2026-01-01/part-of-a-killed-landing.parquet"
    orphan.write_bytes(b"never committed")
    for minute in range(1, 115):
        lake.land(batch([("p", minute, "1", None)], minute))
    assert len(facts(lake)) == 115
    assert not orphan.exists()
    assert len(list(folder.glob("month=*/*.parquet"))) <= 60
    assert len(list((folder / "_delta_log").glob("*.json"))) < 110
    assert lake.added_since("raw", "meter__reading", 1) is None
    assert lake.batches("meter").num_rows == 115


def test_added_since_tells_new_rows_and_not_rewrites(lake: Lake) -> None:
    versions = [lake.land(batch([("p", minute, "1", None)], minute)).version for minute in range(3)]
    lake.compact("meter", thoroughly=True)
    assert lake.versions("raw")["meter__reading"] == versions[-1] + 1
    added = lake.added_since("raw", "meter__reading", versions[0])
    assert added is not None
    assert [(file.rows, file.first_reading_at, file.last_reading_at) for file in added] == [
        (1, at(1), at(1)), (1, at(2), at(2)),
    ]  # fmt: skip
    assert lake.added_since("raw", "meter__reading", versions[-1] + 1) == []


def test_added_since_says_when_the_log_is_too_short(lake: Lake) -> None:
    for minute in range(3):
        lake.land(batch([("p", minute, "1", None)], minute))
    table = lake.delta("raw", "meter__reading")
    table.create_checkpoint()
    (lake.path("raw", "meter__reading") / "_delta_log/00000000000000000001.json").unlink()
    assert lake.added_since("raw", "meter__reading", 0) is None
    assert len(lake.added_since("raw", "meter__reading", 1) or []) == 2


def test_a_snapshot_is_kept_only_where_its_content_changed(lake: Lake) -> None:
    one = pa.table({"unit": ["a", "b"], "share": [1, 2]})
    assert lake.snapshot("points", one, T0)
    assert not lake.snapshot("points", one.take([1, 0]), at(5))
    assert lake.snapshot("points", pa.table({"unit": ["a"], "share": [1]}), at(9))
    assert lake.snapshot_times() == {"points": at(9)}
    assert lake.snapshot_times(as_of=at(8)) == {"points": T0}
    assert lake.snapshot_times(as_of=T0 - timedelta(days=1)) == {}
    assert lake.delta("ref", "points").to_pyarrow_table().num_rows == 3


def test_a_thing_that_became_empty_is_known_to_be_empty(lake: Lake) -> None:
    lake.snapshot("budgets", pa.table({"id": ["a"]}), T0)
    assert lake.snapshot("budgets", pa.table({"id": pa.array([], pa.string())}), at(1))
    assert lake.snapshot_times() == {"budgets": at(1)}
    assert lake.snapshot("budgets", pa.table({"id": ["a"]}), at(2))


def test_a_thing_may_gain_a_column(lake: Lake) -> None:
    lake.snapshot("meters", pa.table({"id": ["a"]}), T0)
    assert lake.snapshot("meters", pa.table({"id": ["a"], "note": ["new"]}), at(1))
    rows = lake.delta("ref", "meters").to_pyarrow_table().sort_by("known_at").to_pylist()
    assert [row["note"] for row in rows] == [None, "new"]


def test_a_thing_without_rows_may_gain_a_column(lake: Lake) -> None:
    def nothing(*names: str) -> pa.Table:
        return pa.table({name: pa.array([], pa.string()) for name in names})

    lake.snapshot("activity", nothing("item"), T0)
    assert lake.snapshot("activity", nothing("item", "uncertainty_ratio"), at(1))
    assert [field.name for field in lake.delta("ref", "activity").schema().fields] == [
        "item",
        "known_at",
        "uncertainty_ratio",
    ]
