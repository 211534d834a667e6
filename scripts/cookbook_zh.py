"""docs/zh/cookbook.md: the recipes of docs/cookbook.md under the words of docs/cookbook.zh.yaml, queries the same."""

import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, WORDS, PAGE = ROOT / "docs/cookbook.md", ROOT / "docs/cookbook.zh.yaml", ROOT / "docs/zh/cookbook.md"
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def pages() -> dict[Path, str]:
    """Return the page; a recipe without Chinese words raises and is named."""
    words: dict[str, str] = YAML(typ="safe").load(WORDS)
    parts = _FENCE.split(ENGLISH.read_text("utf-8"))
    told = [part if number % 2 else _chinese(part, words) for number, part in enumerate(parts)]
    return {PAGE: "".join(told)}


def written() -> list[Path]:
    """Return the page where it is there."""
    return [PAGE] if PAGE.is_file() else []


def _chinese(prose: str, words: dict[str, str]) -> str:
    """Put the words of each heading and paragraph in their place, which stays as it was."""
    return re.sub(r"\S(?:.|\n(?!\n))*", lambda found: _of(found[0].rstrip("\n"), words) + _tail(found[0]), prose)


def _of(text: str, words: dict[str, str]) -> str:
    marks, _, said = text.partition(" ") if text.startswith("#") else ("", "", text)
    if said not in words:
        raise KeyError(f"docs/cookbook.zh.yaml: no Chinese for {said!r}")
    return f"{marks} {words[said]}".lstrip()


def _tail(text: str) -> str:
    return text[len(text.rstrip("\n")) :]
