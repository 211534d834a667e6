"""The balances of one carrier's network: which nodes balance, and what is left of them where flows are not measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OUTSIDE = ""


@dataclass(frozen=True)
class Flow:
    """An edge: what measures it (a point, or nothing) and whether its energy begins at `source`."""

    flow_id: str
    source: str
    target: str
    point_id: str | None
    is_origin: bool
    loss_model: str | None = None

    @property
    def key(self) -> str:
        """What its amount is known by: the point, else the edge itself."""
        return self.point_id or self.flow_id


@dataclass(frozen=True)
class Balances:
    """The balances that known flows must fulfil: `matrix` @ amounts = 0, one row per name, one column per key."""

    names: tuple[str, ...]
    keys: tuple[str, ...]
    matrix: npt.NDArray[np.float64]


def balancing(flows: Sequence[Flow]) -> set[str]:
    """Return the nodes at which what enters leaves again: something enters, and something leaves that entered."""
    entered = {flow.target for flow in flows}
    return {flow.source for flow in flows if not flow.is_origin and flow.source in entered}


def components(flows: Sequence[Flow]) -> list[list[Flow]]:
    """Return the flows that touch a balancing node, in groups that share none."""
    nodes = balancing(flows)
    above = _Union(nodes)
    for flow in flows:
        if flow.source in nodes and flow.target in nodes:
            above.join(flow.source, flow.target)
    groups: dict[str, list[Flow]] = {}
    for flow in flows:
        for node in dict.fromkeys((flow.source, flow.target)):
            if node in nodes:
                group = groups.setdefault(above.top(node), [])
                if flow not in group[-1:]:
                    group.append(flow)
    return [groups[name] for name in sorted(groups)]


def balances(flows: Sequence[Flow], known: Mapping[str, float] | set[str]) -> Balances:
    """Return the balances of one component that only known amounts enter.

    Nodes that an unknown flow joins become one; what an unknown flow joins with the outside has no balance (Mah,
    Stanley and Downing, Reconciliation and rectification of process flow and inventory data, Ind. Eng. Chem. Process
    Des. Dev. 15 (1976) 175-183).
    """
    nodes = balancing(flows)
    merged = _Union({OUTSIDE, *nodes})
    ends = [_ends(flow, nodes) for flow in flows]
    for flow, (source, target) in zip(flows, ends, strict=True):
        if flow.key not in known:
            merged.join(source, target)
    outside = merged.top(OUTSIDE)
    tops = sorted({merged.top(node) for node in nodes} - {outside})
    names = ["+".join(sorted(node for node in nodes if merged.top(node) == top)) for top in tops]
    row_of = {top: row for row, top in enumerate(tops)}
    keys = sorted({flow.key for flow in flows if flow.key in known})
    column_of = {key: column for column, key in enumerate(keys)}
    matrix = np.zeros((len(tops), len(keys)))
    for flow, (source, target) in zip(flows, ends, strict=True):
        if flow.key in known:
            for node, sign in ((merged.top(target), 1), (merged.top(source), -1)):
                if node in row_of:
                    matrix[row_of[node], column_of[flow.key]] += sign
    return Balances(tuple(names), tuple(keys), matrix)


def _ends(flow: Flow, nodes: set[str]) -> tuple[str, str]:
    """Return the balances that a flow leaves and enters; energy that begins at a node does not leave its balance."""
    source = flow.source if flow.source in nodes and not flow.is_origin else OUTSIDE
    return source, flow.target if flow.target in nodes else OUTSIDE


class _Union:
    """Sets that are joined; each is named by its smallest member."""

    def __init__(self, members: set[str]) -> None:
        self._above = {member: member for member in members}

    def top(self, member: str) -> str:
        while self._above[member] != member:
            member = self._above[member]
        return member

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.top(one), self.top(other)))
        self._above[high] = low
