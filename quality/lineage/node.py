"""One thing that a number rests on, with what it rests on in turn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Node:
    """A thing in the tree. `kind` is a word for programs, `name` tells it from others, `facts` are its columns."""

    kind: str
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    below: tuple["Node", ...] = ()


def graph(root: Node) -> dict[str, list[dict[str, Any]]]:
    """Return the tree as nodes and edges; a thing that several rest on is one node."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: list[dict[str, Any]] = []
    for one, above in _walk(root, None):
        identity = f"{one.kind}/{one.name}"
        nodes.setdefault(identity, {"id": identity, "kind": one.kind, "name": one.name, **_plain(one.facts)})
        edge = {"from": above, "to": identity}
        if above is not None and edge not in edges:
            edges.append(edge)
    return {"nodes": list(nodes.values()), "edges": edges}


def lines(root: Node, depth: int = 0) -> Iterator[str]:
    """Give the tree as lines of text, what it rests on indented below it."""
    said = ", ".join(f"{name}={_short(value)}" for name, value in _plain(root.facts).items())
    yield f"{'  ' * depth}{root.kind} {root.name}{f': {said}' if said else ''}"
    for one in root.below:
        yield from lines(one, depth + 1)


def _short(value: object) -> object:
    """Return a value for a line of text; of a list, such as an audit path, how long it is."""
    return f"{len(value)} hashes" if isinstance(value, list) else value


def _walk(one: Node, above: str | None) -> Iterator[tuple[Node, str | None]]:
    yield one, above
    for other in one.below:
        yield from _walk(other, f"{one.kind}/{one.name}")


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
