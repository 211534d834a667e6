"""The reference park from its meters to published marts, once for all tests that want it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tests.integration import park_closing, park_entry
from tests.integration.park_entry import Entered

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Park:
    """What one pass from the meters to the marts left behind."""

    data: Path
    lake: Path
    summary: dict[str, object]
    again: dict[str, object]
    entered: Entered
    closing: str

    def sql(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.lake / "marts.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()


def module(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{arguments}: {result.stderr[-3000:]}"
    return result


def published(base: Path, start: str = "2025-11-01") -> Park:
    """Simulate from `start` (two months), play the recorded day, collect it, run twice; everything below `base`.

    Before the first run the cement works corrects a month's clinker with the entry portal's Excel template.
    """
    data, lake = base / "plant", base / "lake"
    site = "examples/reference_park"
    env = os.environ | {"NENGTAN_LAKE": str(lake), "NENGTAN_SITE": site, "NENGTAN_PLANT": str(data)}
    module("examples.reference_park.simulate", "--out", str(data), "--from", start, env=env)
    ready = data / "ready.json"
    plant = subprocess.Popen(
        [sys.executable, "-m", "examples.reference_park.plant", "--data", str(data), "--ready-file", str(ready)],
        cwd=ROOT,
    )
    try:
        deadline = time.monotonic() + 180
        while not ready.exists():
            assert plant.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        env |= json.loads(ready.read_text("utf-8"))
        module("pipelines.cli.main", "collect", site, "--until-idle", "6", env=env)
        entered = park_entry.by_workbook(ROOT / site, lake, base / "portal", env)
        run = ["pipelines.cli.main", "run", site, "--json"]
        summary = json.loads(module(*run, env=env).stdout)
        closing = park_closing.november(ROOT / site, lake, base / "portal_of_closing", env)
        again = json.loads(module(*run, env=env).stdout)
    finally:
        plant.terminate()
        plant.wait(timeout=90)
    return Park(data, lake, summary, again, entered, closing)
