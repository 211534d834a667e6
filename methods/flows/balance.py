"""The energy balance of a month by stage and node, as GB/T 3484 has it: what entered, left, was used and was lost."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from methods.flows.amounts import NOTHING, Amount, total
from methods.flows.links import LOST, NOWHERE, SURPLUS, Closure, Link, Network
from methods.flows.views import Plant, Staged
from methods.reconciliation import accuracy, loss

#: How many standard deviations a gap may have where meters and loss models lie within their limits (95 %).
_COVERAGE = 1.96


@dataclass(frozen=True)
class Line:
    """One line: entered = left + used + lost + imbalance; `limit_gj`, how large that may be, is None where unknown."""

    stage: str
    node: str
    carrier: str | None
    entered: Amount
    left: Amount = NOTHING
    used: Amount = NOTHING
    lost: Amount = NOTHING
    imbalance: Amount = NOTHING
    limit_gj: float | None = None


def lines(
    organization: str,
    view: Sequence[Staged],
    plant: Plant,
    classes: Mapping[str, str | None],
    members: Collection[str] = (),
) -> list[Line]:
    """Return the lines of an organisation's month: at its boundary, at its nodes, where energy is used.

    classes: the accuracy class of each point. members: the nodes that stand for the members of a park.
    """
    found = [*_boundary(view)]
    for one in plant.network.closures:
        if plant.place.get(one.node) == organization:
            found.append(_distribution(one, plant.network, classes))
    if members:
        found += [_member(node, view) for node in sorted(members)]
        return found
    mine = {node for staged in view for node in (staged.link.source, staged.link.target)}
    for node in sorted(node for node in mine if plant.place.get(node) == organization):
        found += _others(node, plant.network.entering(node), plant.network.leaving(node))
    return found


def _boundary(view: Sequence[Staged]) -> Iterable[Line]:
    sums: dict[tuple[str, str, str], Amount] = {}
    for staged in view:
        if staged.stage in ("purchase", "recovered", "sale"):
            node = staged.link.source if staged.stage == "purchase" else staged.link.target
            key = staged.stage, node, staged.link.carrier
            sums[key] = sums.get(key, NOTHING) + staged.link.amount
    for (stage, node, carrier), amount in sorted(sums.items()):
        yield Line(stage, node, carrier, amount, amount)


def _distribution(one: Closure, network: Network, classes: Mapping[str, str | None]) -> Line:
    ends = [*network.by_source.get(one.node, []), *network.by_target.get(one.node, [])]
    here = [link for link in ends if link.carrier == one.carrier]
    amounts = (one.entered, one.left, one.used, one.lost, one.imbalance)
    return Line("distribution", one.node, one.carrier, *amounts, _limit(here, classes))


def _limit(links: Sequence[Link], classes: Mapping[str, str | None]) -> float | None:
    """Return how far a node may be from closing by the classes of its meters and the limits of its loss, in GJ."""
    variance = 0.0
    for link in links:
        if link.point_id is not None:
            limits = accuracy.limit(classes.get(link.point_id))
        elif link.target == LOST:
            model = loss.parse(link.loss_model)
            limits = model.limits if model else None
        else:
            continue
        if limits is None:
            return None
        variance += (accuracy.standard_uncertainty(limits) * float(link.amount.energy_gj)) ** 2
    return _COVERAGE * math.sqrt(variance)


def _others(node: str, entering: Sequence[Link], leaving: Sequence[Link]) -> list[Line]:
    """Return the lines of a node for the carriers that it does not pass on: converted or used there."""
    if not entering:
        return []
    if not leaving:
        carriers = sorted({link.carrier for link in entering})
        parts = {name: total(link.amount for link in entering if link.carrier == name) for name in carriers}
        return [Line("end_use", node, name, amount, used=amount) for name, amount in parts.items()]
    entered = total(link.amount for link in entering).without_quantity()
    left = total(link.amount for link in leaving if link.target not in NOWHERE).without_quantity()
    lost = total(link.amount for link in leaving if link.target == LOST).without_quantity()
    return [Line("conversion", node, None, entered, left, lost=lost)]


def _member(node: str, view: Sequence[Staged]) -> Line:
    """Return the line of a member as a whole."""
    out = [staged for staged in view if staged.link.source == node]
    entered = total(staged.link.amount for staged in view if staged.link.target == node)
    back = total(s.link.amount for s in view if s.link.target == node and s.link.source == SURPLUS)
    parts = {
        stage: total(staged.link.amount for staged in out if staged.stage == stage).without_quantity()
        for stage in ("end_use", "loss", "imbalance")
    }
    left = total(staged.link.amount for staged in out if staged.stage not in parts).without_quantity()
    entered = (entered - back).without_quantity()
    imbalance = (parts["imbalance"] - back).without_quantity()
    return Line("member", node, None, entered, left, parts["end_use"], parts["loss"], imbalance)
