"""The orchestrator's own folder: its settings, and what it remembers of its runs."""

from pathlib import Path

import dagster as dg
from dagster._core.instance import InstanceRef

#: Nothing is reported to anyone; one run at a time, because a lake has one writer of marts; old ticks are
#: forgotten; what steps print is not captured, because what they have to say they log.
DAGSTER_YAML = """\
telemetry:
  enabled: false
python_logs:
  managed_python_loggers: [nengtan]
  python_log_level: INFO
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
concurrency:
  runs:
    max_concurrent_runs: 1
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days:
      skipped: 1
      failure: 30
      success: 30
"""


def prepare(home: Path) -> Path:
    """Make the folder and write its settings."""
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.is_file() or settings.read_text(encoding="utf-8") != DAGSTER_YAML:
        settings.write_text(DAGSTER_YAML, encoding="utf-8")
    return home


def instance(home: Path) -> dg.DagsterInstance:
    """Return the orchestrator's instance for a run in this process, which keeps its files open until it ends."""
    folder = {"base_dir": str(home / "history" / "runs")}
    events = {"module": "pipelines.history", "class": "History", "config": folder}
    made = InstanceRef.from_dir(str(prepare(home)), overrides={"event_log_storage": events})
    return dg.DagsterInstance.from_ref(made)
