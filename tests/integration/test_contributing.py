"""CONTRIBUTING.md, followed to the letter in a copy of the repository: a source, a method and a page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli.main import status_of
from pipelines.settings import ROOT
from tests import doc_page

PAGE = doc_page.blocks(ROOT / "CONTRIBUTING.md")


def _changed(file: Path, diff: str) -> None:
    """Make the change of a block: its lines without a sign and with a minus are found once, and replaced."""
    lines = diff.splitlines()
    old, new = ("\n".join(line[1:] for line in lines if line[:1] in signs) for signs in (" -", " +"))
    text = file.read_text("utf-8")
    assert text.count(old) == 1, f"{file.name} has changed: CONTRIBUTING.md shows\n{old}"
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("contributing") / "nengtan"
    place.mkdir()
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    packed = subprocess.run(["tar", "--null", "-T-", "-c"], cwd=ROOT, input=names, capture_output=True, check=True)
    subprocess.run(["tar", "-x"], cwd=place, input=packed.stdout, check=True)
    for block in PAGE:
        if block.path and block.kind == "diff":
            _changed(place / block.path, block.body)
        elif block.path:
            (place / block.path).parent.mkdir(parents=True, exist_ok=True)
            (place / block.path).write_text(block.body, "utf-8")
    return place


def _ran(copy: Path, *command: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "NENGTAN_"))}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


def test_both_editions_show_the_same_changes() -> None:
    assert len(PAGE) >= 11
    assert doc_page.blocks(ROOT / "CONTRIBUTING.zh-CN.md") == PAGE


def test_the_source_and_the_page_pass_the_tests_that_watch_them(copy: Path) -> None:
    watching = ("tests/unit/ingestion/sources/test_tally.py", "tests/graph/test_dashboards.py")
    words = ("-v", "-p", "no:cacheprovider", "-k", "tally or gas or page")
    told = _ran(copy, sys.executable, "-m", "pytest", *words, *watching)
    assert len(re.findall(r"\[gas\w*\] PASSED", told)) >= 3
    assert len(re.findall(r"test_tally.py::\w+ PASSED", told)) == 1


def test_its_code_is_as_the_house_writes_it(copy: Path) -> None:
    ruff = str(ROOT / ".venv/tools/bin/ruff")
    written = [block.path for block in PAGE if block.path and block.path.endswith(".py") and block.kind == "python"]
    assert len(written) == 2
    _ran(copy, ruff, "check", "--no-cache", *written)
    _ran(copy, ruff, "format", "--no-cache", "--check", *written)


def test_the_method_passes_its_own_tests(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = [command for block in PAGE for command in block.commands]
    assert command == "nengtan method my_method"
    assert status_of(["method", str(copy / "my_method")]) == 0
    assert "own.dry_ice" in capsys.readouterr().out
