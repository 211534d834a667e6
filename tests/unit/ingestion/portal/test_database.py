"""The portal's file outlives its own changes: one that was made before a month could have several sheets of a kind."""

import sqlite3
from pathlib import Path

import pytest

from ingestion.portal import sheets
from ingestion.portal.database import Database
from ingestion.portal.sheets import Key

BEFORE = (
    "create table sheets (entry_id text primary key, kind text not null, organization_id text not null, "
    "month text not null, unique (kind, organization_id, month));"
)


def test_a_file_of_before_keeps_its_sheets_and_takes_several_of_a_month(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite"
    Database(path)
    old = Key("production", "mill", "2025-01")
    with sqlite3.connect(path) as connection:
        connection.executescript(f"drop table schema_version; drop table sheets; {BEFORE}")
        connection.execute("insert into sheets values (?, 'production', 'mill', '2025-01')", (old.entry_id,))
        connection.execute(
            "insert into versions (entry_id, version, state, rows, revision, authors, changed_at) "
            "values (?, 1, 'draft', '[]', 1, '[]', '')",
            (old.entry_id,),
        )
    for _ in range(2):
        database = Database(path)
    with database.writing() as connection:
        held = sheets.latest(connection, old)
        assert held is not None
        assert held.key == old
        for about in ("a/lime/1", "a/lime/2"):
            sheets.begin(connection, Key("supplier_footprints", "mill", "2025-01", about), [], "supplier:a")
        assert len(list(sheets.overview(connection, ["mill"]))) == 3
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("insert into versions select 'none', 1, state, rows, 1, null, authors, null, null, "
                               "null, null, null, null, null, '' from versions limit 1")  # fmt: skip
