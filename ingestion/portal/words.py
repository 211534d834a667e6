"""What the portal says, in Chinese and English; faults of the site's checks are put into Chinese by their form."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LANGUAGES = ("zh", "en")
_PAGE = Path(__file__).with_name("words.yaml")


@lru_cache
def _page() -> dict[str, Any]:
    page: dict[str, Any] = YAML(typ="safe").load(_PAGE.read_text("utf-8"))
    return page


def say(key: str, language: str, **facts: object) -> str:
    """Return a sentence in a language, filled in with facts."""
    return str(_page()["words"][key][language]).format(**facts)


def keys() -> set[str]:
    """Return every key, for the test that both languages are there."""
    return set(_page()["words"])


@lru_cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(form["en"], re.DOTALL), form["zh"]) for form in _page()["faults"]]


def fault(message: str, language: str) -> str:
    """Return a fault's message in a language; one of a form that is not known stays in English."""
    if language == "zh":
        for form, chinese in _forms():
            found = form.fullmatch(message)
            if found:
                return chinese.format(**found.groupdict())
    return message
