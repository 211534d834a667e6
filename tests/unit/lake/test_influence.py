"""Which local days a new reading can change: neighbours, later estimates, what is missing until now."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake import influence, neighbours
from lake.engine import connected
from lake.schemas import UTC as INSTANT

ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Noon of 1 March in Shanghai.
NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)


def _file(path: Path, columns: dict[str, pa.DataType], rows: list[tuple[object, ...]]) -> str:
    schema = pa.schema(list(columns.items()))
    pq.write_table(pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema), path)
    return str(path)


class Lake:
    """A few raw files by month, the published readings and estimates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[date, list[str]] = {}
        self.latest: list[str] = []
        self.estimates: dict[date, list[str]] = {}

    def reads(self, point: str, *times: datetime) -> list[str]:
        """Add readings and return the files they lie in."""
        kinds = {"point_id": pa.string(), "reading_at": INSTANT, "status": pa.string()}
        added = []
        for month in sorted({at.date().replace(day=1) for at in times}):
            rows = [(point, at, "good") for at in times if at.date().replace(day=1) == month]
            path = _file(self.folder / f"{point}_{month}_{len(self.files.get(month, []))}.parquet", kinds, rows)
            self.files.setdefault(month, []).append(path)
            added.append(path)
        return added

    def estimated(self, point: str, at: datetime) -> None:
        """Publish an estimated interval."""
        kinds = {"point_id": pa.string(), "period_start_at": INSTANT, "quality": pa.string(), "local_date": pa.date32()}
        day = at.astimezone(ZONE).date()
        path = _file(self.folder / f"intervals_{point}_{day}.parquet", kinds, [(point, at, "estimated", day)])
        self.estimates.setdefault(day.replace(day=1), []).append(path)

    def pairs(self, added: list[str], then: datetime | None, now: datetime) -> dict[tuple[str, date], str]:
        """Return what is to be rebuilt, with the reason."""
        known = influence.Known(self.latest, self.estimates, then)
        with connected() as con:
            found = influence.pairs(con, self.files, added, known, ZONE, now)
        return {(row["point_id"], row["local_date"]): row["reason"] for row in found.to_pylist()}


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setattr(neighbours, "REACH", 4)  # as far as a test can count
    return Lake(tmp_path)


def test_a_reading_between_others_changes_its_own_day(lake: Lake) -> None:
    lake.reads("p", *(NOON + n * HOUR / 4 for n in range(-100, 100) if n != 3))
    added = lake.reads("p", NOON + 3 * HOUR / 4)
    assert set(lake.pairs(added, None, NOON + DAY)) == {("p", date(2025, 3, 1))}


def test_it_reaches_to_the_fourth_neighbour_and_the_local_day_counts(lake: Lake) -> None:
    lake.reads("p", *(NOON + n * DAY for n in range(-40, 40) if n))
    added = lake.reads("p", NOON)
    days = {day for _, day in lake.pairs(added, None, NOON + 40 * DAY)}
    assert (min(days), max(days), len(days)) == (date(2025, 2, 25), date(2025, 3, 5), 9)


def test_a_last_reading_changes_all_days_until_now(lake: Lake) -> None:
    lake.reads("p", *(NOON + n * HOUR for n in range(-50, 0)))
    added = lake.reads("p", NOON)
    assert {day for _, day in lake.pairs(added, None, NOON + 2 * DAY)} == {date(2025, 3, day) for day in (1, 2, 3)}


def test_a_silent_point_is_missing_from_the_last_run_until_now(lake: Lake, tmp_path: Path) -> None:
    lake.latest = [_file(tmp_path / "latest.parquet", {"point_id": pa.string()}, [("p",), ("silent",)])]
    lake.reads("p", *(NOON + n * HOUR for n in range(-50, 0)))
    added = lake.reads("p", NOON + DAY)
    found = lake.pairs(added, NOON - HOUR, NOON + DAY)
    assert found["silent", date(2025, 3, 1)] == found["silent", date(2025, 3, 2)] == "missing until now"
    assert found["p", date(2025, 3, 2)] == "new reading"
    assert len(found) == 4


def test_later_estimates_of_the_same_point_rest_on_it_for_eight_weeks(lake: Lake) -> None:
    readings = [NOON + n * HOUR for n in range(-50, 70 * 24) if not 20 * 24 < n < 22 * 24]
    lake.reads("p", *readings)
    for days, point in ((21, "p"), (21, "q"), (58, "p")):
        lake.estimated(point, NOON + days * DAY)
    added = lake.reads("p", NOON + HOUR / 2)
    found = lake.pairs(added, None, readings[-1])
    assert found["p", date(2025, 3, 1)] == "new reading"
    later = {day for (_, day), why in found.items() if why.startswith("its estimate")}
    assert later == {date(2025, 3, 21), date(2025, 3, 22), date(2025, 3, 23)}  # from its last reading to the next
    assert {point for point, _ in found} == {"p"}
