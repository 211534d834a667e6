"""Views of an earlier run come back in its words: the same relations, and never old words for new ones."""

from pathlib import Path

import duckdb
import pytest

from lake import keptviews
from tests.unit.lake.graphs import graph

VALUES = {"whole": [], "timezone": "UTC", "run_id": "one", "months": ["2025-01-01"]}
PRICE = "select day, price from ref.tariffs"
ABOVE = "select day, price + amount as price from intermediate.int_price join intermediate.int_interval using (day)"


def build(columns: str = "day date, price integer") -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"create schema ref; create table ref.tariffs ({columns})")
    return con


def built_by_dbt() -> duckdb.DuckDBPyConnection:
    """A build in which dbt has made the table int_interval, the view int_price and one that reads both."""
    con = build()
    con.execute("create schema intermediate; create table intermediate.int_interval (day date, amount decimal(18, 6))")
    con.execute(f"create view intermediate.int_price as {PRICE}; create view intermediate.int_slot as {ABOVE}")
    return con


@pytest.fixture
def file(tmp_path: Path) -> Path:
    compiled = {"int_price": PRICE, "int_slot": ABOVE}
    keptviews.remember(built_by_dbt(), tmp_path / "views.json", views(), compiled, VALUES)
    return tmp_path / "views.json"


def views(changed: dict[str, str] | None = None):
    return graph(changed, also_reads={"int_slot": ["int_price"]})


def test_views_are_made_before_the_tables_that_they_read(file):
    con = build()
    assert keptviews.restore(con, file, views(), ["int_price", "int_slot", "int_interval"], VALUES) == {
        "int_price",
        "int_slot",
    }
    assert con.execute("select table_name from duckdb_tables() where schema_name = 'intermediate'").fetchall() == []
    amounts = "select date '2025-01-01' as day, 2.5::decimal(18, 6) as amount"
    con.execute(f"create table intermediate.int_interval as {amounts}")
    con.execute("insert into ref.tariffs values (date '2025-01-01', 4)")
    assert con.execute("select price from intermediate.int_slot").fetchall() == [(6.5,)]


def test_only_what_a_run_needs_is_made(file):
    assert keptviews.restore(build(), file, views(), ["int_price"], VALUES) == {"int_price"}


@pytest.mark.parametrize("values", [{"whole": "all"}, {"timezone": "Asia/Shanghai"}])
def test_another_kind_of_run_gets_no_view(file, values):
    assert keptviews.restore(build(), file, views(), ["int_price"], VALUES | values) == set()


def test_another_run_of_the_kind_gets_them(file):
    again = VALUES | {"run_id": "two", "months": ["2025-02-01"]}
    assert keptviews.restore(build(), file, views(), ["int_price"], again) == {"int_price"}


def test_other_columns_of_a_source_get_no_view(file):
    con = build("day date, price integer, note varchar")
    assert keptviews.restore(con, file, views(), ["int_price"], VALUES) == set()


def test_another_state_of_the_project_gets_no_view(file):
    assert keptviews.restore(build(), file, graph(code_hash="another"), ["int_price"], VALUES) == set()


def test_a_view_that_names_what_each_run_decides_is_left_to_dbt(tmp_path):
    named = views({"int_price": "var('months')"})
    keptviews.remember(built_by_dbt(), tmp_path / "views.json", named, {"int_price": PRICE}, VALUES)
    assert keptviews.restore(build(), tmp_path / "views.json", named, ["int_price"], VALUES) == set()


def test_a_file_that_was_cut_off_is_no_file(file):
    file.write_text(file.read_text("utf-8")[:-5], "utf-8")
    assert keptviews.restore(build(), file, views(), ["int_price"], VALUES) == set()


def test_a_view_of_words_that_are_categories_of_a_run_is_left_to_dbt(tmp_path):
    con = built_by_dbt()
    con.execute("alter table intermediate.int_interval alter column amount type enum('of', 'this', 'run') using 'run'")
    compiled = {"int_price": PRICE, "int_slot": ABOVE}
    keptviews.remember(con, tmp_path / "views.json", views(), compiled, VALUES)
    assert keptviews.restore(build(), tmp_path / "views.json", views(), list(compiled), VALUES) == {"int_price"}


def test_what_cannot_be_made_is_left_to_dbt(tmp_path):
    broken = {"int_price": "select * from ref.nowhere"}
    keptviews.remember(built_by_dbt(), tmp_path / "views.json", views(), broken, VALUES)
    assert keptviews.restore(build(), tmp_path / "views.json", views(), ["int_price"], VALUES) == set()
