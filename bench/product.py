"""The product as its user starts it, on the site that is measured."""

import json
import os
import shutil
import sys
from pathlib import Path

from bench.measure import Cost, child
from bench.size import Size
from lake.errors import NengtanError


def make_site(folder: Path, size: Size) -> Cost:
    """Make the site and its lake of raw readings."""
    words = [str(size.meters), str(size.days), str(size.seed)]
    return child([sys.executable, "-m", "bench.readings", folder, *words])


def run(site: Path, lake: Path) -> Cost:
    """`nengtan run`, with nothing inherited that would send it elsewhere."""
    environment = {"NENGTAN_MARTS": str(lake), "DAGSTER_HOME": str(lake / "build/dagster")}
    command = [sys.executable, "-m", "pipelines.cli.main", "run", str(site), "--lake", str(lake), "--json"]
    cost = child(command, environment)
    if not json.loads(cost.output)["checks_failed"] == 0:
        raise NengtanError(f"bench: checks failed: {cost.log.strip().splitlines()[-1:]}")
    return cost


def twin(lake: Path, folder: Path) -> Path:
    """Return a lake with the same data files and a log of its own: files that never change are shared, not copied."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lake, folder, copy_function=_shared)
    return folder


def _shared(source: str, target: str) -> None:
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)
