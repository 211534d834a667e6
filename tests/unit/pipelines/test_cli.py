import json
import re
import shutil

import pytest

from pipelines.cli import init
from pipelines.cli.main import COMMANDS, status_of
from tests.unit.lake.site import broken


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert status_of(["init", "my_plant"]) == 0
    return tmp_path / "my_plant"


def test_init_writes_a_site_without_faults_and_says_what_is_next(site, capsys):
    assert (site / "readings/2025-03.csv").stat().st_size > 100_000
    assert status_of(["init", "another"]) == 0
    assert "nengtan run another" in capsys.readouterr().out
    assert status_of(["init", "my plant"]) == 0
    assert "nengtan run 'my plant'" in capsys.readouterr().out
    assert status_of(["check", str(site)]) == 0
    assert "no faults" in capsys.readouterr().err


def test_init_leaves_a_folder_alone_that_holds_something(site, capsys):
    (site / "points.csv").write_text("mine")
    assert status_of(["init", str(site)]) == 2
    assert (site / "points.csv").read_text() == "mine"
    assert "is not empty" in capsys.readouterr().err


def test_the_sample_balances():
    flows = [init._flows(init._FIRST.replace(day=day, hour=hour)) for day in range(1, 29) for hour in range(24)]
    for flow in flows:
        used = flow["machining_import"] + flow["painting_import"]
        assert flow["grid_import"] >= 0
        assert flow["grid_import"] + flow["pv_output"] >= used
        assert flow["gas_total"] > flow["oven_gas"] > 0
    assert init.sample() == init.sample()


def test_check_prints_every_fault_on_stdout_and_fails(tmp_path, capsys):
    assert status_of(["check", str(broken.write(tmp_path))]) == 1
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert len(lines) == len(broken.EXPECTED)
    assert all(re.match(r"^[a-z_]+\.(csv|yaml):\d+: \S+: .+", line) for line in lines), lines
    assert f"{len(lines)} faults" in shown.err


def test_check_tells_faults_as_json(tmp_path, capsys):
    assert status_of(["check", "--site", str(broken.write(tmp_path)), "--json"]) == 1
    faults = json.loads(capsys.readouterr().out)
    assert {"file": "points.csv", "line": 4, "column": "register_size"}.items() <= next(
        fault for fault in faults if fault["column"] == "register_size"
    ).items()


@pytest.mark.parametrize(
    "arguments",
    [["fly"], ["check", "/nowhere"], ["run", "--from", "yesterday"], ["sql", "--format", "xml"], ["init"], ["--fast"]],
)
def test_wrong_usage_is_two_and_one_sentence(arguments, capsys):
    assert status_of(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err.strip().splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in shown.err


def test_to_before_from_is_wrong_usage(site, capsys):
    assert status_of(["run", str(site), "--from", "2025-05-01", "--to", "2025-04-01"]) == 2
    assert "--to 2025-04-01 is before --from 2025-05-01" in capsys.readouterr().err


def test_a_faulty_site_is_one_sentence_and_the_traceback_only_comes_when_asked_for(tmp_path, capsys):
    faulty, lake = str(broken.write(tmp_path)), str(tmp_path / "lake")
    assert status_of(["collect", faulty, "--lake", lake]) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "nengtan: the site" in shown
    assert "nengtan check" in shown
    assert status_of(["collect", faulty, "--lake", lake, "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_every_command_has_help_with_an_example(capsys):
    assert len(COMMANDS) >= 6
    for name in COMMANDS:
        assert status_of([name, "--help"]) == 0
        shown = capsys.readouterr().out
        assert f"\n    nengtan {name}" in shown.partition("\n  Example:")[2], shown
    assert status_of(["--help"]) == 0
    assert "\n    nengtan init my_plant" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_one_sentence(site, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert status_of(["init", "file/plant"]) == 1
    assert re.fullmatch(r"nengtan: \S*file\S*: not a directory\n", capsys.readouterr().err)


def test_a_lake_of_another_site_is_named(site, tmp_path, capsys):
    shutil.copytree(site, tmp_path / "other")
    (tmp_path / "other/site.yaml").write_text(
        (site / "site.yaml").read_text("utf-8").replace("my_plant", "other"), "utf-8"
    )
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake/lake.json").write_text('{"site_id": "my_plant", "layout": 1}')
    assert status_of(["collect", "other"]) == 1
    assert "holds site my_plant, not other" in capsys.readouterr().err


def test_check_counts_the_files_that_are_there(tmp_path, capsys):
    assert status_of(["check", str(tmp_path)]) == 1
    assert "in 0 files." in capsys.readouterr().err
