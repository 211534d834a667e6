"""tests/docs/commands.yaml as values: what gives each documented command."""

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("commands.yaml")


@dataclass(frozen=True)
class Given:
    """A command that is given to the copy of the park: how it ends, what it says, what is kept of what it prints."""

    command: str
    status: int = 0
    says: str = ""
    takes: dict[str, str] = field(default_factory=dict)


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(FILE.read_text("utf-8"))
    return found


def followed() -> dict[str, str]:
    """Return the pages that a test follows as a whole, with that test."""
    return dict(_file()["pages"])


def runs() -> list[Given]:
    """Return the commands that are given one after the other."""
    return [Given(**one) if isinstance(one, dict) else Given(one) for one in _file()["run"]]


def tests() -> dict[str, list[str]]:
    """Return the tests with the commands that they stand for."""
    return dict(_file()["tests"])


def machine() -> dict[str, str]:
    """Return the commands that are not ours to try, with the reason."""
    return dict(_file()["machine"])


def is_defined(test: str) -> bool:
    """Whether a test is there under its name."""
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and any(
        isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(_tree(path))
    )


def words(test: str) -> set[str]:
    """Return every word of every text in a test's file and in the modules of tests that it imports."""
    found: set[str] = set()
    open_files, seen = [ROOT / test.partition("::")[0]], set()
    while open_files:
        path = open_files.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(node.value.split())
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
                at = ROOT / str(node.module).replace(".", "/")
                open_files += [at.with_suffix(".py"), *(at / f"{name.name}.py" for name in node.names)]
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))
