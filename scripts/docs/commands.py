"""The commands that the pages tell: from blocks of shell lines, and from the middle of a sentence."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

SHELLS = ("shell", "sh", "bash")
_READER = MarkdownIt("commonmark").enable("table")
#: What a shell runs one after another, or feeds into the next.
_BETWEEN = {"&&", "||", "|", ";"}


@dataclass(frozen=True)
class Block:
    """A block of a page: its language, the line on which it begins (from 1), its text."""

    language: str
    line: int
    text: str


@dataclass(frozen=True)
class Command:
    """One command: its words, and where it stands."""

    words: tuple[str, ...]
    page: Path
    line: int

    def __str__(self) -> str:
        """Return the command as a shell takes it, quoted one way."""
        return shlex.join(self.words)


def blocks(text: str) -> Iterator[Block]:
    """Yield every block of a page; what is set in by spaces has the language ''."""
    for token in _READER.parse(text):
        if token.type in ("fence", "code_block") and token.map:
            language = token.info.split()[0] if token.info.strip() else ""
            yield Block(language, token.map[0] + 1, token.content)


def in_blocks(page: Path) -> Iterator[Command]:
    """Yield the commands of a page's blocks of shell lines."""
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language in SHELLS:
            try:
                found = list(split(block.text))
            except ValueError as wrong:
                raise ValueError(f"{page}:{block.line}: {wrong}") from wrong
            yield from (Command(words, page, block.line + line) for line, words in found)


def in_sentences(page: Path) -> Iterator[Command]:
    """Yield what stands in the middle of sentences and begins with `nengtan`."""
    for token in _READER.parse(page.read_text(encoding="utf-8")):
        for part in token.children or ():
            if part.type == "code_inline" and re.match(r"nengtan\s", part.content) and token.map:
                for _, words in split(part.content):
                    yield Command(words, page, token.map[0] + 1)


def split(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the commands of a script with the number of their line (from 1), without comments."""
    whole, begun = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        begun = begun if whole else number
        if line.endswith("\\"):
            whole += line[:-1]
            continue
        whole += line
        try:
            lexer = shlex.shlex(whole, posix=True, punctuation_chars="&|;")
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError:  # a quotation goes on in the next line
            whole += "\n"
            continue
        whole = ""
        yield from ((begun, each) for each in _one_by_one(words))
    if whole:
        raise ValueError(f"a quotation does not end: {whole[:60]!r}")


def _one_by_one(words: list[str]) -> Iterator[tuple[str, ...]]:
    one: list[str] = []
    for word in [*words, ";"]:
        if word not in _BETWEEN:
            one.append(word)
        elif one:
            # where it writes to is the shell's affair
            yield tuple(one[: one.index(">")] if ">" in one else one)
            one = []
