"""The hash locks: which package in which version, with which files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[2] / "locks"
#: What a plant's machine installs; the other locks are for whoever changes the product.
SHIPPED = ("uv", "pipeline", "bi")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)(?: ;([^\\]*))? \\$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, order=True)
class Pin:
    """One line of a lock: the package under its normal name, the version, and the SHA-256 of its files."""

    name: str
    version: str
    lock: str
    hashes: tuple[str, ...]
    marker: str = ""


def normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(text: str, lock: str) -> list[Pin]:
    """Return the pins of one lock's text, in its order."""
    found = list(_PIN.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        Pin(normal(match[1]), match[2], lock, tuple(_HASH.findall(text[match.end() : end])), (match[3] or "").strip())
        for match, end in zip(found, ends, strict=True)
    ]


def pins(folder: Path = LOCKS, locks: tuple[str, ...] | None = None) -> Iterator[Pin]:
    """Yield the pins of the named locks of a folder, or of all that lie there."""
    for path in sorted(folder.glob("*.txt")):
        if locks is None or path.stem in locks:
            yield from read(path.read_text("utf-8"), path.stem)
