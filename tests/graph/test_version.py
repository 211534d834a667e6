"""The version stands in one place; the command, the changelog and the installed package say the same."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from pipelines.cli.main import status_of

ROOT = Path(__file__).resolve().parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_the_command_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert version("nengtan") == VERSION
    assert status_of(["--version"]) == 0
    assert capsys.readouterr().out.split()[-1] == VERSION


def test_the_changelog_begins_with_it() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(VERSION)} \((unreleased|\d{{4}}-\d\d-\d\d)\)", headings[0])
    known = [heading.split()[0] for heading in headings]
    assert known == sorted(set(known), key=lambda one: [int(part) for part in one.split(".")], reverse=True)


def test_every_release_has_upgrade_notes() -> None:
    notes = (ROOT / "docs/releases.md").read_text("utf-8").split("### Upgrade notes")[1].split("\n## ")[0]
    told = {line.split("|")[2].strip() for line in notes.splitlines() if line.startswith("| ")}
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert set(headings) <= told
