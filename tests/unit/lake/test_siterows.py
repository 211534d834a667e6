"""Which points a new version of the site's rows concerns."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from lake import siterows
from lake.engine import connected
from lake.store import Lake

THEN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
POINTS = [{"point_id": f"p{n}", "meter_id": f"m{n // 2}", "unit": "kWh"} for n in range(20)]
METERS = [{"meter_id": f"m{n}", "ct_ratio": "10"} for n in range(10)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(str(tmp_path))
    made.snapshots({"points": pa.Table.from_pylist(POINTS), "meters": pa.Table.from_pylist(METERS)}, THEN)
    return made


def concerned(lake: Lake, *things: str) -> list[str] | None:
    with connected() as con:
        return siterows.concerned(con, lake, set(things), {"points": THEN.isoformat(), "meters": THEN.isoformat()})


def test_a_changed_row_of_points_concerns_that_point_a_new_or_gone_one_too(lake: Lake) -> None:
    rows = [{**POINTS[0], "unit": "MWh"}, *POINTS[1:19], {"point_id": "new", "meter_id": "m1", "unit": "kWh"}]
    lake.snapshot("points", pa.Table.from_pylist(rows), NOW)
    assert concerned(lake, "points") == ["new", "p0", "p19"]


def test_a_changed_meter_concerns_its_points(lake: Lake) -> None:
    lake.snapshot("meters", pa.Table.from_pylist([*METERS[:3], {"meter_id": "m3", "ct_ratio": "20"}, *METERS[4:]]), NOW)
    assert concerned(lake, "meters") == ["p6", "p7"]


def test_where_most_points_changed_or_a_thing_was_not_known_it_is_all_of_them(lake: Lake) -> None:
    lake.snapshot("points", pa.Table.from_pylist([{**row, "unit": "MWh"} for row in POINTS]), NOW)
    assert concerned(lake, "points") is None
    assert concerned(lake, "meter_events") is None
    assert concerned(lake, "tariffs") is None
