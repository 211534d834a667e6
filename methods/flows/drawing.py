"""Links that a diagram can draw from left to right: what goes back to where it came from gets a node of its own."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

#: What is said behind the name of a node that energy goes back to, or that it is sold to.
BACK = {"zh": "（返送）", "en": " (sent back)"}
SOLD = {"zh": "（外供）", "en": " (sold)"}


def straighten(rows: Iterable[dict[str, Any]]) -> None:
    """Give each link the name of its target on a diagram, so that the links of an organisation form no circle.

    The same links turn back in every month: of each circle the one that carried least in all of them.
    """
    by_organization: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_organization.setdefault(row["organization_id"], []).append(row)
    for mine in by_organization.values():
        for language in BACK:
            _straighten(mine, language)


def _straighten(rows: Sequence[dict[str, Any]], language: str) -> None:
    """Do so in one language: nodes that are called the same are one on the diagram."""
    source, target, drawn = (f"{name}_{language}" for name in ("source_name", "target_name", "target_drawn"))
    carried: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        row[drawn] = row[target] + SOLD[language] if row["stage"] == "sale" else row[target]
        ends = row[source], row[drawn]
        carried[ends] = carried.get(ends, Decimal(0)) + row["energy_gj"]
    back = turning(carried)
    for row in rows:
        if (row[source], row[drawn]) in back:
            row[drawn] += BACK[language]


def turning(carried: Mapping[tuple[str, str], Decimal]) -> set[tuple[str, str]]:
    """Return the links to turn back: from the largest on, each that would close a circle with larger ones."""
    onward: dict[str, set[str]] = {}
    found = set()
    for source, target in sorted(carried, key=lambda ends: (-carried[ends], ends)):
        if _leads(onward, target, source):
            found.add((source, target))
        else:
            onward.setdefault(source, set()).add(target)
    return found


def _leads(onward: Mapping[str, set[str]], start: str, end: str) -> bool:
    """Whether one gets from start to end."""
    seen, at = {start}, [start]
    while at:
        node = at.pop()
        if node == end:
            return True
        new = onward.get(node, set()) - seen
        seen |= new
        at += new
    return False
