"""A fault of a site folder: where it is, what is wrong, what is allowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Fault:
    """One fault; its text is `file:line: column: what is wrong, what is allowed`."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column}: {self.message}"


def allowed(words: Iterable[str], most: int = 12) -> str:
    """Say which words are allowed, shortened where there are many."""
    listed = sorted(words, key=lambda word: (int(word) if word.lstrip("-").isdigit() else 0, word))
    if len(listed) <= most:
        return f"allowed: {', '.join(listed)}"
    return f"allowed: {', '.join(listed[:most])} … ({len(listed)} in all)"


def nearest(word: str, words: Iterable[str]) -> str:
    """Say which known word is meant, where one is close enough to guess."""
    known = {other.lower(): other for other in words}
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.75)
    return f" (did you mean {known[close[0]]}?)" if close else ""
