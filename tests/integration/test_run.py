"""From `nengtan init` to published marts, and what later runs do: nothing, a month, bad rows, a failed check."""

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from ingestion.health import Board
from lake.store import Lake
from pipelines import execute, graph
from pipelines.cli.main import status_of
from pipelines.settings import ROOT, read_settings
from quality.suite import Expectation, Suite
from tests import tampering
from tests.integration import receiver

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Plant:
    site: Path
    lake: Path

    def nengtan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipelines.cli.main", *arguments, "--lake", str(self.lake)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def run(self, *arguments: str) -> dict[str, object]:
        done = self.nengtan("run", str(self.site), "--json", *arguments)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def sql(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.lake / "marts.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()


READER = """
import sys, time, duckdb
query = (
    "select (select number from publication), (select sum(quantity) from energy.consumption_monthly), "
    "(select sum(quantity) from energy.consumption_daily), (select count(*) from quality.checks)"
)
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as marts:
        print(*marts.sql(query).fetchall()[0], flush=True)
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def reader(plant, first, tmp_path_factory) -> Iterator[Path]:
    """Another process that opens, asks and closes again and again, while others run and publish."""
    seen = tmp_path_factory.mktemp("reader") / "seen.txt"
    with seen.open("w", encoding="utf-8") as out:
        process = subprocess.Popen([sys.executable, "-c", READER, str(plant.lake / "marts.duckdb")], stdout=out)
        yield seen
        assert process.poll() is None, "the reader met an error"
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def plant(tmp_path_factory) -> Plant:
    base = tmp_path_factory.mktemp("plant")
    assert status_of(["init", str(base / "site")]) == 0
    return Plant(base / "site", base / "lake")


@pytest.fixture(scope="module")
def first(plant) -> subprocess.CompletedProcess[str]:
    board = Board(plant.lake, {"export": "files"})
    export = board.sources["export"]
    for word in ("no answer", None, "gone again"):
        export.say(word)
    export.arrived(SimpleNamespace(device_clock=("3", 75.2)))
    board.write()
    return plant.nengtan("run", str(plant.site))


def test_the_first_run_publishes_and_tells_what_it_made(plant, first):
    assert first.returncode == 0, first.stderr[-3000:]
    assert "17,861" in first.stdout
    assert "My plant" in first.stdout
    assert "publication 1" in first.stdout
    assert first.stdout.count("  nengtan ") == 3
    assert "Traceback" not in first.stderr


def test_what_the_collector_noted_of_a_source_is_published(plant, first):
    noted = "outage_count, outage_s, last_outage_from_at is not null, clock_device, clock_offset_s, landed_count"
    assert plant.sql(f"select {noted} from quality.sources where source = 'export'") == [(2, 0, True, "3", 75, 17861)]
    outages = "select source, to_at is null, outage_s, outage_reason from quality.source_outages order by 2"
    assert plant.sql(outages) == [("export", False, 0, "no answer"), ("export", True, None, "gone again")]


def test_every_unit_has_its_energy_and_what_flows_in_flows_out(plant, first):
    monthly = dict(
        plant.sql("select energy_unit_id, sum(energy_gj) from energy.consumption_monthly where is_counted group by 1")
    )
    assert set(monthly) == {"plant", "machining", "painting", "utilities"}
    assert abs(sum(value for unit, value in monthly.items() if unit != "plant") - monthly["plant"]) < 0.001
    registers = plant.site / "readings/2025-03.csv"
    used = duckdb.sql(
        f"select max(value) - min(value) from read_csv('{registers}') where point_id = 'machining_import'"
    ).fetchall()[0][0]
    kept = plant.sql("select quantity from energy.consumption_monthly where energy_unit_id = 'machining'")
    assert abs(float(kept[0][0]) - used) < 0.001


def test_checks_and_findings_are_marts_with_comments_in_both_languages(plant, first):
    checks = plant.sql("select suite, expectation, passed, outcome_name_zh from quality.checks")
    assert len(checks) >= 20
    assert all(passed and outcome == "通过" for _, _, passed, outcome in checks)
    assert plant.sql("select count(*) from quality.findings where state = 'open' and severity = 'high'") == [(0,)]
    comments = plant.sql("select comment from duckdb_columns() where schema_name = 'quality' and table_name = 'checks'")
    assert len(comments) >= 13
    assert all(" | " in comment for (comment,) in comments)


def test_figures_are_told_to_a_platform_above_until_it_takes_them(plant, first, monkeypatch):
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/uplink.md").read_text("utf-8"), re.DOTALL)
    uplinks = plant.site / "uplinks.yaml"
    uplinks.write_text(example.replace("    token:", "    first_retry_seconds: 0.001\n    token:"), encoding="utf-8")
    monkeypatch.setattr(receiver, "PLAN", ("take",) * 20 + ("lose", "fail"))
    with receiver.receiving() as platform:
        monkeypatch.setenv("PROVINCE_URL", f"http://127.0.0.1:{platform.port}")
        done = plant.nengtan("uplink", "send", str(plant.site), "--wait", "300")
        assert done.returncode == 0, done.stderr
        again = plant.nengtan("uplink", "send", str(plant.site))
        told = plant.nengtan("uplink", "status", str(plant.site))
    uplinks.unlink()
    assert "0 queued, 0 acknowledged" in again.stdout
    assert f"{len(platform.kept)} acknowledged" in told.stdout
    bodies = list(platform.kept.values())
    assert sum("comprehensiveEnergy" in body for body in bodies) == 1
    assert sum("items" in body for body in bodies) == 31
    assert sum("points" in body for body in bodies) == 97
    assert platform.differing == 0
    ((tce,),) = plant.sql("select comprehensive_energy_tce_calorific from energy.comprehensive_monthly")
    (month,) = (body for body in bodies if "comprehensiveEnergy" in body)
    assert (month["period"], month["comprehensiveEnergy"]) == ("202503", float(tce))


def test_costs_and_emissions_have_values(plant, first):
    cost, calorific = plant.sql(
        "select sum(cost_cny), sum(comprehensive_energy_tce_calorific) from energy.comprehensive_monthly"
    )[0]
    assert cost > 200_000
    assert 70 < calorific < 100
    assert plant.sql("select count(*) > 0 from carbon.emissions_monthly where emissions_tco2e > 0") == [(True,)]


def test_what_landed_is_sealed_and_a_changed_reading_is_named_beside_its_payload(plant, first, capsys):
    asked = ["evidence", "verify", str(plant.site), "--lake", str(plant.lake)]
    assert status_of([*asked, "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["faults"], verdict["pending_rows"]) == ([], 0)
    sealed = "select sum(rows)::bigint, count(distinct head_number) from evidence.batches"
    assert plant.sql(sealed) == [(verdict["rows"], verdict["heads"])]
    lake = Lake(str(plant.lake))
    with tampering.undone(lake.root) as remember:
        tampering.value(lake, random.Random(3), remember)
        assert status_of(asked) == 1
    told = capsys.readouterr().out
    assert re.search(
        r"block \d+ of \d+: not as it was sealed; the lake says (\w+ at [\d: -]+) = .*; the payload says \1 = ", told
    )


def test_a_head_is_handed_out_and_asked_for_again(plant, first, tmp_path, capsys):
    kept = tmp_path / "head.json"
    assert status_of(["evidence", "head", "--lake", str(plant.lake), "--output", str(kept)]) == 0
    asked = ["evidence", "verify", str(plant.site), "--lake", str(plant.lake), "--head", str(kept)]
    assert status_of(asked) == 0
    kept.write_text(kept.read_text("utf-8").replace('"size": ', '"size": 1'), encoding="utf-8")
    assert status_of(asked) == 1
    assert "its history was written anew" in capsys.readouterr().out
    kept.write_text("{}")
    assert status_of(asked) == 1
    assert "is not a head of an evidence chain" in capsys.readouterr().err


def test_sql_reads_what_was_published(plant, first):
    done = plant.nengtan("sql", "--format", "csv", "select count(*) as n from energy.intervals")
    assert done.stdout.splitlines() == ['"n"', str(31 * 96 * 6)]


def test_a_second_run_has_nothing_new_and_touches_nothing(plant, first):
    before = {path.name: path.stat().st_mtime_ns for path in plant.lake.glob("*.duckdb")}
    assert plant.run() == {
        "rows_read": 0,
        "rows_refused": 0,
        "partitions_rebuilt": 0,
        "checks_passed": 0,
        "checks_failed": 0,
        "published": False,
        "as_of": None,
    }
    assert {path.name: path.stat().st_mtime_ns for path in plant.lake.glob("*.duckdb")} == before


def test_bad_rows_are_counted_and_the_good_ones_beside_them_arrive(plant, reader):
    rows = [
        "point_id,reading_at,value",
        "grid_import,2025-04-01 00:15,462350.5",
        "nobody,2025-04-01 00:15,1",
        "grid_import,yesterday,1",
        "grid_import,2025-04-01 00:30,much",
        "grid_import,2125-04-01 00:30,5",
        "gas_total,2025-04-01 00:15,-5",
    ]
    (plant.site / "readings/2025-04.csv").write_text("\n".join(rows) + "\n", "utf-8")
    told = plant.run()
    assert (told["rows_read"], told["rows_refused"], told["published"]) == (6, 5, True)
    assert told["partitions_rebuilt"] == 6 + 1  # 1 April of all six points, and 31 March of the one that was read
    reasons = dict(plant.sql("select reason_code, sum(refused_count) from quality.quarantine group by 1"))
    expected = {"unknown_point", "bad_time", "bad_value", "future_time", "register_out_of_range"}
    assert reasons == dict.fromkeys(expected, 1)
    assert plant.sql("select count(*) from energy.readings_latest where value = 462350.5") == [(1,)]
    assert plant.run()["rows_read"] == 0


ALWAYS_WRONG = Suite(
    name="always_wrong",
    mart="energy.consumption_monthly",
    needs=(),
    sql="select 1 as wrong_count",
    expectations=(Expectation("never_holds", "wrong_count", "从不成立", "Never holds", "测试", "A test", at_most=0),),
)


def test_a_failed_blocking_check_keeps_the_old_publication(plant, first, monkeypatch, capsys):
    before = (plant.lake / "marts.duckdb").read_bytes()
    number = plant.sql("select number from publication")
    monkeypatch.setattr(graph, "SUITES", (*graph.SUITES, ALWAYS_WRONG))
    arguments = [
        "run",
        str(plant.site),
        "--lake",
        str(plant.lake),
        "--from",
        "2025-03-01",
        "--to",
        "2025-03-31",
        "--json",
    ]
    assert status_of(arguments) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["published"], told["checks_failed"], told["partitions_rebuilt"]) == (False, 1, 31 * 6)
    assert "nothing was published" in shown.err
    assert "Never holds" in shown.err
    assert (plant.lake / "marts.duckdb").read_bytes() == before
    assert plant.sql("select number from publication") == number


def test_the_next_run_undoes_what_was_not_published(plant, reader):
    before = plant.sql("select energy_unit_id, carrier, role, quantity from energy.consumption_monthly order by all")
    told = plant.run("--from", "2025-03", "--to", "2025-03")
    assert (told["published"], told["partitions_rebuilt"], told["checks_failed"]) == (True, 31 * 6, 0)
    after = plant.sql("select energy_unit_id, carrier, role, quantity from energy.consumption_monthly order by all")
    assert after == before


def test_a_reader_in_a_loop_saw_whole_publications_only(plant, reader):
    """Three runs went by since it began: two published, one was kept back by a check."""
    (last,) = plant.sql("select number from publication")
    deadline = time.monotonic() + 180
    while True:
        lines = reader.read_text("utf-8").splitlines()[:-1]
        if any(line.startswith(f"{last[0]} ") for line in lines):
            break
        assert time.monotonic() < deadline, f"it never read publication {last[0]}: {lines[-3:]}"
        time.sleep(0.1)
    states = {tuple(line.split()) for line in lines}
    assert {number for number, *_ in states} == {"1", "2", "3"}
    assert len(states) == 3, "the same publication read differently at two times"
    assert all(monthly == daily and int(checks) >= 20 for _, monthly, daily, checks in states)


def test_a_look_back_lies_beside_what_is_published(plant, first):
    before = {path: path.stat().st_mtime_ns for path in plant.lake.glob("*.duckdb")}
    at = plant.sql("select strftime(published_at, '%Y-%m-%dT%H:%M:%S+00:00') from publication")[0][0]
    told = plant.run("--as-of", at)
    assert (told["as_of"], told["rows_read"], told["published"]) == (at, 0, True)
    assert told["partitions_rebuilt"] == plant.sql("select count(*) from quality.completeness_daily")[0][0]
    assert {path: path.stat().st_mtime_ns for path in plant.lake.glob("*.duckdb")} == before
    [then] = (plant.lake / "marts_asof").iterdir()
    query = "select sum(quantity), count(*) from energy.intervals"
    with duckdb.connect(str(then / "marts.duckdb"), read_only=True) as connection:
        assert connection.sql(query).fetchall() == plant.sql(query)


@pytest.mark.parametrize(("time", "said"), [("2001-01-01", "nothing to build"), ("2999-01-01", "future")])
def test_a_look_back_to_when_nothing_was_known_is_one_sentence(plant, first, time, said):
    done = plant.nengtan("run", str(plant.site), "--as-of", time)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_runs_are_recorded_where_the_web_server_looks(plant, first):
    import dagster as dg

    settings = read_settings(plant.site, str(plant.lake), {})
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        assert len(instance.get_runs()) >= 1
        assert instance.get_latest_materialization_event(dg.AssetKey(["marts", "publication"])) is not None
        march = instance.get_materialized_partitions(dg.AssetKey(["energy", "consumption_monthly"]))
    assert "2025-03-01" in march


def test_two_runs_at_once_are_one_sentence(plant, first):
    from lake import build
    from lake.store import Lake

    with build.running(Lake(str(plant.lake))):
        done = plant.nengtan("run", str(plant.site))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) <= 3
    assert "marts" in done.stderr.strip().splitlines()[-1]


def test_the_state_of_a_run_can_be_looked_at(plant, first):
    work = execute.refresh(read_settings(plant.site, str(plant.lake), {}))
    assert work.worklist is not None
    assert not work.worklist.new_rows
    assert execute.refusals(work) == []
