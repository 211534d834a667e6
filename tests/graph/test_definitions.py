"""The orchestrator's view: it loads without anything, and what is in it is what we think."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import dagster as dg
import pytest
import yaml

from assets.dbt_graph import marts
from lake import project
from lake.store import Lake
from pipelines import home, policies, sensors
from pipelines.settings import ROOT, read_settings
from tests.graph import asset_graph

NO_NETWORK = """
import socket
def refuse(*_): raise AssertionError("a definition asked the network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from pipelines.definitions import defs
print(len(defs.resolve_asset_graph().get_all_asset_keys()))
"""


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return asset_graph.definitions_of_the_park()


def test_definitions_load_with_an_empty_environment_and_no_network():
    loaded = subprocess.run(
        [sys.executable, "-W", "error", "-c", NO_NETWORK], cwd=ROOT, env={}, capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    assert int(loaded.stdout) >= 25


def test_definitions_load_beside_a_lake_that_is_not_there(tmp_path):
    lake = tmp_path / "lake"
    env = {"NENGTAN_LAKE": str(lake), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", "from pipelines.definitions import defs"]
    loaded = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    assert not lake.exists()


def test_the_asset_graph_is_the_one_that_was_agreed(defs):
    now = asset_graph.described(defs)
    assert len(now.splitlines()) >= 25
    assert now == asset_graph.KEPT.read_text("utf-8"), (
        "the graph changed: `python -m tests.graph.asset_graph` rewrites it"
    )


def test_every_asset_has_a_group_an_owner_kinds_and_words_in_both_languages(defs):
    specs = [spec for spec in defs.resolve_all_asset_specs() if spec.key.path[0] != "__"]
    assert len(specs) >= 25
    for spec in specs:
        assert spec.group_name not in (None, "default"), spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.description, spec.key
        chinese = any("一" <= letter <= "鿿" for letter in spec.description)
        english = any(letter.isascii() and letter.isalpha() for letter in spec.description)
        assert chinese and english, f"{spec.key}: {spec.description}"


def test_time_series_marts_are_months_of_the_sites_own_calendar(defs):
    monthly = [spec for spec in defs.resolve_all_asset_specs() if spec.partitions_def is not None]
    assert len(monthly) >= 6
    for spec in monthly:
        assert isinstance(spec.partitions_def, dg.MonthlyPartitionsDefinition)
        keys = spec.partitions_def.get_partition_keys()
        assert datetime.now(UTC).date().replace(day=1).isoformat() in keys
        assert "2018-01-01" in keys
    assert {spec.key.path[-1] for spec in monthly} >= {"intervals", "consumption_monthly", "emissions_monthly"}


def test_freshness_is_said_once_and_holds_for_what_every_run_makes(defs):
    specs = {spec.key: spec for spec in defs.resolve_all_asset_specs()}
    fresh = [key for key, spec in specs.items() if spec.freshness_policy == policies.FRESHNESS]
    assert len(fresh) >= 15
    assert all(specs[key].partitions_def is None for key in fresh)
    assert dg.AssetKey(["marts", "publication"]) in fresh


def test_one_job_one_schedule_one_sensor_in_one_process(defs):
    assert defs.resolve_job_def("refresh_marts").executor_def is dg.in_process_executor
    assert [schedule.name for schedule in defs.schedules] == ["refresh_hourly"]
    assert [sensor.name for sensor in defs.sensors] == ["new_raw_versions"]


def test_nothing_is_published_before_every_mart_and_blocking_check(defs):
    graph = defs.resolve_asset_graph()
    publication = graph.get(dg.AssetKey(["marts", "publication"]))
    built = {dg.AssetKey(mart.key) for mart in marts(ROOT / "dbt_project")}
    assert len(built) >= 10
    assert built <= publication.parent_keys
    checks = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    blocking = [check for check in checks if check.blocking]
    assert len(checks) >= 20
    assert len(blocking) >= 10
    assert {check.asset_key for check in blocking} <= publication.parent_keys
    assert all("|" in (check.description or "") for check in checks)


def test_our_graph_of_the_models_is_dbts_own():
    manifest = project.manifest(ROOT / "dbt_project")
    nodes = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    expected = {}
    for node in nodes.values():
        if node["fqn"][1] == "marts":
            expected[f"{node['schema']}.{node['alias']}"] = _marts_above(nodes, node)
    assert len(expected) >= 10
    assert {f"{mart.schema}.{mart.name}": set(mart.marts) for mart in marts(ROOT / "dbt_project")} == expected


def _marts_above(nodes, node):
    found = set()
    for parent in node["depends_on"]["nodes"]:
        if parent in nodes:
            above = nodes[parent]
            found |= (
                {f"{above['schema']}.{above['alias']}"} if above["fqn"][1] == "marts" else _marts_above(nodes, above)
            )
    return found


def test_the_sensor_asks_for_a_run_when_a_raw_table_has_a_new_version(tmp_path, monkeypatch):
    sensor = sensors.new_raw_versions(read_settings("/site", str(tmp_path), {}))
    versions: dict[str, int] = {}
    monkeypatch.setattr(Lake, "versions", lambda *_: versions)

    def tick(cursor):
        with dg.DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance, cursor=cursor) as context:
            return sensor(context)

    assert isinstance(tick(None), dg.SkipReason)
    versions["a__reading"] = 1
    first = tick(None)
    assert first.cursor == '{"a__reading": 1}'
    assert isinstance(tick(first.cursor), dg.SkipReason)
    versions["a__reading"] = 2
    assert len(tick(first.cursor).run_requests) == 1


def test_the_orchestrator_reports_to_nobody_and_runs_one_at_a_time(tmp_path):
    settings = yaml.safe_load((home.prepare(tmp_path / "home") / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        assert instance.telemetry_enabled is False


def test_the_workspace_names_our_definitions():
    location = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"][0]["python_module"]
    assert location == {"module_name": "pipelines.definitions", "attribute": "defs", "working_directory": "."}
