"""What runs leave in the default lake is never committed, and `make clean` removes it."""

from pathlib import Path

from lake import asof
from lake.store import AREAS

ROOT = Path(__file__).resolve().parents[2]
#: The areas, locks, the evidence key, Superset's home with its secrets, marts of earlier knowledge, the lake's name.
LEFT = {*AREAS, "locks", "keys", "superset", "tenants", asof.FOLDER, "lake.json"}


def test_nothing_of_a_lake_is_committed() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}
    assert {f"lake/{name}" for name in LEFT} <= ignored
    assert "*.duckdb" in ignored


def test_clean_removes_the_lake() -> None:
    removed = (ROOT / "Makefile").read_text("utf-8").split("\nclean:")[1].split()
    assert {f"lake/{name}" for name in LEFT} <= set(removed)
    assert "lake/*.duckdb" in removed
