"""How many rows each model of a full build handles, all steps of its statements together, as DuckDB counts them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from lake import martwriter, modelrun, models, statements
from lake.build import Build
from lake.engine import connected

#: The rows that a model handles for each interval of a site of five points: half as many again as it did when it was
#: measured. A model that is not named stays below OTHERS.
CEILINGS = {
    "int_energy__reading_step": 26,
    "int_energy__interval": 12,
    "int_energy__interval_long": 12,
    "int_energy__reading_doubtful": 12,
    "int_energy__interval_assembled": 10,
    "int_energy__point_slot": 9,
    "int_energy__stretch": 8,
    "intervals": 6,
    "int_energy__consumption_hour": 6,
    "load_monthly": 5,
    "int_energy__supply_demand": 4,
    "readings_latest": 4,
    "consumption_hourly": 4,
    "int_energy__share_slot": 4,
    "int_quality__point_day": 3,
    "load_latest_hourly": 3,
    "int_energy__piece_long": 2,
    "consumption_daily": 2,
}
OTHERS = 1.2


class _Counted:
    """A connection that adds up the rows of every statement."""

    def __init__(self, con: duckdb.DuckDBPyConnection, told: Path) -> None:
        self._con, self._told = con, told
        self.rows = 0
        con.execute("pragma enable_profiling = 'json'")
        con.execute(f"set profiling_output = '{told}'")

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Execute a statement."""
        self._told.unlink(missing_ok=True)
        done = self._con.execute(query, list(parameters))
        if self._told.exists():
            self.rows += json.loads(self._told.read_text())["query"]["total_intermediate_rows"]
        return done


def handled(made: Build) -> dict[str, int]:
    """Run the models of a prepared build and return the rows that each of them handles."""
    found, counts = models.read(made.project), dict[str, int]()
    names = made.worklist.rebuild.models
    sql = statements.of(made.project, found, names, made.variables)
    target = martwriter.Target(made.marts, made.run_id, made.variables["newest_days_from"], None)
    with connected(made.database, engine=made.engine) as con:
        counted: Any = _Counted(con, made.folder / "rows.json")

        def tell(done: modelrun.Done) -> None:
            counts[done.name] = counted.rows
            counted.rows = 0

        modelrun.run(counted, [found.by_name[name] for name in names], sql, target, tell)
    return counts
