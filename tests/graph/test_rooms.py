"""Our rooms have generic names; no other distribution may own one of them."""

from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    "lake",
    "factors",
    "ingestion",
    "quality",
    "methods",
    "exchange",
    "assets",
    "bench",
    "pipelines",
    "tests",
    "examples",
]


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_ours(room: str) -> None:
    spec = find_spec(room)
    assert spec is not None
    assert spec.origin is not None, f"{room} has no __init__.py"
    assert Path(spec.origin).resolve() == ROOT / room / "__init__.py"
    assert set(packages_distributions().get(room, [])) <= {"nengtan"}


def test_every_room_says_what_it_is() -> None:
    for room in ROOMS:
        text = (ROOT / room / "__init__.py").read_text(encoding="utf-8")
        assert text.startswith('"""')
        assert len(text.splitlines()) == 1, f"{room}/__init__.py holds one docstring sentence and nothing else"


def test_no_file_grew_past_four_hundred_lines() -> None:
    files = [
        path
        for room in [*ROOMS, "scripts", "dbt_project", "dashboards"]
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql"} and not {"target", "raw", "build", "payloads"} & set(path.parts)
    ]
    assert len(files) >= 50
    long = {str(path.relative_to(ROOT)): n for path in files if (n := len(path.read_text("utf-8").splitlines())) > 400}
    assert not long
