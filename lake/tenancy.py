"""Whose a row of a mart is: the one rule by which every door gives a legal entity its rows and no others.

`tenancy.yaml` names, each with its reason, the marts that are everybody's and those that are nobody's but the whole
site's. All others give by `organization_id`; a mart that does not say whose a row is and is not named is given to
nobody.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

OWNER = "organization_id"
_FILE = Path(__file__).with_suffix(".yaml")


class Rows(StrEnum):
    """Which rows of a mart a legal entity sees."""

    OWN = "own"
    EVERYBODY = "everybody"
    NOBODY = "nobody"


@cache
def _told() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    found: Mapping[str, Mapping[str, Mapping[str, Any]]] = YAML(typ="safe").load(_FILE)
    return found


@cache
def reasons() -> Mapping[str, tuple[Rows, str, str]]:
    """Return of each mart that is named in tenancy.yaml: its rule, and the reason in Chinese and English."""
    return {
        mart: (rows, why["zh"], why["en"])
        for rows in (Rows.EVERYBODY, Rows.NOBODY)
        for mart, why in _told()[rows.value].items()
    }


@cache
def partners() -> Mapping[str, tuple[tuple[str, ...], str, str]]:
    """Return of each mart the columns that name the other end of an own delivery, and why, in both languages."""
    return {mart: (tuple(why["columns"]), why["zh"], why["en"]) for mart, why in _told()["partners"].items()}


def rule(mart: str, columns: Collection[str]) -> Rows:
    """Return which rows of a mart (`schema.table`) with these columns an entity sees."""
    if mart in reasons():
        return reasons()[mart][0]
    return Rows.OWN if OWNER in columns else Rows.NOBODY


def condition(mart: str, columns: Collection[str], members: Iterable[str]) -> str | None:
    """Return the condition on the rows of a mart that these entities see, in SQL; None where they see none of it."""
    rows = rule(mart, columns)
    if rows is Rows.NOBODY:
        return None
    if OWNER not in columns:
        return "true"
    own = f"{OWNER} in ({', '.join(_literal(member) for member in sorted(members))})"
    return own if rows is Rows.OWN else f"({OWNER} is null or {own})"


def members(parents: Iterable[tuple[str, str | None]], organization: str) -> frozenset[str]:
    """Return an entity and those below it, from pairs of entity and parent; empty where there is no such entity."""
    pairs = list(parents)
    found = {name for name, _ in pairs if name == organization}
    while more := {name for name, parent in pairs if parent in found} - found:
        found |= more
    return frozenset(found)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
