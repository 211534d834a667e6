"""The orchestrator forgets old runs, never the last ones, and its files of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from lake.retention import Policy
from pipelines import home, retained
from pipelines.settings import read_settings


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_runs_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dg.op
    def nothing() -> None:
        """Do nothing."""

    @dg.job
    def small() -> None:
        """Do nothing in one step."""
        nothing()

    settings = read_settings(None, str(tmp_path / "lake"))
    with home.instance(settings.dagster_home) as instance:
        ids = [small.execute_in_process(instance=instance).run_id for _ in range(3)]
    monkeypatch.setattr(retained, "_LAST", 1)
    later = datetime.now(UTC) + timedelta(days=91)
    assert retained.runs(settings, Policy(), later - timedelta(days=2)) == []
    items = retained.runs(settings, Policy(), later)
    assert {item.path.stem for item in items} == set(ids[:2])
    assert retained.forget(settings, items) == sum(item.size_bytes for item in items) > 0
    assert {path.stem for path in items[0].path.parent.glob("*.db")} == {ids[2], "index"}
    with home.instance(settings.dagster_home) as instance:
        assert [run.run_id for run in instance.get_runs()] == ids[2:]
