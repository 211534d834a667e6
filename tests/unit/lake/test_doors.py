"""The file that readers open: views and tables of the publication, every column described in both languages."""

from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lake import doors
from lake.manifest import Manifest, Mart, write


@pytest.fixture
def area(tmp_path):
    """Write one mart of three rows, below a folder whose name has a quote."""
    folder = tmp_path / "it's a lake"
    (folder / "marts/energy/small").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.sql("from range(3) t(point_id)").write_parquet(str(folder / "marts/energy/small/a.parquet"))
    return folder / "marts"


def _manifest(mart):
    return Manifest(
        7, "run", "2026-01-01T00:00:00+00:00", "plant", "abc", None, "UTC", None, None, None, None, {}, {}, {},
        {"energy.small": mart},
    )  # fmt: skip


def test_every_column_is_described_also_those_of_the_publication(area):
    comments = {"": "小 | small", "point_id": "测点 | point", "dropped": "无 | none"}
    mart = Mart(1, ("a.parquet",), 3, ("point_id",), comments=comments)
    doors.open_marts(area.parent, area, _manifest(mart))
    assert doors.number(area.parent / doors.MARTS) == 7
    with duckdb.connect(str(area.parent / doors.MARTS), read_only=True) as connection:
        assert connection.execute("select count(*) from energy.small").fetchall() == [(3,)]
        found = connection.sql("select table_name, column_name, comment from duckdb_columns() where not internal")
        told = {(table, column): comment for table, column, comment in found.fetchall()}
    assert told["small", "point_id"] == "测点 | point"
    assert len(told) >= 7
    assert all(" | " in (comment or "") for comment in told.values())


def test_a_mart_without_a_row_still_has_its_columns(area):
    schema = pa.schema([("point_id", pa.string()), ("quantity", pa.decimal128(18, 6)), ("month", pa.date32())])
    DeltaTable.create(area / "energy/small", schema, partition_by=["month"])
    doors.open_marts(area.parent, area, _manifest(Mart(0, (), 0, tuple(schema.names), partition_by="month")))
    with duckdb.connect(str(area.parent / doors.MARTS), read_only=True) as connection:
        found = connection.sql("select * from energy.small")
        assert list(zip(found.columns, map(str, found.types), strict=True)) == [
            ("point_id", "VARCHAR"),
            ("quantity", "DECIMAL(18,6)"),
            ("month", "DATE"),
        ]
        assert found.fetchall() == []


def _hours(area, name, rows):
    folder = area / "energy/hourly/month=2026-01-01"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("create table made (unit varchar, local_date date, quantity integer)")
        connection.executemany("insert into made values (?, ?, ?)", rows)
        connection.table("made").write_parquet(str(folder / name))


def _hourly(*files, bi_days=2, comments=None):
    paths = tuple(f"month=2026-01-01/{file}" for file in files)
    columns = ("unit", "local_date", "quantity", "month")
    return Mart(1, paths, 9, columns, "month", bi=True, bi_days=bi_days, comments=comments or {})


