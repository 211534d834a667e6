"""How long an analyst waits for the published marts: `marts.duckdb` opened as any reader opens it, asked warm.

The answer is taken as a table of columns, as charts and data frames take it: a Python object for every value of a
year by hour costs three times as much as the query itself.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from bench import product
from bench.measure import child
from bench.size import Size

_ASKED = 15
QUERIES = {
    "latest_1000": (
        "select point_id, reading_at, value, value_unit from energy.readings_latest order by point_id limit 1000"
    ),
    "meter_year_hourly": (
        "select period_start_at, quantity, cost_cny from energy.consumption_hourly "
        "where energy_unit_id = $unit order by period_start_at"
    ),
    "day_all_units": (
        "select energy_unit_id, carrier, quantity, cost_cny from energy.consumption_daily "
        "where local_date = $day order by energy_unit_id"
    ),
    "top10_month": (
        "select energy_unit_id, quantity, cost_cny from energy.consumption_monthly "
        "where month = $month and level = (select max(level) from energy.consumption_monthly) "
        "order by quantity desc limit 10"
    ),
}


def measured(size: Size) -> dict[str, float]:
    """Return the median milliseconds of each query; the first answer of each warms up and is not counted."""
    with tempfile.TemporaryDirectory(prefix="nengtan_bench_") as made:
        folder = Path(made)
        product.make_site(folder, size)
        product.run(folder / "site", folder / "lake")
        told: dict[str, float] = json.loads(child([sys.executable, "-m", "bench.query", folder / "lake"]).output)
        return told


def ask(marts: Path) -> dict[str, float]:
    """Ask every query in turn, several times, and return the median of each, in milliseconds."""
    took: dict[str, list[float]] = {name: [] for name in QUERIES}
    with duckdb.connect(str(marts), read_only=True) as connection:
        unit, day, month = connection.execute(
            "select max(energy_unit_id), max(local_date) - 5, max(month) from energy.consumption_daily"
        ).fetchall()[0]
        values = {"unit": unit, "day": day, "month": month}
        for _ in range(_ASKED + 1):
            for name, query in QUERIES.items():
                known = {key: value for key, value in values.items() if f"${key}" in query}
                started = time.perf_counter()
                answer = connection.sql(query, params=known).to_arrow_table()
                took[name].append((time.perf_counter() - started) * 1000)
                assert answer.num_rows, f"{name} answers nothing"
    return {f"query.{name}_ms": statistics.median(times[1:]) for name, times in took.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ask(Path(sys.argv[1]) / "marts.duckdb")))
