import json

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.cli.main import status_of


@pytest.fixture
def lake(tmp_path):
    """A lake whose marts.duckdb has a table and a view on a file, beside a file that is none of the marts."""
    folder = tmp_path / "it's a lake"
    (folder / "marts/energy/big").mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(f"copy (select range as n from range(3)) to '{_quoted(folder / 'marts/energy/big/a.parquet')}'")
        con.execute(f"copy (select 42 as secret) to '{_quoted(folder / 'marts/other.parquet')}'")
        con.execute(f"attach '{_quoted(folder / 'marts.duckdb')}' as door (storage_version 'v1.4.0')")
        con.execute("create schema door.energy")
        con.execute(
            "create table door.energy.small as select date '2025-01-01' as month, '煤' as carrier, "
            "cast(0.1 as decimal(18, 6)) as quantity, timestamptz '2025-01-01 00:00+08' as period_start_at"
        )
        listed = f"['{_quoted(folder / 'marts/energy/big/a.parquet')}']"
        con.execute(f"create view door.energy.big as select * from read_parquet({listed})")
    return folder


def _quoted(path):
    return str(path).replace("'", "''")


def ask(lake, *arguments):
    return status_of(["sql", "--lake", str(lake), *arguments])


def test_a_table_and_a_view_are_read(lake, capsys):
    assert ask(lake, "select carrier, sum(n) as n from energy.small, energy.big group by all") == 0
    shown = capsys.readouterr().out
    assert "煤" in shown
    assert "3" in shown


def test_csv_has_a_header_line(lake, capfd):
    assert ask(lake, "--format", "csv", "from energy.small") == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].replace('"', "") == "month,carrier,quantity,period_start_at"
    assert lines[1].startswith('2025-01-01,"煤",0.100000,2024-12-31 16:00')


def test_json_keeps_decimals_as_numbers(lake, capsys):
    assert ask(lake, "--format", "json", "select * from energy.small; -- the end") == 0
    text = capsys.readouterr().out
    assert json.loads(text)[0]["carrier"] == "煤"
    assert '"quantity":0.100000' in text


def test_csv_spells_what_is_more_than_one_cell(lake, capfd):
    query = "select [1, 2] as l, {'a': 1} as s, interval 3 days as i, blob '\\xFF' as b, 1 as n, 2 as n"
    assert ask(lake, "--format", "csv", query) == 0
    assert capfd.readouterr().out.splitlines() == [
        '"l","s","i","b","n","n"',
        '"[1, 2]","{\'a\': 1}","3 days","\\xFF",1,2',
    ]
    assert ask(lake, "--format", "csv", "show all tables") == 0


def test_parquet_goes_to_a_file(lake, tmp_path):
    assert ask(lake, "--format", "parquet", "--output", str(tmp_path / "x.parquet"), "from energy.big") == 0
    assert pq.read_table(tmp_path / "x.parquet")["n"].to_pylist() == [0, 1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "create table t as select 1",
        "delete from energy.small",
        "copy energy.small to '{lake}/marts/energy/big/a.parquet'",
        "explain analyze copy energy.small to '{lake}/marts/energy/big/a.parquet'",
        "attach '{lake}/x.duckdb'",
        "set enable_external_access = true",
        "pragma version",
        "install httpfs",
        "load httpfs",
        "select 1; drop table energy.small",
        "select * from '{lake}/marts/other.parquet'",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/hosts')",
        "select * from glob('/*')",
        "export database '{lake}/x'",
        "call enable_logging()",
        "select nothing from nowhere",
        "selec 1",
    ],
)
def test_what_is_no_question_about_the_marts_is_refused_in_one_sentence(lake, query, capsys):
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    assert ask(lake, query.replace("{lake}", _quoted(lake))) == 1
    shown = capsys.readouterr()
    assert "42" not in shown.out
    assert shown.err.startswith("nengtan: ")
    assert {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "query", ["explain select 1", "describe energy.small", "show all tables", "summarize energy.big"]
)
def test_looking_around_is_a_question(lake, query):
    assert ask(lake, query) == 0


def test_what_cannot_be_opened_or_written_is_one_sentence(lake, tmp_path, capsys):
    assert ask(lake, "--format", "csv", "--output", str(tmp_path / "none/x.csv"), "select 1") == 1
    assert capsys.readouterr().err == f"nengtan: {tmp_path}/none/x.csv: no such file or directory\n"
    (lake / "marts.duckdb").write_text("no database" * 9)
    assert ask(lake, "select 1") == 1
    assert "marts.duckdb cannot be opened" in capsys.readouterr().err


def test_without_a_publication_it_says_how_to_make_one(tmp_path, capsys):
    assert ask(tmp_path, "select 1") == 1
    assert "`nengtan run SITE` publishes" in capsys.readouterr().err


def test_no_cell_of_csv_begins_a_formula(lake, capfd):
    """A spreadsheet would start what a cell says; other forms are for programs and tell it as it is."""
    query = "select '=cmd|''/C calc''!A0' as a, '@SUM(1)' as b, '-5' as c, -5 as d, '东山' as e"
    assert ask(lake, "--format", "csv", query) == 0
    assert capfd.readouterr().out.splitlines()[1] == '"\'=cmd|\'/C calc\'!A0","\'@SUM(1)","-5",-5,"东山"'
    assert ask(lake, "--format", "json", query) == 0
    assert '"a":"=cmd' in capfd.readouterr().out
