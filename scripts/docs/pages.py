"""What stands on the site: each page by its place there, in a language, with the file it was written in.

English pages lie in docs/, their Chinese editions in docs/zh under the same name. Where an edition is missing, its
place is taken by the other one with a line that says so.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.docs import agents_tools, api_reference, cli_reference, mart_reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CHINESE = DOCS / "zh"
LANGUAGES = ("zh", "en")
#: Pages of the repository's root, by their place on the site where docs/ has none; the first that is there is taken.
AT_ROOT = {
    "en": {"index.md": ["README.md"], "changelog.md": ["CHANGELOG.md"], "contributing.md": ["CONTRIBUTING.md"]},
    "zh": {
        "index.md": ["README.zh-CN.md", "README.md"],
        "changelog.md": ["CHANGELOG.zh-CN.md", "CHANGELOG.md"],
        "contributing.md": ["CONTRIBUTING.zh-CN.md", "CONTRIBUTING.md"],
    },
}
#: Where the root's own start pages lead on the site.
START = {"README.md": "index.md", "README.zh-CN.md": "index.md"}
_MISSING = {
    "zh": '!!! note ""\n    本页尚无中文版，以下为英文原文。\n',
    "en": '!!! note ""\n    There is no English edition of this page yet; what follows is the Chinese one.\n',
}
WRITERS = (cli_reference, mart_reference, api_reference, agents_tools)


@dataclass(frozen=True)
class Page:
    """One page: its Markdown, the file it was read from (none where it was made), whether it is in this language."""

    text: str
    file: Path | None = None
    is_own: bool = True


def written() -> list[Path]:
    """Return every Markdown page that people or `make format` wrote and that readers see, with the root's own."""
    at_root = {ROOT / name for places in AT_ROOT.values() for names in places.values() for name in names}
    return sorted(
        [*DOCS.rglob("*.md"), *(path for path in at_root | {ROOT / name for name in START} if path.is_file())]
    )


@cache
def made(language: str) -> dict[str, str]:
    """Return the pages that the code tells of itself, by their place on the site."""
    return {place: text for writer in WRITERS for place, text in writer.pages(language).items()}


def edition(language: str) -> dict[str, Page]:
    """Return every page of the site in a language, by its place there."""
    english = {str(path.relative_to(DOCS)): path for path in DOCS.rglob("*.md") if CHINESE not in path.parents}
    chinese = {str(path.relative_to(CHINESE)): path for path in CHINESE.rglob("*.md")}
    own, other = (chinese, english) if language == "zh" else (english, chinese)
    found = {
        place: _read(own.get(place, path), language, is_own=place in own) for place, path in {**other, **own}.items()
    }
    for place, names in AT_ROOT[language].items():
        there = [ROOT / name for name in names if (ROOT / name).is_file()]
        if there and place not in found:
            found[place] = _read(there[0], language, is_own=language == "en" or there[0].name == names[0])
    return found | {place: Page(text) for place, text in made(language).items()}


def _read(path: Path, language: str, *, is_own: bool) -> Page:
    text = path.read_text(encoding="utf-8")
    if not is_own:
        head, _, rest = text.partition("\n\n") if text.startswith(("# ", "<!--")) else ("", "", text)
        text = f"{head}\n\n{_MISSING[language]}\n{rest}"
    return Page(text, path, is_own)
