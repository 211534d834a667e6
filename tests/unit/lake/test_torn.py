"""What a power cut leaves at the end of a table's log is set aside, and what was sent again is there once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lake import damage, durable, recovery, torn
from lake.errors import LakeError
from lake.store import Lake
from tests.unit.lake.made import batch, facts

FIRST = [("a", minute, f"{minute}", None) for minute in range(5)]
SECOND = [("a", minute, f"{minute}", None) for minute in range(5, 9)]
TABLES = ("raw/meter__reading", "raw/meter__batch")


def _stops(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _is_empty(path: Path) -> None:
    path.write_bytes(b"")


def _is_nothing(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _entry(lake: Lake, table: str) -> Path:
    root = lake.root / table
    version = torn.newest(root)
    assert version is not None
    return torn.entry_of(root, version)


def _data(lake: Lake, table: str) -> Path:
    return max((lake.root / table).rglob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path / "lake"))
    made.land(batch(FIRST, 10))
    made.land(batch(SECOND, 20))
    return made


@pytest.mark.parametrize("tear", [_stops, _is_empty, _is_nothing])
@pytest.mark.parametrize("of", [_entry, _data])
@pytest.mark.parametrize("table", TABLES)
def test_a_torn_commit_is_taken_again(
    lake: Lake, table: str, of: Callable[[Lake, str], Path], tear: Callable[[Path], None]
) -> None:
    whole = facts(lake)
    path = of(lake, table)
    tear(path)
    if table == TABLES[0]:
        _entry(lake, TABLES[1]).unlink()  # the batch row comes after the readings
    again = Lake(str(lake.root))
    again.land(batch(SECOND, 20))  # its sender was not answered
    assert facts(again) == whole
    assert sorted(again.batches("meter")["rows_read"].to_pylist()) == [4, 5]
    assert len(list((lake.root / table / "_torn").iterdir())) == 1
    assert list(damage.look(again)) == []


@pytest.mark.parametrize("table", TABLES)
def test_a_run_sets_it_aside_and_says_so(lake: Lake, table: str) -> None:
    path = _entry(lake, table)
    _stops(path)
    told = recovery.recover(Lake(str(lake.root)))
    assert [str(path) in one and "power cut" in one for one in told] == [True]
    assert torn.newest(path.parents[1]) == int(path.stem) - 1
    assert recovery.recover(Lake(str(lake.root))) == []


def test_what_is_wrong_inside_is_no_work_of_a_power_cut(lake: Lake) -> None:
    path = _entry(lake, TABLES[0])
    path.write_bytes(b"{\n" + path.read_bytes())
    assert recovery.recover(lake) == []
    [found] = damage.look(lake)
    assert found.path == path
    assert found.mart is None


def test_a_version_that_somebody_was_told_of_stays(lake: Lake) -> None:
    path = _entry(lake, TABLES[0])
    _stops(path)
    assert torn.heal(path.parents[1], int(path.stem)) == []
    assert torn.heal(path.parents[1], int(path.stem) - 1) != []


def test_a_torn_checkpoint_is_read_without(lake: Lake) -> None:
    root = lake.root / TABLES[0]
    DeltaTable(root).create_checkpoint()
    [checkpoint] = (root / "_delta_log").glob("*.checkpoint.parquet")
    _is_nothing(checkpoint)
    assert [str(checkpoint) in one for one in recovery.recover(lake)] == [True]
    assert len(facts(lake)) == len(FIRST) + len(SECOND)


def test_every_kind_of_damage_is_named(lake: Lake) -> None:
    for table in TABLES:
        path = _data(lake, table)
        kept = path.read_bytes()
        for spoil in (_stops, _is_empty, _is_nothing, Path.unlink):
            spoil(path)
            [found] = damage.look(lake)
            assert found.path == path
            assert str(path) in found.sentence
            assert "nengtan restore" in found.sentence
            path.write_bytes(kept)
    assert list(damage.look(lake)) == []


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    durable.replace(path, b"first")
    durable.replace(path, b"second")
    assert path.read_bytes() == b"second"
    assert [one.name for one in tmp_path.iterdir()] == ["one.json"]


def test_a_lake_that_cannot_say_whose_it_is_is_named(lake: Lake) -> None:
    path = lake.root / "lake.json"
    for text in ("", '{"site_id": "wor', "[]", "{}"):
        path.write_text(text, "utf-8")
        with pytest.raises(LakeError, match=r"lake\.json: cannot be read; .* --mend"):
            lake.site_id()
