"""From the edges of flows.csv and what passed their points to links that close at every node.

A node balances a carrier where some of it enters and some of it leaves again. There a stated loss takes what it is
expected to be, an edge without a point takes the rest, and where no edge can take it the rest is an imbalance, a link
of its own.
A unit that takes in one carrier and gives out another converts: what it does not give out is lost, what it gives out
beyond what was seen to enter was recovered.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from methods.flows.amounts import NOTHING, Amount, total
from methods.reconciliation import loss

#: Ends of links that are no place in the plant.
LOST, UNSEEN, REST, USED, RECOVERED = "loss", "unmetered", "rest", "used", "recovered"
#: Where what is bought beside the network and what is generated on the spot comes from: outside.
BOUGHT, GENERATED = "market", "generated"
#: Where what nothing explains goes to, and where it comes from where more left than entered.
MISSING, SURPLUS = "missing", "surplus"
NOWHERE = frozenset((LOST, UNSEEN, REST, USED, RECOVERED, MISSING, SURPLUS))


@dataclass(frozen=True)
class Link:
    """What passed from one node to another; without a point and an amount it takes what is left over."""

    link_id: str
    source: str
    target: str
    carrier: str
    amount: Amount = NOTHING
    unit: str | None = None
    point_id: str | None = None
    is_origin: bool = False
    loss_model: str | None = None
    is_known: bool = True


@dataclass(frozen=True)
class Closure:
    """How a carrier closes at a node: entered = left + used unmetered + lost + imbalance."""

    node: str
    carrier: str
    entered: Amount
    left: Amount
    used: Amount
    lost: Amount
    imbalance: Amount


@dataclass(frozen=True)
class Network:
    """Every link of a month and how each carrier closes at the nodes that pass it on."""

    links: Sequence[Link]
    closures: Sequence[Closure]

    @cached_property
    def balanced(self) -> set[tuple[str, str]]:
        """The nodes with the carriers that they pass on."""
        return {(one.node, one.carrier) for one in self.closures}

    @cached_property
    def by_source(self) -> dict[str, list[Link]]:
        """The links that leave each node."""
        return _grouped((link.source, link) for link in self.links)

    @cached_property
    def by_target(self) -> dict[str, list[Link]]:
        """The links that enter each node."""
        return _grouped((link.target, link) for link in self.links)

    def entering(self, node: str) -> list[Link]:
        """Return what enters a node of the carriers that it does not pass on."""
        return [link for link in self.by_target.get(node, []) if (node, link.carrier) not in self.balanced]

    def leaving(self, node: str) -> list[Link]:
        """Return what leaves a node of the carriers that it does not pass on."""
        return [link for link in self.by_source.get(node, []) if (node, link.carrier) not in self.balanced]


def _grouped(pairs: Iterable[tuple[str, Link]]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for key, link in pairs:
        found.setdefault(key, []).append(link)
    return found


def closed(
    links: Sequence[Link], hours: float, parents: Mapping[str, str | None], generated: Collection[str | None]
) -> Network:
    """Return the network of one month with the links that close every node.

    links: what is known with its amount, what is not with NOTHING. hours: how long the month was. parents: each energy
    unit and the one above it. generated: the points of what begins at a unit: PV, wind by a direct line.
    """
    links = list(_within(_begun(links, generated), parents))
    made: list[Link] = [link for link in links if link.is_known]
    closures: list[Closure] = []
    by_carrier: dict[str, list[Link]] = {}
    for link in links:
        by_carrier.setdefault(link.carrier, []).append(link)
    for carrier, edges in sorted(by_carrier.items()):
        near = Network(edges, [])
        for node in sorted(balancing(edges)):
            more, closure = _node(node, carrier, near, hours)
            made += more
            closures.append(closure)
    network = Network(made, closures)
    return Network([*made, *_conversions(network, parents)], closures)


def balancing(links: Iterable[Link]) -> set[str]:
    """Return the nodes at which what enters of one carrier leaves again."""
    links = list(links)
    entered = {link.target for link in links}
    left = {link.source for link in links if not link.is_origin}
    return (left & entered) - NOWHERE - {BOUGHT, GENERATED}


def _begun(links: Sequence[Link], generated: Collection[str | None]) -> Iterable[Link]:
    """Yield the links, and one from outside to each unit that generates."""
    for link in links:
        begins = link.point_id in generated and link.is_known
        yield replace(link, is_origin=link.is_origin or begins)
        if begins:
            name = f"{GENERATED}__{link.link_id}"
            yield Link(name, GENERATED, link.source, link.carrier, link.amount, link.unit)


def _within(found: Iterable[Link], parents: Mapping[str, str | None]) -> Iterable[Link]:
    """Yield the links; what leaves a part of a converter that nothing is seen to enter leaves the converter.

    A waste-heat boiler behind a turbine is such a part.
    """
    links = list(found)
    entered = {link.target for link in links}
    for link in links:
        source = link.source
        while source in parents and source not in entered and _below_another(source, parents):
            source = parents[source] or source
        yield replace(link, source=source if source in entered else link.source)


def _below_another(unit: str, parents: Mapping[str, str | None]) -> bool:
    """Whether the unit above is not the root, which takes in things for everybody."""
    above = parents.get(unit)
    return above is not None and parents.get(above) is not None


def _node(node: str, carrier: str, near: Network, hours: float) -> tuple[list[Link], Closure]:
    leaving, entering = near.by_source[node], near.by_target[node]
    entered = total(link.amount for link in entering)
    left = total(link.amount for link in leaving if link.is_known)
    unit = entering[0].unit
    made: list[Link] = []
    lost, used = NOTHING, NOTHING
    takers = []
    for link in (link for link in leaving if not link.is_known):
        expected = _expected(link, near.links, entered, hours)
        if expected is None:
            takers.append(replace(link, unit=unit))
        else:
            made.append(replace(link, amount=expected, unit=unit))
            lost += expected
    rest = entered - left - lost
    if takers and rest.energy_gj >= 0:
        made.append(replace(takers[0], amount=rest))
        if takers[0].target == LOST:
            lost += rest
        else:
            used = rest
        rest = NOTHING
    elif rest:
        made.append(_imbalance(node, carrier, rest, unit))
    return made, Closure(node, carrier, entered, left, used, lost, rest)


def _imbalance(node: str, carrier: str, amount: Amount, unit: str | None) -> Link:
    """Return the link that takes what nothing explains: out of the node, or into it where more left than entered."""
    name = f"{node}__imbalance__{carrier}"
    if amount.energy_gj > 0:
        return Link(name, node, MISSING, carrier, amount, unit)
    return Link(name, SURPLUS, node, carrier, -amount, unit)


def _expected(link: Link, edges: Sequence[Link], entered: Amount, hours: float) -> Amount | None:
    """Return what a stated loss is expected to be, with the energy that its share of what entered has."""
    model = loss.parse(link.loss_model)
    units = {edge.unit for edge in edges if edge.unit}
    if model is None or not entered.quantity or not (model.fixed_unit is None or {model.fixed_unit} == units):
        return None
    origins = {edge.source for edge in edges if edge.is_origin}
    pairs = {(edge.source, edge.target) for edge in edges}
    back = [
        edge.amount
        for edge in edges
        if model.is_of_load and edge.source == link.source and _goes_back(edge, origins, pairs)
    ]
    passing = entered - total(back)
    amount = model.amount(hours, float(passing.quantity or 0))
    return entered.times(Decimal(repr(amount)) / entered.quantity)


def _goes_back(edge: Link, origins: set[str], pairs: set[tuple[str, str]]) -> bool:
    return edge.target in origins or (edge.target, edge.source) in pairs


def _conversions(network: Network, units: Collection[str]) -> Iterable[Link]:
    """Yield what is lost and what is recovered where another carrier is given out than is taken in.

    By the equivalent value a unit may give out more than it took in: each convention has its own sign.
    """
    passing = {node for node, _ in network.balanced}
    for node in sorted(set(network.by_source) & (set(units) | passing)):
        entering, leaving = network.entering(node), network.leaving(node)
        if not leaving:
            continue
        rest = (total(one.amount for one in entering) - total(one.amount for one in leaving)).without_quantity()
        if more := rest.above_zero():
            largest = max(entering or leaving, key=lambda link: link.amount.energy_gj)
            yield Link(f"{node}__conversion_loss", node, LOST, largest.carrier, more)
        if less := (-rest).above_zero():
            yield Link(f"{node}__recovered", RECOVERED, node, leaving[0].carrier, less)
