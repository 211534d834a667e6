"""The units of systemd say what systemd understands and start commands that exist."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from pipelines.cli.main import cli

FOLDER = Path(__file__).resolve().parents[2] / "scripts/systemd"
UNITS = sorted(path.name for path in FOLDER.glob("nengtan-*.*"))
#: The machine of the test has no installation below /opt.
_NOT_INSTALLED = re.compile(r".*: Command /opt/nengtan/\S+ is not executable: No such file or directory")


def test_there_are_units() -> None:
    assert len(UNITS) >= 8
    timers = {name.removesuffix(".timer") for name in UNITS if name.endswith(".timer")}
    assert timers <= {name.removesuffix(".service") for name in UNITS if name.endswith(".service")}


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands(unit: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"./{unit}"], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    words = [line for line in told.stderr.splitlines() if not _NOT_INSTALLED.fullmatch(line)]
    assert words == []


@pytest.mark.parametrize("unit", [name for name in UNITS if name.endswith(".service")])
def test_its_command_exists(unit: str) -> None:
    text = (FOLDER / unit).read_text("utf-8")
    (line,) = re.findall(r"^ExecStart=\S+/nengtan (.*)$", text, re.MULTILINE)
    name, *arguments = shlex.split(line)
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    command.make_context(name, arguments, resilient_parsing=False)
    assert "MemoryMax=" in text
    assert "NoNewPrivileges=yes" in text
