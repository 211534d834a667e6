"""What the detectors look back at: a year of what is true of a point, the newest weeks of how it behaves."""

from pathlib import Path

import duckdb
import pyarrow as pa

from quality import window

MONTHS = ("2025-01-01", "2025-04-01", "2025-05-01", "2025-06-01")


def test_behaviour_is_looked_at_in_the_newest_weeks_of_each_source(tmp_path: Path) -> None:
    con = duckdb.connect()
    recent = {
        "new": _files(con, tmp_path / "new", MONTHS),
        "old": _files(con, tmp_path / "old", MONTHS[:1]),
        "none": [],
    }
    window.open_window(con, pa.table({"batch_id": ["b"]}), {}, recent)
    opened = _seen(con)
    assert opened == [("new", "2025-05-01"), ("new", "2025-06-01"), ("old", "2025-01-01")]
    con.execute("create table known as from recent_reading")
    con.execute("create or replace temp view recent_reading as from known")
    window.open_behaviour(con)
    assert _seen(con) == opened


def _seen(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return con.execute("select distinct source, month::varchar from behaviour_reading order by all").fetchall()


def _files(con: duckdb.DuckDBPyConnection, folder: Path, months: tuple[str, ...]) -> list[str]:
    files = []
    for month in months:
        file = folder / f"month={month}" / "part.parquet"
        file.parent.mkdir(parents=True)
        con.execute(
            "copy (select 'p' as point_id, now() as reading_at, 1.5::decimal(18, 6) as value, 'good' as status, "
            f"now() as known_at, 'b' as batch_id) to '{file}' (format parquet)"
        )
        files.append(str(file))
    return files
