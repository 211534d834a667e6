"""A lake that an earlier state of this code made: it opens, runs, tells the same figures and equals a fresh one.

The recorded one, `tests/fixtures/lake_of_before.tar.xz`, was made at commit BEFORE: the starter site with three days of
readings, its lake without what runs make anew, an entry portal with one sheet and an outbox with one message.
"""

import json
import shutil
import subprocess
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable

from exchange.outbox import Outbox
from ingestion.portal import sheets
from ingestion.portal.database import Database
from lake import manifest
from lake.store import Lake
from pipelines.cli.main import status_of
from pipelines.settings import ROOT
from tests.integration import calls_out
from tests.integration.small_plant import SmallPlant, planted

BEFORE = "205a8d3540ac3bbcf4426e94b06d16abf2a78799"
RECORDED = ROOT / "tests/fixtures/lake_of_before.tar.xz"
#: What is told of figures; what a mart says of runs, batches and proofs differs from lake to lake.
_FIGURES = ("energy.", "carbon.")
#: When and by which run a row was made.
_OF_A_RUN = {"received_at", "batch_id", "run_id", "known_at", "raised_at", "lineage_id"}


def _rows(lake: Path, number: int | None, columns: dict[str, set[str]]) -> dict[str, list[str]]:
    """Return the rows of a publication's figures, in the columns that are asked for, by mart."""
    area = lake / "marts"
    told = manifest.read(area, number) if number is not None else manifest.last(area)
    assert told is not None
    found = {}
    for name, mart in told.marts.items():
        if name in columns:
            table = DeltaTable(area / name.replace(".", "/"), version=mart.version).to_pyarrow_table()
            found[name] = sorted(map(repr, table.select(sorted(columns[name])).to_pylist()))
    return found


def _columns(lake: Path, number: int) -> dict[str, set[str]]:
    told = manifest.read(lake / "marts", number).marts
    return {name: set(mart.columns) - _OF_A_RUN for name, mart in told.items() if name.startswith(_FIGURES)}


@pytest.fixture
def before(tmp_path: Path) -> SmallPlant:
    with tarfile.open(RECORDED) as recorded:
        recorded.extractall(tmp_path, filter="data")
    return SmallPlant(tmp_path / "site", tmp_path / "lake")


@pytest.mark.soak
def test_a_lake_of_before_runs_on_tells_the_same_and_calls_nobody(before: SmallPlant, tmp_path: Path) -> None:
    assert RECORDED.stat().st_size < 1_000_000
    columns = _columns(before.lake, 1)
    told = _rows(before.lake, 1, columns)
    assert len(columns) >= 40
    assert sum(map(len, told.values())) > 500
    command, trail = before.command("run", str(before.site), "--json"), tmp_path / "calls"
    is_watched = calls_out.is_watchable()
    if is_watched:
        command = calls_out.watched(command, trail)
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    done = json.loads(ended.stdout)
    assert (done["rows_read"], done["published"], done["checks_failed"]) == (0, True, 0)
    assert not is_watched or calls_out.beyond_loopback(trail) == []
    assert _rows(before.lake, None, columns) == told
    assert status_of(["evidence", "verify", "--lake", str(before.lake)]) == 0
    before.whole()


def test_registers_of_before_open_with_what_they_hold(before: SmallPlant) -> None:
    key = sheets.Key("production", "plant", "2025-03")
    database = Database(before.lake / "portal/portal.sqlite")
    with database.writing() as connection:
        held = sheets.latest(connection, key)
        assert held is not None
        assert held.rows == [{"product_id": "part", "quantity": "12"}]
        sheets.begin(connection, sheets.Key("supplier_footprints", "plant", "2025-03", "a/b/1"), [], "supplier:a")
    with closing(Outbox(before.lake / "uplink.sqlite")) as outbox:
        (waiting,) = outbox.due("city", datetime.now(UTC).timestamp())
        assert waiting.body == '{"value": 12}'
    assert Lake(str(before.lake)).site_id() == "my_plant"


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_lake_that_the_code_of_before_makes_equals_a_fresh_one(tmp_path: Path) -> None:
    old = tmp_path / "code"
    if subprocess.run(["git", "worktree", "add", "--detach", str(old), BEFORE], cwd=ROOT, check=False).returncode:
        pytest.skip("this clone does not reach back to the code of before")
    try:
        fresh = planted(tmp_path / "fresh")
        upgraded = SmallPlant(tmp_path / "site", tmp_path / "lake")
        shutil.copytree(fresh.site, upgraded.site)
        subprocess.run(upgraded.command("run", str(upgraded.site)), cwd=old, check=True)
        for plant in (upgraded, fresh):
            plant.day(0)
            assert plant.run()["published"]
            plant.proven()
        wanted = _columns(fresh.lake, 1)
        assert len(wanted) >= 60
        assert _rows(upgraded.lake, None, wanted) == _rows(fresh.lake, None, wanted)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(old)], cwd=ROOT, check=False)
