"""How far a reading's influence goes, found without reading more months than needed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake import neighbours
from lake.engine import connected
from lake.schemas import UTC as INSTANT

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "REACH", 4)


def _month(folder: Path, month: date, rows: list[tuple[str, datetime, str]]) -> list[str]:
    path = folder / f"{month}.parquet"
    names = pa.schema([("point_id", pa.string()), ("reading_at", INSTANT), ("status", pa.string())])
    pq.write_table(pa.Table.from_pylist([dict(zip(names.names, row, strict=True)) for row in rows], names), path)
    return [str(path)]


def _at(month: int, day: int) -> datetime:
    return datetime(2025, month, day, tzinfo=UTC)


def _search(folder: Path, direction: neighbours.Direction) -> dict[str, tuple[datetime, int]]:
    files = {
        date(2025, 1, 1): _month(folder, date(2025, 1, 1), [("silent", _at(1, day), "good") for day in (3, 4, 5)]),
        date(2025, 2, 1): _month(folder, date(2025, 2, 1), [("busy", _at(2, day), "good") for day in range(1, 20)]),
        date(2025, 3, 1): _month(folder, date(2025, 3, 1), [("busy", _at(3, 1), "good"), ("busy", _at(3, 2), "bad")]),
    }
    wanted = pa.table(
        {
            "point_id": ["silent", "busy", "unknown"],
            "at": pa.array([_at(3, 5)] * 3 if direction == "before" else [_at(1, 4)] * 3, INSTANT),
            "from_month": [date(2025, 3, 1) if direction == "before" else date(2025, 1, 1)] * 3,
        }
    )
    with connected() as con:
        found = neighbours.around(con, files, wanted, direction)
    return {row["point_id"]: (row["neighbour_at"], row["found"]) for row in found.to_pylist()}


def test_the_fourth_usable_reading_before_or_the_first_there_is(tmp_path):
    found = _search(tmp_path, "before")
    # 1 March, then 19, 18, 17 February; the bad one is none
    assert found == {"busy": (_at(2, 17), 4), "silent": (_at(1, 3), 3)}


def test_the_fourth_after_and_no_further(tmp_path):
    assert _search(tmp_path, "after") == {"busy": (_at(2, 4), 4), "silent": (_at(1, 5), 1)}
