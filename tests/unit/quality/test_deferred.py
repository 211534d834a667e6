"""What is postponed is loaded when something of it is looked at, and not before."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from quality.deferred import deferred


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A library that leaves a mark where it is loaded, named by another one."""
    (tmp_path / "heavy_part.py").write_text(
        f"from pathlib import Path\nPath({str(tmp_path / 'loaded')!r}).touch()\nanswer = 42\n", encoding="utf-8"
    )
    (tmp_path / "light_part.py").write_text("import heavy_part\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "loaded"
    for name in ("heavy_part", "light_part"):
        sys.modules.pop(name, None)


def test_a_postponed_module_is_loaded_at_the_first_look(library: Path) -> None:
    with deferred("heavy_part"):
        light = importlib.import_module("light_part")
    assert not library.exists()
    assert light.heavy_part.answer == 42
    assert library.exists()


def test_what_is_not_named_is_loaded_at_once(library: Path) -> None:
    with deferred("another_part"):
        importlib.import_module("light_part")
    assert library.exists()


def test_a_missing_module_stays_missing() -> None:
    with deferred("no_such_part"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_part")
