"""The site that `nengtan init` writes, run by the real command: a plant for proofs of what a machine can do to it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.cli.main import status_of
from pipelines.settings import ROOT

if TYPE_CHECKING:
    from tests.integration.warm_runs import WarmRuns

_POINTS = {"grid_import": 462_000.0, "gas_total": 90_000.0}
#: What differs between two lakes that hold the same: when and by which run something was made, and what proves it.
_OF_A_RUN = {"received_at", "batch_id", "run_id", "published_at", "checked_at", "found_at", "first_seen_at", "known_at"}


@dataclass(frozen=True)
class SmallPlant:
    """A site and its lake; where many runs are made of it, a warm interpreter begins them."""

    site: Path
    lake: Path
    runs: "WarmRuns | None" = None

    def arguments(self, *arguments: str) -> list[str]:
        return [*arguments, "--lake", str(self.lake)]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "pipelines.cli.main", *self.arguments(*arguments)]

    def nengtan(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        if self.runs is not None and not env:
            return self.runs.nengtan(*self.arguments(*arguments))
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False
        )

    def run(self) -> dict[str, object]:
        done = self.nengtan("run", str(self.site), "--json")
        assert done.returncode == 0, done.stderr[-3000:]
        told: dict[str, object] = json.loads(done.stdout)
        return told

    def day(self, number: int) -> None:
        """Let the file of one more day arrive, whole, as a sender does who renames it."""
        start = datetime(2025, 5, 1) + timedelta(days=number)  # noqa: DTZ001 -- the plant's wall clock
        rows = ["point_id,reading_at,value"]
        for quarter in range(96):
            at = start + timedelta(minutes=15 * quarter)
            hours = 24 * number + quarter / 4
            rows += [f"{point},{at:%Y-%m-%d %H:%M},{first + 10 * hours:.3f}" for point, first in _POINTS.items()]
        folder = self.site / "readings"
        folder.mkdir(exist_ok=True)
        incoming = folder / f".{start:%Y-%m-%d}"
        incoming.write_text("\n".join(rows) + "\n", "utf-8")
        incoming.rename(folder / f"{start:%Y-%m-%d}.csv")

    def whole(self) -> None:
        """What readers open is one publication: the months are the sums of their days."""
        path = self.lake / "marts.duckdb"
        if not path.exists():
            return
        with duckdb.connect(str(path), read_only=True) as connection:
            assert connection.execute("select number from publication").fetchone() is not None
            for mart in ("daily", "monthly"):
                assert connection.execute(f"select count(*) from energy.consumption_{mart}").fetchone() is not None
            sums = connection.execute(
                "select (select sum(quantity) from energy.consumption_daily), "
                "(select sum(quantity) from energy.consumption_monthly)"
            ).fetchone()
            assert sums is not None
            assert sums[0] == sums[1]

    def proven(self) -> None:
        """The chain holds: nothing was lost or changed since it was sealed."""
        done = self.nengtan("evidence", "verify", "--json")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        assert json.loads(done.stdout)["faults"] == []

    def facts(self) -> dict[str, list[tuple[object, ...]]]:
        """Return the rows of every mart that readings decide, without what belongs to a run."""
        with duckdb.connect(str(self.lake / "marts.duckdb"), read_only=True) as connection:
            columns = connection.execute(
                "select schema_name || '.' || table_name, list(column_name order by column_index) "
                "from duckdb_columns() where schema_name in ('energy', 'carbon') group by 1 order by 1"
            ).fetchall()
            found = {}
            for mart, names in columns:
                kept = ", ".join(f'"{name}"' for name in names if name not in _OF_A_RUN and "lineage" not in name)
                found[str(mart)] = connection.execute(f"select {kept} from {mart} order by all").fetchall()
        return found


def planted(base: Path, runs: "WarmRuns | None" = None) -> SmallPlant:
    """Return a plant with the example's readings, not run yet."""
    assert status_of(["init", str(base / "site")]) == 0
    return SmallPlant(base / "site", base / "lake", runs)


def said_in_one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence with which a command failed."""
    assert done.returncode == 1, (done.returncode, done.stdout[-500:], done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("nengtan: "), last
    assert 20 < len(last) < 600, last
    return last
