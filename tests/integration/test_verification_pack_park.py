"""A member of the reference park, proven by the verifier that lies in its own pack."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from lake import published
from pipelines.cli.main import status_of
from quality.evidence import keys
from quality.pack import bundle
from tests.integration.reference_park import ROOT, Park

pytestmark = pytest.mark.integration


def test_a_member_of_the_park_is_proven_by_the_verifier_inside_the_pack(park: Park, tmp_path: Path) -> None:
    """By command, with what was approved in the portal; verify.py then runs alone, away from the product."""
    site = ROOT / "examples/reference_park"
    asked = ["report", str(site), "verification-pack", "2025-12", "--organization", "cement", "--lake", str(park.lake)]
    assert status_of([*asked, "--output", str(tmp_path / "cement.zip")]) == 0
    key = keys.opened(keys.place({}, str(park.lake)))
    with published.opened(park.lake / "marts.duckdb") as marts:
        total = marts.execute(
            "select sum(emissions_tco2e) from carbon.emissions_monthly "
            "where organization_id = 'cement' and basis = 'statutory' and month = '2025-12-01'"
        ).fetchall()[0][0]
    with zipfile.ZipFile(tmp_path / "cement.zip") as archive:
        archive.extract("verify.py", tmp_path)
        declared = pq.read_table(io.BytesIO(archive.read("data/declared/carbon.totals.parquet")))
        entered = [name for name in archive.namelist() if name.startswith("vouchers/payloads/")]
    assert (tmp_path / "verify.py").read_text(encoding="utf-8") == bundle.text()
    mine = declared.filter((pc.field("basis") == "statutory") & (pc.field("organization_id") == "cement"))
    assert pc.sum(mine["emissions_tco2e"]).as_py() == total
    assert any(name.endswith(".xlsx") for name in entered)
    command = [sys.executable, "-I", "verify.py", "cement.zip", "--public-key", keys.public(key)]
    alone = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout.endswith("everything holds\n")
