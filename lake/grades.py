"""How important each mart is, which columns are sensitive, and at which door they are hidden: `grades.yaml`."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DASHBOARDS, TENANTS, AGENTS = DOORS = ("dashboards", "tenants", "agents")
GENERAL = "general"
#: What stands where something is hidden; what was empty stays empty.
HIDDEN = "***"
_PAGE = Path(__file__).with_suffix(".yaml")


@cache
def page() -> Mapping[str, Any]:
    """Return the page: grades, kinds of what is sensitive with the doors that hide it, needs."""
    found: Mapping[str, Any] = YAML(typ="safe").load(_PAGE.read_text("utf-8"))
    return found


@cache
def needed(door: str) -> frozenset[str]:
    """Return the columns (`schema.table.column`) that a door shows although they are sensitive."""
    return frozenset(column for need in page()["needs"] if door in need["doors"] for column in need["columns"])


def hidden(door: str, mart: str, sensitive: Mapping[str, str]) -> frozenset[str]:
    """Return the columns of a mart that a door hides, from the kind of each that is sensitive."""
    kinds = page()["kinds"]
    return frozenset(
        column
        for column, kind in sensitive.items()
        if door in kinds[kind]["hidden_at"] and f"{mart}.{column}" not in needed(door)
    )


def selected(columns: Iterable[str], away: Iterable[str]) -> str:
    """Return the select list of columns, with those that are hidden (text, all of them) as `***`."""
    gone = set(away)
    masked = 'case when "{0}" is not null then \'' + HIDDEN + '\' end as "{0}"'
    return ", ".join(masked.format(name) if name in gone else f'"{name}"' for name in columns)
