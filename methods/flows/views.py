"""The network as one organisation sees it: its own nodes, purchases and sales at its boundary, every link's stage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from methods.flows.links import LOST, MISSING, NOWHERE, RECOVERED, SURPLUS, USED, Link, Network


@dataclass(frozen=True)
class Staged:
    """A link and its stage: purchase, recovered, conversion, distribution, end_use, sale, loss or imbalance."""

    link: Link
    stage: str


@dataclass(frozen=True)
class Plant:
    """The network of a month, and whose each node is (outside: nobody's)."""

    network: Network
    place: Mapping[str, str]

    def ends(self, link: Link) -> bool:
        """Whether it is used where it arrives: not passed on and not turned into something else."""
        passes = (link.target, link.carrier) in self.network.balanced
        return link.target in self.place and not passes and not self.network.leaving(link.target)


def places(network: Network, units: Mapping[str, str], told: Mapping[str, str], head: str) -> dict[str, str]:
    """Return whose each node is; a node that passes nothing on and is no unit lies outside and is not in it.

    units: each energy unit's organisation. told: what the site says of other nodes. A node of which it says nothing
    belongs to the organisation of the units around it where that is one, else to the head of the site.
    """
    found = dict(units)
    for node in sorted({node for node, _ in network.balanced} - set(units)):
        ends = [link.target for link in network.by_source[node]] + [link.source for link in network.by_target[node]]
        around = {units[end] for end in ends if end in units}
        found[node] = told.get(node) or (around.pop() if len(around) == 1 else head)
    return found


def of(organization: str, plant: Plant) -> list[Staged]:
    """Return the links that touch what an organisation has; those at its boundary are purchases and sales."""
    place = plant.place
    return [
        Staged(link, _nowhere(link) or _stage(link, organization, plant))
        for link in plant.network.links
        if organization in (place.get(link.source), place.get(link.target))
    ]


def _nowhere(link: Link) -> str | None:
    """Return the stage of a link with an end that is no place."""
    if link.source == RECOVERED:
        return "recovered"
    if link.source == SURPLUS or link.target == MISSING:
        return "imbalance"
    if link.target in NOWHERE:
        return "loss" if link.target == LOST else "end_use"
    return None


def _stage(link: Link, organization: str, plant: Plant) -> str:
    if plant.place.get(link.source) != organization:
        return "purchase"
    if plant.place.get(link.target) != organization:
        return "sale"
    if (link.target, link.carrier) in plant.network.balanced:
        return "distribution"
    return "end_use" if plant.ends(link) else "conversion"


def of_park(organization: str, plant: Plant, members: Mapping[str, str]) -> list[Staged]:
    """Return a park's links with each member as one node: what passes between them, and what they use and lose.

    members: each organisation below and the node that stands for it.
    """
    found: dict[tuple[str, str, str], Staged] = {}
    for link in plant.network.links:
        owners = plant.place.get(link.source), plant.place.get(link.target)
        if not {*members, organization} & {*owners}:
            continue
        for one in _from_above(link, (members.get(owners[0] or ""), members.get(owners[1] or "")), plant):
            key = one.link.source, one.link.target, one.link.carrier
            earlier = found.get(key)
            amount = one.link.amount + earlier.link.amount if earlier else one.link.amount
            known = one.link.is_known and (earlier is None or earlier.link.is_known)
            made = replace(one.link, link_id="__".join(key), amount=amount, is_known=known)
            found[key] = Staged(made, earlier.stage if earlier else one.stage)
    return list(found.values())


def _from_above(link: Link, members: tuple[str | None, str | None], plant: Plant) -> list[Staged]:
    """Return what a link is where members are single nodes: it may cross a boundary and be used behind it."""
    source, target = members[0] or link.source, members[1] or link.target
    found = []
    nowhere = _nowhere(link)
    if nowhere:
        end = USED if nowhere == "end_use" else target
        found.append(Staged(replace(link, source=source, target=end), nowhere))
    elif source != target:
        stage = "distribution" if link.target in plant.place else "sale"
        stage = stage if link.source in plant.place else "purchase"
        found.append(Staged(replace(link, source=source, target=target), stage))
    if members[1] and not nowhere and plant.ends(link):
        found.append(Staged(replace(link, source=members[1], target=USED), "end_use"))
    return found
