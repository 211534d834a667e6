"""What stands behind a footprint, taken apart for a comparison: exchange by exchange of each process and product.

Energy that another process of the site makes is an exchange like bought energy: what it emits per unit is the whole
intensity of that product. So a process that uses less of it and a plant that makes it better are told apart.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from methods.footprint import figures, inventory, tables
from methods.footprint.compare import Piece
from methods.footprint.figures import Footprint, Row
from methods.footprint.inventory import Inventory, Made
from methods.footprint.quality import ONE, ZERO
from methods.footprint.solve import Solution, supplies

Key = tuple[str, ...]


def of_period(found: Inventory, solution: Solution, whole: Mapping[str, Footprint]) -> dict[str, dict[Key, Piece]]:
    """Return the pieces of each product by process, exchange, gas, kind of carbon and product of the process.

    Parts of one exchange (origins of electricity, shares of suppliers) are one piece: what shifts among them changes
    what a unit of the exchange emits.
    """
    exchanges = _exchanges(found, _intensities(found, solution))
    makers: dict[str, list[Made]] = defaultdict(list)
    for made in found.made.values():
        makers[made.process].append(made)
    system = found.without_energy
    assert system is not None, "something was made"
    runs = supplies(system, [{one.demand: float(one.amount)} for one in whole.values()])
    supplied = (dict(zip(system.processes, row.tolist(), strict=True)) for row in runs)
    return {
        product: _of_product(found, needed, exchanges, makers) for product, needed in zip(whole, supplied, strict=True)
    }


def _of_product(
    found: Inventory,
    supplied: Mapping[str, float],
    exchanges: Mapping[Key, tuple[Row, Decimal, Decimal]],
    makers: Mapping[str, list[Made]],
) -> dict[Key, Piece]:
    pieces: dict[Key, Piece] = {}
    for key, (row, used, emitted) in exchanges.items():
        for made in makers[key[0]]:
            column = inventory.past(made.product) if inventory.is_past_gate(row) else f"{made.process}>{made.product}"
            runs = supplied[column]
            if runs:
                main = found.main.get(made.process, made.quantity)
                pieces[*key, made.product] = Piece(
                    kind=figures.contributor_kind(row),
                    provider_kind=row["provider_kind"] or "",
                    needed=Decimal(runs) * made.quantity,
                    carried=made.share * main / made.quantity,
                    used=used / main,
                    emitted=emitted / used,
                )
    return pieces


def _exchanges(found: Inventory, intensities: Mapping[str, Decimal]) -> dict[Key, tuple[Row, Decimal, Decimal]]:
    """Return of each exchange a row, how much of it was used in the period, and the emissions of that."""
    together: dict[Key, list[Row]] = defaultdict(list)
    for row in found.nodes.values():
        if row["kind_of_carbon"] in tables.PARTS and row["emissions_kgco2e"]:
            together[row["process_id"], row["exchange_id"], row["gas"] or "", row["kind_of_carbon"]].append(row)
    known: dict[Key, tuple[Row, Decimal, Decimal]] = {}
    for key, rows in together.items():
        used = sum((row["quantity"] for row in rows if row["quantity"] and row["part"] != "transmission"), ZERO)
        known[key] = rows[0], used or ONE, sum((row["emissions_kgco2e"] for row in rows), ZERO)
    for row in found.energy:
        key = row["process_id"], row["exchange_id"], "", row["item"]
        known[key] = row, row["quantity"], row["quantity"] * intensities[row["item"]]
    return known


def _intensities(found: Inventory, solution: Solution) -> dict[str, Decimal]:
    """Return what a unit of each product emits with its whole supply."""
    counted = [place for place, impact in enumerate(solution.system.impacts) if impact in tables.PARTS]
    places = {product: solution.system.of_product(product) for product in found.made}
    return {product: Decimal(float(solution.intensities[at, counted].sum())) for product, at in places.items()}