def _sealed(area, number, **marts):
    manifest = Manifest(
        number, "run", "2026-01-01T00:00:00+00:00", "plant", "abc", None, "UTC", None, None, None, None, {}, {}, {},
        {f"energy.{name}": mart for name, mart in marts.items()},
    )  # fmt: skip
    write(area, manifest)
    doors.open_sealed(area.parent, area, manifest)
    doors.open_marts(area.parent, area, manifest)
    with duckdb.connect(str(area.parent / doors.SEALED), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'energy'").fetchall()
        hours = connection.execute("select unit, local_date, quantity from energy.hourly order by all").fetchall()
    assert doors.number(area.parent / doors.SEALED) == number
    return {table for (table,) in tables}, [(unit, day.day, quantity) for unit, day, quantity in hours]


def test_the_next_publication_replaces_only_days_whose_files_are_others(area):
    _hours(area, "old.parquet", [("a", "2026-01-01", 1), ("a", "2026-01-02", 1), ("b", "2026-01-02", 1)])
    _hours(area, "last.parquet", [("a", "2026-01-03", 1), ("b", "2026-01-03", 1)])
    assert _sealed(area, 1, hourly=_hourly("old.parquet", "last.parquet"))[1] == [
        ("a", 2, 1), ("a", 3, 1), ("b", 2, 1), ("b", 3, 1),
    ]  # fmt: skip
    # what is not looked at again is told from what is: the old file says something else now
    _hours(area, "old.parquet", [("a", "2026-01-01", 9), ("a", "2026-01-02", 9), ("a", "2026-01-03", 9)])
    _hours(area, "new.parquet", [("a", "2026-01-03", 5), ("a", "2026-01-04", 5)])
    assert _sealed(area, 2, hourly=_hourly("old.parquet", "new.parquet"))[1] == [("a", 3, 5), ("a", 3, 9), ("a", 4, 5)]
    with duckdb.connect(str(area.parent / doors.MARTS), read_only=True) as connection:  # which has all days
        counted = connection.execute(
            "select local_date, count(*) from energy.hourly group by all order by all"
        ).fetchall()
    assert [(day.day, rows) for day, rows in counted] == [(1, 1), (2, 2), (3, 2), (4, 1)]


def test_a_door_that_is_not_of_the_publication_before_is_made_anew(area):
    _hours(area, "old.parquet", [("a", "2026-01-01", 1)])
    _sealed(area, 1, hourly=_hourly("old.parquet"))
    _hours(area, "old.parquet", [("a", "2026-01-01", 9)])
    assert _sealed(area, 2, hourly=_hourly("old.parquet"))[1] == [("a", 1, 1)]
    assert _sealed(area, 4, hourly=_hourly("old.parquet"))[1] == [("a", 1, 9)]


def test_a_mart_of_other_days_or_words_is_made_anew_and_one_that_is_gone_goes(area):
    small = Mart(1, ("a.parquet",), 3, ("point_id",), bi=True)
    _hours(area, "old.parquet", [("a", "2026-01-01", 1), ("a", "2026-01-02", 1)])
    assert _sealed(area, 1, hourly=_hourly("old.parquet"), small=small)[0] == {"hourly", "small"}
    _hours(area, "old.parquet", [("a", "2026-01-01", 9), ("a", "2026-01-02", 9)])
    assert _sealed(area, 2, hourly=_hourly("old.parquet", bi_days=1)) == ({"hourly"}, [("a", 2, 9)])
    with duckdb.connect(str(area.parent / doors.SEALED), read_only=True) as connection:
        assert connection.execute("select count(*) from publication").fetchall() == [(1,)]


def test_a_file_that_is_no_longer_there_lets_its_mart_be_made_anew(area):
    _hours(area, "old.parquet", [("a", "2026-01-01", 1)])
    _sealed(area, 1, hourly=_hourly("old.parquet"))
    (area / "energy/hourly/month=2026-01-01/old.parquet").unlink()
    _hours(area, "new.parquet", [("a", "2026-01-02", 2)])
    assert _sealed(area, 2, hourly=_hourly("new.parquet"))[1] == [("a", 2, 2)]


def _signed(area, kind):
    folder = area / "carbon/signed"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        rows = connection.sql(
            "select * from (values ('mill', 'li'), ('steel', null)) as t (organization_id, closed_by)"
        )
        rows.write_parquet(str(folder / "a.parquet"))
    mart = Mart(1, ("a.parquet",), 2, ("organization_id", "closed_by"), bi=True, grade="important", sensitive=kind)
    return Manifest(
        7, "run", "2026-01-01T00:00:00+00:00", "plant", "abc", None, "UTC", None, None, None, None, {}, {}, {},
        {"carbon.signed": mart},
    )  # fmt: skip


def _who(door):
    with duckdb.connect(str(door), read_only=True) as connection:
        hidden = connection.sql("select column_name from data_grades where is_hidden").fetchall()
        return connection.sql("select closed_by from carbon.signed order by organization_id").fetchall(), hidden


def test_what_is_sensitive_is_hidden_where_nobody_needs_it_and_empty_stays_empty(area):
    manifest = _signed(area, {"closed_by": "personal"})
    write(area, manifest)
    own = area.parent / "mill.duckdb"
    for _ in range(2):  # carried on, it is the same
        doors.open_marts(area.parent, area, manifest)
        doors.open_sealed(area.parent, area, manifest)
        doors.open_own(own, area, manifest, {"carbon.signed": "organization_id = 'mill'"})
        assert _who(area.parent / doors.MARTS) == ([("li",), (None,)], [])
        assert _who(area.parent / doors.SEALED) == ([("***",), (None,)], [("closed_by",)])
        assert _who(own) == ([("***",)], [("closed_by",)])
        manifest = replace(manifest, number=8)


def test_a_column_that_becomes_sensitive_is_hidden_though_its_rows_stay(area):
    manifest = _signed(area, {})
    write(area, manifest)
    doors.open_sealed(area.parent, area, manifest)
    assert _who(area.parent / doors.SEALED)[0] == [("li",), (None,)]
    doors.open_sealed(area.parent, area, replace(_signed(area, {"closed_by": "personal"}), number=8))
    assert _who(area.parent / doors.SEALED) == ([("***",), (None,)], [("closed_by",)])
