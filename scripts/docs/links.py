"""Links between pages as they lie in the repository, led to the same pages as they stand on the site."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from scripts.docs.pages import AT_ROOT, CHINESE, DOCS, ROOT, START, Page

#: Files of docs/ that are no pictures: pages, and what pages are made from.
NOT_SHOWN = {".md", ".yaml", ".yml"}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
_FENCED = re.compile(r"(^ *(`{3,}|~{3,}).*?^ *\2[^\n]*$|`[^`\n]+`(?!\]))", re.MULTILINE | re.DOTALL)


class DeadLinkError(Exception):
    """A link leads to nothing."""


def led(place: str, page: Page, pages: Mapping[str, Page]) -> str:
    """Return the text of a page with its links as they have to be at its place.

    A file that is no page of the site (code, an example) is named and not linked: readers of the site may not have it.

    Raises:
        DeadLinkError: a link leads to nothing.
    """
    origin = page.file or DOCS / place
    parts = _FENCED.split(page.text)
    # the pattern has two groups: text, what is fenced, the fence's mark, text …
    for number in range(0, len(parts), 3):
        parts[number] = _LINK.sub(lambda found: _one(found, place, origin, pages), parts[number])
    return "".join(part for number, part in enumerate(parts) if number % 3 != 2 and part)


def target(origin: Path, link: str) -> tuple[Path, str]:
    """Return the file that a link of a page names and the heading in it."""
    path, _, heading = link.partition("#")
    return (Path(os.path.normpath(origin.parent / path)) if path else origin), heading


def is_elsewhere(link: str) -> bool:
    """Whether a link leads out of the repository."""
    return "://" in link or link.startswith("mailto:")


def place_of(file: Path) -> str | None:
    """Return the place on the site of a file of the repository, none where it is no page or picture of the site."""
    if file.is_dir() and (file / "README.md").is_file():
        file /= "README.md"
    for base in (CHINESE, DOCS):
        if base in file.parents:
            return str(file.relative_to(base))
    name = str(file.relative_to(ROOT)) if ROOT in file.parents else ""
    at_root = {name: place for places in AT_ROOT.values() for place, names in places.items() for name in names}
    return (START | at_root).get(name)


def _one(found: re.Match[str], place: str, origin: Path, pages: Mapping[str, Page]) -> str:
    mark, words, link = found.groups()
    if is_elsewhere(link):
        return found[0]
    if link.startswith("#"):
        return found[0]
    file, heading = target(origin, link)
    led_to = place_of(file)
    if led_to is None or (led_to not in pages and not (file.is_file() and file.suffix not in NOT_SHOWN)):
        if not file.exists():
            raise DeadLinkError(f"{origin.relative_to(ROOT)}: {link} leads to nothing")
        name = f"`{file.relative_to(ROOT)}`"
        return words if words.startswith("`") else f"{words} ({name})"
    if heading and led_to in pages and not _has_the_same_headings(place, led_to, pages):
        heading = ""
    new = os.path.relpath(led_to, Path(place).parent)
    return f"{mark}[{words}]({new}{'#' + heading if heading else ''})"


def _has_the_same_headings(place: str, led_to: str, pages: Mapping[str, Page]) -> bool:
    """Whether the page that was linked is shown in the language in which the link was written."""
    return pages[place].is_own == pages[led_to].is_own or pages[led_to].file is None
