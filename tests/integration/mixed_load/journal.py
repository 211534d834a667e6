"""A file of lines that outlives the process that writes it, however that ends."""

import os
from pathlib import Path


class Journal:
    """Lines, each written whole and at once."""

    def __init__(self, path: Path) -> None:
        """Open the file at its end."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, *words: object) -> None:
        """Write a line."""
        os.write(self._file, (" ".join(str(word) for word in words) + "\n").encode())


def read(path: Path) -> list[list[str]]:
    """Return the words of each line; none where nothing was written."""
    return [line.split(" ") for line in path.read_text("utf-8").splitlines()] if path.exists() else []
