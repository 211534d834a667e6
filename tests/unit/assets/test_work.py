"""What a run shares: whoever stops it stops the programs that it started."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets.work import Work
from lake.engine import Engine

_LONG = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


def test_a_stopped_run_leaves_no_program_behind(tmp_path: Path) -> None:
    work = Work(str(tmp_path), tmp_path, {}, Path("dbt"), tmp_path, Engine())
    work.build = SimpleNamespace(  # type: ignore[assignment]
        folder=tmp_path, command=lambda *_: [sys.executable, "-c", _LONG], environment=dict
    )
    lines = work.run_dbt()
    process = int(next(lines))
    lines.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
