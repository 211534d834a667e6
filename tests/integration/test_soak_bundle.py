"""The bundle sets itself up and runs the park on a machine without any route out."""

import filecmp
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.reference_park import ROOT

#: The loopback stays: the park's plant talks to its collector.
_SEALED = ("unshare", "-n", "bash", "-c", 'ip link set lo up && test -z "$(ip route)" && exec make run')


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_bundle_runs_without_a_network(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-n", "true"], check=False).returncode:
        pytest.skip("this machine cannot cut a process off the network (unshare -n)")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    subprocess.run([clone / "scripts/bundle.sh", str(tmp_path)], check=True)
    (archive,) = tmp_path.glob("nengtan-*.tar")
    again = tmp_path / "again"
    subprocess.run([clone / "scripts/bundle.sh", str(again)], check=True, umask=0o077)
    assert filecmp.cmp(archive, again / archive.name, shallow=False), "the same commit gives the same bytes"
    shutil.rmtree(again)
    subprocess.run(["tar", "-xf", archive.name], cwd=tmp_path, check=True)
    place = tmp_path / archive.stem
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=place, check=True)
    wheels = list((place / "wheelhouse").glob("*.whl"))
    assert len(wheels) > 200
    bill = json.loads((place / "bom.cdx.json").read_text("utf-8"))
    assert {path.name for path in wheels} <= {part["bom-ref"] for part in bill["components"]}
    for cache in ("uv", "pip"):
        (tmp_path / cache).mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "NENGTAN_"))}
    env |= {"UV_CACHE_DIR": str(tmp_path / "uv"), "PIP_CACHE_DIR": str(tmp_path / "pip")}
    ended = subprocess.run(_SEALED, cwd=place, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert " checks passed, 0 failed" in ended.stdout
    assert (place / "lake/marts.duckdb").exists()
