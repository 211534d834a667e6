"""The files of a mart: what is new, what is replaced, what stays, and what readers of the build see of them."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from lake import martwriter, modelrun
from lake.errors import LakeError
from lake.martwriter import Target
from lake.models import Model

COLUMNS = "point_id varchar, local_date date, quantity integer, month date"


def model(name: str = "daily", **given: object) -> Model:
    settled = {
        "schema": "energy",
        "is_view": False,
        "partition_by": "month",
        "replaced_by": ("point_id", "local_date"),
        "order_by": ("local_date", "point_id"),
        "month_by_month": True,
        "categories": (),
    }
    other = {
        "description": "",
        "parents": frozenset(),
        "only_with": {},
        "sources": frozenset(),
        "code": "",
        "settings": "",
    }
    schema = str(given.get("schema", "energy"))
    relation = f"{schema or 'intermediate'}.{name}"
    return Model(name=name, table=name, relation=relation, **{**settled, **other, **given})  # type: ignore[arg-type]


def database(work: str = "") -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 2})
    con.execute(
        f"""
        create schema meta; create schema energy; create schema intermediate;
        create table meta.month as select * from (values (date '2025-01-01'), (date '2025-02-01')) as t(month);
        create table meta.work (point_id varchar, local_date date, month date);
        create table meta.replaced (mart varchar, path varchar);
        create table meta.built (schema_name varchar, table_name varchar, partition_by varchar, described varchar);
        create table meta.mart_files (mart varchar, month date, path varchar);
        create table made ({COLUMNS});
        {f"insert into meta.work values {work};" if work else ""}
        """
    )
    return con


def target(folder: Path, run_id: str, newest: str = "2025-02-02", whole: frozenset[str] | None = None) -> Target:
    for month in ("2025-01-01", "2025-02-01"):
        (folder / "energy/daily" / f"month={month}").mkdir(parents=True, exist_ok=True)
    return Target(folder, run_id, newest, whole)


def days(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute("select point_id, local_date, quantity, month from energy.daily order by all").fetchall()


@pytest.fixture
def published(tmp_path: Path) -> list[str]:
    """Two points on 30 January, 1 to 3 February, in three files."""
    con = database()
    con.execute(
        "insert into made select point_id, day::date, 1, date_trunc('month', day) "
        "from (values ('a'), ('b')) as p(point_id), "
        "(select unnest([date '2025-01-30', date '2025-02-01', date '2025-02-02', date '2025-02-03']) as day)"
    )
    martwriter.write(con, model(), "select * from made", target(tmp_path, "r1"))
    assert len(days(con)) == 8
    return sorted(str(path.relative_to(tmp_path / "energy/daily")) for path in tmp_path.rglob("*.parquet"))


def test_a_month_has_its_newest_days_in_a_file_of_their_own(published):
    assert published == [
        "month=2025-01-01/r1_0.parquet",
        "month=2025-02-01/r1_0.parquet",
        "month=2025-02-01/r1_1.parquet",
    ]


def test_only_the_files_with_days_of_the_work_are_written_anew(tmp_path, published):
    con = database("('a', date '2025-02-02', date '2025-02-01')")
    for path in published:
        month = path[6:16]
        con.execute(
            "insert into meta.mart_files values ($1, $2, $3)",
            ["energy.daily", month, str(tmp_path / "energy/daily" / path)],
        )
    con.execute("insert into made values ('a', '2025-02-02', 7, '2025-02-01'), ('b', '2025-02-02', 9, '2025-02-01')")
    martwriter.write(con, model(), "select * from made", target(tmp_path, "r2", whole=frozenset()))
    assert [path.name for path in sorted(tmp_path.rglob("r2*"))] == ["r2_1.parquet"]
    assert con.execute("select path from meta.replaced").fetchall() == [
        (str(tmp_path / "energy/daily/month=2025-02-01/r1_1.parquet"),)
    ]
    changed = [row for row in days(con) if row[2] != 1]
    assert changed == [("a", date(2025, 2, 2), 7, date(2025, 2, 1))]
    assert len(days(con)) == 8


def test_a_day_that_is_no_more_leaves_no_row(tmp_path, published):
    con = database("('a', date '2025-02-03', date '2025-02-01')")
    for path in published:
        con.execute(
            "insert into meta.mart_files values ($1, $2, $3)",
            ["energy.daily", path[6:16], str(tmp_path / "energy/daily" / path)],
        )
    martwriter.write(con, model(), "select * from made", target(tmp_path, "r2", whole=frozenset()))
    assert len(days(con)) == 7


def test_a_mart_without_rows_has_its_columns_and_categories_are_words(tmp_path):
    con = database()
    con.execute("create type kind as enum ('x'); create table none (kind kind, n integer)")
    (tmp_path / "energy/small").mkdir(parents=True)
    small = model("small", partition_by=None, month_by_month=False, order_by=())
    martwriter.write(con, small, "select * from none limit 0", Target(tmp_path, "r1", "", None))
    assert con.execute("select column_name, column_type from (describe energy.small)").fetchall() == [
        ("kind", "VARCHAR"),
        ("n", "INTEGER"),
    ]


def test_one_thread_writes_and_all_work_again_afterwards(tmp_path):
    con = database()
    con.execute("insert into made values ('a', '2025-01-01', current_setting('threads'), '2025-01-01')")
    martwriter.write(
        con,
        model(),
        "select * replace (current_setting('threads')::integer as quantity) from made",
        target(tmp_path, "r1"),
    )
    assert days(con)[0][2] == 1
    assert con.execute("select current_setting('threads')").fetchall() == [(2,)]


def test_words_are_categories_in_tables_of_the_build():
    con = database()
    label = model("label", schema="", categories=("word",))
    modelrun.run(con, [label], {"label": "select 'one' as word union all select 'two'"}, Target(Path(), "r1", "", None))
    assert str(con.execute("select typeof(word) from intermediate.label limit 1").fetchall()[0][0]).startswith("ENUM")


def test_the_model_that_fails_is_named():
    failing = model("label", schema="")
    with pytest.raises(LakeError, match=r"the models could not be built: label: .*nowhere"):
        modelrun.run(database(), [failing], {"label": "select * from nowhere"}, None)
