"""docs/navigation.yaml as the navigation of one edition of the site."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ruamel.yaml import YAML

from scripts.docs.pages import DOCS, Page

FILE = DOCS / "navigation.yaml"
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


class LeftOutError(Exception):
    """The navigation and the pages differ."""


def sections() -> list[dict[str, Any]]:
    """Return the sections as they are written."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["sections"]
    return found


def of(language: str, pages: Mapping[str, Page]) -> list[dict[str, list[dict[str, str]]]]:
    """Return every section by its title with its pages by theirs.

    Raises:
        LeftOutError: a page stands in no section or in two, or a section names one that is not there.
    """
    written = sections()
    named = [place for section in written for place in section["pages"] if "*" not in place]
    missing = [place for place in named if place not in pages]
    if missing:
        raise LeftOutError(f"{FILE.name} names {', '.join(missing)}, which are not there")
    shown = [(section[language], _taken(section["pages"], set(named), pages)) for section in written]
    places = [place for _, taken in shown for place in taken]
    wrong = sorted({place for place in places if places.count(place) > 1} ^ (set(pages) - set(places)))
    if wrong:
        raise LeftOutError(f"{', '.join(wrong)}: not in exactly one section of {FILE.name}")
    return [{title: [{heading(pages[place].text): place} for place in taken]} for title, taken in shown]


def heading(text: str) -> str:
    """Return the title of a page: its first heading."""
    found = _HEADING.search(text)
    if found is None:
        raise LeftOutError(f"a page has no heading: {text[:60]!r}")
    return found[1].replace("`", "")


def _taken(patterns: list[str], named: set[str], pages: Mapping[str, Page]) -> list[str]:
    taken: list[str] = []
    for pattern in patterns:
        fitting = sorted(place for place in pages if PurePosixPath(place).match(pattern) and place not in named)
        taken += [pattern] if "*" not in pattern else fitting
    return taken
