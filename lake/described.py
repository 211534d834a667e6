"""What a room says of the marts that it makes itself: a page with zh and en of each mart and column."""

from functools import cache
from pathlib import Path
from typing import Any

from lake import pages


@cache
def marts(page: Path) -> dict[str, dict[str, Any]]:
    """Return what a page says of each mart: zh, en, and columns with zh and en."""
    found: dict[str, dict[str, Any]] = pages.page(page)
    return found


def comments(page: Path, mart: str) -> dict[str, str]:
    """Return the comment of each column in both languages; the empty name is the mart's own."""
    spec = marts(page)[mart]
    own = {"": f"{spec['zh']} | {spec['en']}"}
    return own | {name: f"{column['zh']} | {column['en']}" for name, column in spec["columns"].items()}


def tags(page: Path, mart: str) -> dict[str, Any]:
    """Return the grade of a mart, and the kind of each column that is sensitive."""
    spec = marts(page)[mart]
    kinds = {name: column["sensitive"] for name, column in spec["columns"].items() if "sensitive" in column}
    return {"grade": spec["grade"], "sensitive": kinds}
