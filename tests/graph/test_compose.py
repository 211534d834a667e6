"""The compose file and the Dockerfile are what their standards ask, and say what the units of systemd say."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from pipelines.cli.main import cli

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "scripts/compose"
UNITS = ROOT / "scripts/systemd"
COMPOSE: dict[str, Any] = YAML(typ="safe").load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def _judged(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / ".venv/tools/bin" / program, *words], capture_output=True, text=True, check=False)


def test_the_standard_of_compose_files_is_kept(tmp_path: Path) -> None:
    broken, text = tmp_path / "broken.yaml", (FOLDER / "compose.yaml").read_text("utf-8")
    broken.write_text(text.replace("read_only: true", "read_only: [perhaps]"), "utf-8")
    schema = ("--builtin-schema", "vendor.compose-spec", "--output-format", "json")
    told = _judged("check-jsonschema", *schema, str(FOLDER / "compose.yaml"), str(broken))
    wrong = {Path(error["filename"]).name for error in json.loads(told.stdout)["errors"]}
    assert (told.returncode, wrong) == (1, {"broken.yaml"})


def test_the_dockerfile_has_no_fault(tmp_path: Path) -> None:
    told = _judged("hadolint", "--no-color", str(FOLDER / "Dockerfile"))
    assert (told.returncode, told.stdout) == (0, "")
    broken = tmp_path / "Dockerfile"
    broken.write_text((FOLDER / "Dockerfile").read_text("utf-8").replace("python:3.11-slim-bookworm", "python:latest"))
    assert _judged("hadolint", "--no-color", str(broken)).returncode == 1


def test_each_unit_has_its_service() -> None:
    units = {path.stem.removeprefix("nengtan-") for path in UNITS.glob("nengtan-*.service")}
    assert set(SERVICES) == units
    assert len(units) >= 5


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_it_says_what_its_unit_says(name: str) -> None:
    service, unit = SERVICES[name], (UNITS / f"nengtan-{name}.service").read_text("utf-8")
    settings = dict(
        line.split("=", 1) for line in (UNITS / "nengtan.env").read_text("utf-8").splitlines() if line[:1] != "#"
    )
    (line,) = re.findall(r"^ExecStart=\S+/nengtan (.*)$", unit, re.MULTILINE)
    for key, value in settings.items():
        line = line.replace(f"${{{key}}}", value)
    assert service["command"] == shlex.split(line)
    command = cli.get_command(click.Context(cli), service["command"][0])
    assert command is not None
    command.make_context(name, list(service["command"][1:]), resilient_parsing=False)
    (limit,) = re.findall(r"^MemoryMax=(\w+)$", unit, re.MULTILINE)
    assert service["mem_limit"] == limit.lower()
    (places,) = re.findall(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE)
    assert [volume["target"] for volume in service["volumes"]] == places.split()
    assert (service["read_only"], service["cap_drop"], service["user"]) == (True, ["ALL"], "10001:10001")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert f"EnvironmentFile={service['env_file']}" in unit


def test_what_the_image_copies_and_runs_is_there() -> None:
    dockerfile = (FOLDER / "Dockerfile").read_text("utf-8")
    built = re.findall(r"(scripts/environment\.sh) (\w+) (locks/\w+\.txt)", dockerfile)
    assert [name for _, name, _ in built] == ["pipeline", "bi"]
    assert all((ROOT / script).exists() and (ROOT / lock).exists() for script, _, lock in built)
    assert COMPOSE["x-service"]["build"]["network"] == "none"
    assert (FOLDER / COMPOSE["x-service"]["build"]["context"]).resolve() == ROOT
