"""The park restored onto an empty place equals the original, mart by mart and proof by proof."""

import json
import os
from pathlib import Path

import duckdb
import pytest

from tests.integration.reference_park import Park, module


def _command(*arguments: str, park: Park) -> dict[str, object]:
    env = os.environ | {
        "NENGTAN_PORTAL_HOME": str(park.data.parent / "portal"),
        "NENGTAN_SITE": "examples/reference_park",
    }
    told: dict[str, object] = json.loads(module("pipelines.cli.main", *arguments, "--json", env=env).stdout)
    return told


#: Dear beside the park: the small twin of these proofs is tests/unit/lake/backup.
pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def restored(park: Park, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake that a backup of the park became elsewhere."""
    base = tmp_path_factory.mktemp("backup")
    kept, safe, there = str(base / "kept"), str(base / "safe"), base / "there"
    taken = _command("backup", kept, "--lake", str(park.lake), "--keys", safe, park=park)
    again = _command("backup", kept, "--lake", str(park.lake), park=park)
    assert taken["new_files"] == taken["files"]
    assert int(str(taken["files"])) > 500
    assert again["new_files"] == 0
    env = os.environ | {"NENGTAN_PORTAL_HOME": str(base / "portal")}
    options = ("--lake", str(there), "--site-to", str(base / "site"), "--keys", safe, "--json")
    told = json.loads(module("pipelines.cli.main", "restore", kept, *options, env=env).stdout)
    assert told["faults"] == []
    assert told["missing_keys"] == []
    assert (base / "portal/portal.sqlite").exists()
    assert (base / "site/site.yaml").exists()
    return there


def test_every_mart_is_the_same(park: Park, restored: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{park.lake / 'marts.duckdb'}' as one (read_only)")
        connection.execute(f"attach '{restored / 'marts.duckdb'}' as two (read_only)")
        marts = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'one' union all "
            "select schema_name || '.' || view_name from duckdb_views() where database_name = 'one' and not internal"
        ).fetchall()
        assert len(marts) > 60
        for (mart,) in marts:
            counted = connection.execute(
                f"select (select count(*) from one.{mart}), (select count(*) from two.{mart}), "
                f"(select count(*) from (from one.{mart} except all from two.{mart}))"
            ).fetchone()
            assert counted is not None
            assert counted[0] == counted[1], mart
            assert counted[2] == 0, mart


def test_every_proof_is_the_same(park: Park, restored: Path) -> None:
    one, two = (
        json.loads(
            module(
                "pipelines.cli.main", "evidence", "verify", "--lake", str(lake), "--json", env=dict(os.environ)
            ).stdout
        )
        for lake in (park.lake, restored)
    )
    assert two["faults"] == []
    for verdict in (one, two):  # what was asked of each since then waits in its own log
        assert verdict.pop("pending_audit_lines") >= 1
    assert one == two
    assert int(two["rows"]) > 100_000
