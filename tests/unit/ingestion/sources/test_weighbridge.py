"""Weighing tickets as an example of a manufacturing system: amounts, corrected afterwards, voided."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ingestion.pull import pull
from lake.store import Lake
from tests.unit.ingestion.made import points_table, site

PAGE = Path(__file__).resolve().parents[4] / "docs/protocols.md"


def _query() -> str:
    """Return the query that the page shows."""
    return PAGE.read_text("utf-8").split("```sql\n")[1].split("```")[0]


def test_tickets_land_and_a_corrected_one_replaces_its_former_value(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    with closing(sqlite3.connect(tmp_path / "scale.db")) as database:
        database.execute("create table weighing_tickets (changed_at, scale_id, weighed_out_at, net_t, is_void)")
        insert = "insert into weighing_tickets values (?, ?, ?, ?, ?)"
        rows = [
            ("2026-01-01 08:05:00", "gate_1", "2026-01-01 08:00:00", 31.42, 0),
            ("2026-01-01 08:25:00", "gate_1", "2026-01-01 08:20:00", 28.06, 1),
        ]
        database.executemany(insert, rows)
        database.commit()
        settings = {"kind": "sql", "url": "sqlite:///scale.db", "query": _query(), "cursor": "changed_at"}
        scale = {**settings, "time": "ts", "timezone": "Asia/Shanghai", "overlap": "1h"}
        connections = site(tmp_path, {"meter": scale}, points_table({"coal_in": "gate_1"}))
        assert [one.rows_landed for one in pull(lake, connections)] == [2]
        database.execute(
            "update weighing_tickets set net_t = 31.24, changed_at = '2026-01-01 09:00:00' where net_t = 31.42"
        )
        database.commit()
        assert [one.rows_landed for one in pull(lake, connections)] == [1]
    rows_kept = lake.delta("raw", "meter__reading").to_pyarrow_table().sort_by("known_at").to_pylist()
    assert [(str(row["value"]), row["status"]) for row in rows_kept] == [
        ("31.420000", "good"),
        ("28.060000", "bad_void"),
        ("31.240000", "good"),
    ]
