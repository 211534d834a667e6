"""The tree of a footprint: what each process on the paths of its supply adds, small branches gathered."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from methods.footprint import borders, contributions, tables
from methods.footprint.contributions import Node
from methods.footprint.figures import QUANTUM, Footprint, Site, named
from methods.footprint.inventory import Inventory, past
from methods.footprint.solve import Solution

#: As many nodes as a screen can draw; the share below which a branch is gathered grows until they are no more.
MOST = 60
_CUTS = (0.005, 0.01, 0.02, 0.05, 0.1)
_REST = ("其余", "The rest")


def rows(found: Inventory, solution: Solution, one: Footprint, site: Site) -> Iterator[dict[str, Any]]:
    """Give the nodes of a footprint, the product first; a node is its own amount and its children to the last digit."""
    counted = [impact for impact in solution.system.impacts if impact in tables.PARTS]
    if not counted:
        return
    amount, total, closed = float(one.amount), one.total, borders.columns(found, one.closed)
    for cut in _CUTS:
        tree = contributions.tree(
            solution, one.demand, amount, cut=cut, quantum=QUANTUM, impacts=counted, total=total, closed=closed
        )
        if len(tree) <= MOST:
            break
    for order, node in enumerate(tree):
        told = _told(found, node, one, site)
        yield {
            "node_id": f"{one.product['product_id']}/{node.node}",
            "parent_id": None if node.parent is None else f"{one.product['product_id']}/{node.parent}",
            "depth": node.depth,
            "node_order": order,
            **told,
            **{
                f"node_drawn_{language}": _drawn(told[f"node_name_{language}"], node, total)
                for language in ("zh", "en")
            },
            "contribution_kgco2e": node.amount,
            "own_kgco2e": node.own,
            "share_ratio": node.amount / total if total else None,
        }


def _drawn(name: str | None, node: Node, total: Decimal) -> str:
    """Return what a drawing writes at a node, which has room for one text: its name, kgCO2e and share."""
    share = f" ({node.amount / total:.0%})" if total else ""
    return f"{name} {node.amount:,.1f}{share}"


def _told(found: Inventory, node: Node, one: Footprint, site: Site) -> Mapping[str, Any]:
    """Return what a node is: the product itself, a process for a product, an exchange, or the rest."""
    if node.process is None:
        return _node("rest", _REST)
    if node.parent is None:
        names = named("product", one.product)
        return _node("product", (names["product_name_zh"], names["product_name_en"]), one.product["process_id"])
    row = found.nodes.get(node.process)
    if row is not None:
        names_of = row["item_name_zh"] or row["item"], row["item_name_en"] or row["item_name_zh"] or row["item"]
        return _node("exchange", names_of, row["process_id"], row["exchange_id"])
    product = next((made for made in found.made.values() if _is_of(made.product, made.process, node.process)), None)
    names = named("product", site.products.get(product.product if product else ""))
    process = product.process if product and product.process not in one.closed else None
    return _node("process", (names["product_name_zh"], names["product_name_en"]), process)


def _is_of(product: str, process: str, column: str) -> bool:
    return column in (f"{process}>{product}", past(product))


def _node(
    kind: str, names: tuple[str | None, str | None], process: str | None = None, exchange: str | None = None
) -> dict[str, Any]:
    told = {"node_kind": kind, "node_name_zh": names[0], "node_name_en": names[1]}
    return told | {"process_id": process, "exchange_id": exchange}
