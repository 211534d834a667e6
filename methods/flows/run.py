"""One month of the energy flow: the edges of flows.csv and what allocations say passes beside them, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from methods.flows import balance, links, tables, views
from methods.flows.amounts import NOTHING, Amount
from methods.flows.links import BOUGHT, GENERATED, RECOVERED, REST, Link

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """What does not change from month to month.

    flows: the rows of flows.csv. classes: accuracy class of each point. units: each energy unit's organisation.
    parents: each energy unit and the one above it. nodes: whose the named nodes are. members: each organisation and,
    where it is a park, the organisations below it with the node that stands for each. head: the highest organisation.
    """

    flows: Sequence[Row]
    classes: Mapping[str, str | None]
    units: Mapping[str, str]
    parents: Mapping[str, str | None]
    nodes: Mapping[str, str]
    members: Mapping[str, Mapping[str, str]]
    head: str
    names: tables.Names


def month_of(site: Site, month: date, passed: Sequence[Row], hours: float) -> tuple[list[tables.Row], list[tables.Row]]:
    """Return the rows of both marts for one month.

    passed: rows of kind, carrier, quantity, unit, energy_gj, tce_calorific, tce_equivalent and
    `flow` point_id, what passed a point of flows.csv;
    `supply` point_id, role, energy_unit_id, what the root unit of an organisation bought, generated or recovered;
    `use` energy_unit_id, root_id, what a unit itself used of what is not on the network.
    hours: how long the counted part of the month was.
    """
    supplies = [row for row in passed if row["kind"] == "supply"]
    edges = _edges(site, [row for row in passed if row["kind"] == "flow"])
    edges += _beside(site, supplies, [row for row in passed if row["kind"] == "use"])
    network = links.closed(edges, hours, site.parents, _generated(site, supplies))
    plant = views.Plant(network, views.places(network, site.units, site.nodes, site.head))
    link_rows, balance_rows = [], []
    for organization, members in site.members.items():
        view = views.of_park(organization, plant, members) if members else views.of(organization, plant)
        lines = balance.lines(organization, view, plant, site.classes, set(members.values()))
        link_rows += tables.link_rows(month, organization, view, site.names)
        balance_rows += tables.balance_rows(month, organization, lines, site.names)
    return link_rows, balance_rows


def _amount(row: Row) -> Amount:
    return Amount(row["quantity"], row["energy_gj"], row["tce_calorific"], row["tce_equivalent"])


def _generated(site: Site, supplies: Sequence[Row]) -> set[str]:
    """Return the points of what an organisation's own unit gives it: nobody else's node is at their other end."""
    buyers = {row["point_id"]: site.units[row["energy_unit_id"]] for row in supplies if row["role"] != "recovered"}
    return {
        flow["point_id"] for flow in site.flows if buyers.get(flow["point_id"]) == site.units.get(flow["from_node"], "")
    }


def _edges(site: Site, passed: Sequence[Row]) -> list[Link]:
    """Return the edges of flows.csv with what passed them; a metered one of which nothing is known is left out."""
    known = {(row["point_id"], row["carrier"]): row for row in passed}
    found = []
    for flow in sorted(site.flows, key=lambda flow: str(flow["flow_id"])):
        point, carrier = flow["point_id"], flow["carrier"]
        row = known.get((point, carrier))
        if point and row is None:
            continue
        found.append(
            Link(
                flow["flow_id"],
                flow["from_node"],
                flow["to_node"],
                carrier,
                _amount(row) if row else NOTHING,
                row["unit"] if row else None,
                point,
                bool(flow["is_origin"]),
                flow["loss_model"],
                row is not None,
            )
        )
    return found


def _beside(site: Site, supplies: Sequence[Row], uses: Sequence[Row]) -> list[Link]:
    """Return links for what is bought and used beside the network: the market, the root unit, the unit that uses it.

    A carrier of which an organisation has edges is used along these; what it buys of it otherwise has no known use.
    """
    on_edges = {flow["point_id"] for flow in site.flows if flow["point_id"]}
    ends = [(flow[end], flow["carrier"]) for flow in site.flows for end in ("from_node", "to_node")]
    networks = {(site.units[node], carrier) for node, carrier in ends if node in site.units}
    found: list[Link] = []
    for row in supplies:
        if row["point_id"] not in on_edges:
            source = {"recovered": RECOVERED, "own_generation": GENERATED}.get(row["role"], BOUGHT)
            name = f"{source}__{row['energy_unit_id']}__{row['carrier']}__{row['point_id']}"
            found.append(_link(name, source, row["energy_unit_id"], row))
    carried = {(link.target, link.carrier) for link in found}
    for row in uses:
        root, carrier = row["root_id"], row["carrier"]
        if (root, carrier) in carried and (site.units[root], carrier) not in networks:
            found.append(_link(f"{root}__{row['energy_unit_id']}__{carrier}", root, row["energy_unit_id"], row))
    for root, carrier in sorted(carried):
        found.append(Link(f"{root}__{REST}__{carrier}", root, REST, carrier, is_known=False))
    return found


def _link(name: str, source: str, target: str, row: Row) -> Link:
    return Link(name, source, target, row["carrier"], _amount(row), row["unit"], row.get("point_id"))
