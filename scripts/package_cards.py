"""CARD.md beside each method package of the examples: what `nengtan method` prints of it."""

from pathlib import Path

from lake.own.card import card
from lake.own.read import read

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def pages() -> dict[Path, str]:
    """Return the card of every package by its file."""
    return {file.parent / "CARD.md": _card(file.parent) for file in sorted(EXAMPLES.glob("*/method.yaml"))}


def written() -> list[Path]:
    """Return the cards that lie there."""
    return list(EXAMPLES.glob("*/CARD.md"))


def _card(folder: Path) -> str:
    found = read(folder, folder.name)
    return card(found.package) if found.package else "".join(f"{fault}\n" for fault in found.faults)
