"""The public steel-works file, from its 35,040 rows to the marts, to the last digit (UCI 851, CC BY 4.0)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def marts(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = tmp_path_factory.mktemp("uci") / "lake"
    env = os.environ | {"NENGTAN_DATASETS": str(datasets)}
    command = [sys.executable, "-m", "pipelines.cli.main", "run", "examples/uci_steel", "--lake", str(lake), "--json"]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert summary["rows_refused"] == 0
    assert summary["published"]
    with duckdb.connect(str(lake / "marts.duckdb"), read_only=True) as connection:
        yield connection


USAGE = "point_id in (select point_id from energy.intervals where quantity_unit = 'kWh')"


def test_every_interval_of_2018_and_no_other(marts: duckdb.DuckDBPyConnection) -> None:
    count, total, first, last = marts.sql(
        "select count(*), sum(quantity), min(epoch(period_start_at)), max(epoch(period_start_at)) "
        f"from energy.intervals where {USAGE}"
    ).fetchall()[0]
    assert count == 35_040
    assert total == Decimal("959636.71")
    year_start = 1_514_732_400  # 2018-01-01 00:00 in Seoul
    assert first == year_start
    assert last == year_start + 365 * 86_400 - 900


def test_every_day_has_96_intervals(marts: duckdb.DuckDBPyConnection) -> None:
    days = marts.sql(
        "select cast(floor((epoch(period_start_at) + 32400) / 86400) as integer) as day, count(*) "
        f"from energy.intervals where {USAGE} group by 1"
    ).fetchall()
    assert len(days) == 365
    assert {count for _, count in days} == {96}


def test_consumption_of_the_year_is_the_files_to_the_last_digit(marts: duckdb.DuckDBPyConnection) -> None:
    for mart in ["consumption_hourly", "consumption_daily", "consumption_monthly"]:
        total = marts.sql(
            f"select sum(quantity) from energy.{mart} where level = 0 and quantity_unit = 'kWh'"
        ).fetchall()
        assert total == [(Decimal("959636.71"),)], mart


def test_the_carbon_column_is_found_to_be_computed(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.sql(
        "select message_en, message_zh from quality.findings where message_en like '%0.0004585%'"
    ).fetchall()
    assert found, "the file's CO2 column is round(0.0004585 x usage, 2): a finding must say that it is computed"
    assert any("comput" in message for message, _ in found)
