"""A service may not write where its code is, and need not: a run on a read-only file system."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import ROOT
from tests.integration.small_plant import planted


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_a_run_writes_nothing_where_its_code_is(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("this machine cannot give a process another view of its disks (unshare -m)")
    code = tmp_path / "code"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(code)], check=True)
    plant = planted(tmp_path)
    sealed = f"mount --bind {code} {code} && mount -o remount,ro,bind {code} && cd {code} && ! touch x 2>/dev/null"
    run = f"{sealed} && {sys.executable} -m pipelines.cli.main run {plant.site} --lake {plant.lake}"
    env = os.environ | {"NENGTAN_CACHE": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(["unshare", "-m", "bash", "-c", run], env=env, check=True)
    plant.whole()
