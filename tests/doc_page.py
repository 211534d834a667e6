"""A page of the documents that is to be followed: its files, its commands and what it says they print."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: a file with its path, commands (`shell`), or what they print (`text`)."""

    kind: str
    path: str | None
    body: str

    @property
    def commands(self) -> list[str]:
        """The commands of a block of shell, one a line."""
        lines = self.body.replace("\\\n", " ").splitlines() if self.kind == "shell" else []
        return [line for line in lines if line and not line.startswith("#")]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in reading order."""
    return [Block(kind, path or None, body) for kind, path, body in FENCE.findall(page.read_text("utf-8"))]


def write_files(page: list[Block], folder: Path) -> list[Path]:
    """Write every file that the page shows, below a folder."""
    written = []
    for block in page:
        if block.path:
            path = folder / block.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, "utf-8")
            written.append(path)
    return written
