"""The product system of a period: rows of what processes took, gave and emitted, as the columns that are solved.

A row is what one exchange of a process was in the period, of one provider, part, gas and kind of carbon. Each that has
emissions of its own becomes a node of the system beside the processes, so that what a product owes to it can be told:
the process takes the node's whole once. A process with several products is one process for each of them, which takes
its share of everything (allocation); links between processes go by the product, whoever owns them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lake.errors import NengtanError
from methods.footprint import allocate, quality, system
from methods.footprint.system import System
from methods.footprint.tables import PAST_GATE, UPTAKE

Row = Mapping[str, Any]
#: What is told beside the footprint: biomass in the product, and carbon that biomass gives back.
BESIDE = (UPTAKE, "biogenic_co2")
_BURDENED = ("product", "co_product")
_ZERO = Decimal(0)
_ENERGY = ("electricity", "energy")
#: Process, product or impact, amount, and the name of what is uncertain about it.
Flow = tuple[str, str, float, str | None]


@dataclass(frozen=True)
class Missing:
    """What a process lacks in the period, in words."""

    process: str
    zh: str
    en: str


@dataclass(frozen=True)
class Made:
    """A product of a process in the period: how much, and its share of what the process took and emitted."""

    product: str
    process: str
    quantity: Decimal
    unit: str
    share: Decimal


@dataclass
class Inventory:
    """The system of a period with what its nodes mean.

    nodes: by name the row of each node. made: by product. main: by process how much of its main product came out.
    past_gate: products that something past the gate belongs to.
    missing: by process what it lacks. links: by process the products that it takes from others. energy: those rows of
    them that are electricity, heat or fuel; `without_energy` is the system without these links.
    """

    rows: Sequence[Row]
    nodes: dict[str, Row] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)
    main: dict[str, Decimal] = field(default_factory=dict)
    past_gate: set[str] = field(default_factory=set)
    missing: dict[str, list[Missing]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    system: System | None = None
    without_energy: System | None = None
    energy: list[Row] = field(default_factory=list)

    def lacking(self, product: str) -> list[Missing]:
        """Return what the processes lack that a product rests on, its own first."""
        found: dict[Missing, None] = {}
        seen, open_ = set(), [product]
        for one in open_:
            if one in seen or one not in self.made:
                continue
            seen.add(one)
            process = self.made[one].process
            found |= dict.fromkeys(self.missing[process])
            open_ += sorted(self.links[process])
        return list(found)


def of_period(rows: Iterable[Row], products: Mapping[str, str]) -> Inventory:
    """Return the system of the rows of a period; `products` names the process that makes each product.

    What a process lacks (output, a share, a factor, a supplier's value, the product of another process) is noted and
    left out of the columns: a product that rests on it has no footprint.
    """
    found = Inventory([_judged(row) for row in sorted(rows, key=_order)])
    by_process: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows:
        by_process[row["process_id"]].append(row)
    for process, mine in by_process.items():
        _outputs(found, process, mine)
    for product, process in products.items():
        if product not in found.made and not found.missing[process]:
            found.missing[process].append(Missing(process, "本期无产量", "it made nothing in the period"))
    flows: list[Flow] = []
    links: list[Flow] = []
    effects: list[Flow] = []
    for process, mine in by_process.items():
        _process(found, process, mine, (flows, links))
    for node, row in found.nodes.items():
        flows.append((node, node, 1.0, None))
        if row["emissions_kgco2e"]:
            effects.append((node, row["kind_of_carbon"], float(row["emissions_kgco2e"]), factor_parameter(row)))
    if found.made:
        interventions = system.Interventions.of(effects)
        try:
            found.system = system.build(system.Flows.of([*flows, *links]), interventions)
            found.without_energy = system.build(system.Flows.of(flows), interventions)
        except NengtanError as cause:
            unsolved(found, cause)
    return found


def unsolved(found: Inventory, cause: NengtanError) -> None:
    """Note with each process that the system has no solution: a loop or a process uses up all that it makes."""
    found.system = None
    for process in {made.process for made in found.made.values()}:
        found.missing[process].append(Missing(process, f"产品系统无解：{cause}", f"no solution: {cause}"))


def past(product: str) -> str:
    """Return the name of a product with what happens to it past the gate."""
    return f"{product}>past_gate"


def node_of(row: Row) -> str:
    """Return the name of the node of a row: its process, exchange, supplier, part, gas and kind of carbon."""
    names = ("process_id", "exchange_id", "supplier_id", "part", "gas", "kind_of_carbon")
    return "/".join(str(row[name] or "") for name in names)


def amount_parameter(row: Row) -> str | None:
    """Return the name of what is uncertain about a row's amount: one for the exchange, of emissions for the carrier."""
    if not row["amount_u95_ratio"]:
        return None
    if row["direction"] == "emission":
        return "/".join(["line", *(str(row[name]) for name in ("organization_id", "part", "gas"))])
    return f"amount/{row['process_id']}/{row['exchange_id']}"


def factor_parameter(row: Row) -> str | None:
    """Return the name of what is uncertain about a row's emissions per amount: the factor's, wherever it is used."""
    known = row["factor_gsd2"]
    return f"factor/{row.get('factor_id') or node_of(row)}" if known else None


def is_outbound(row: Row) -> bool:
    """Whether the row carries the product away from the gate."""
    return bool(row.get("is_outbound")) or row["stage"] == "distribution"


def is_past_gate(row: Row) -> bool:
    """Whether the row belongs to what happens to the product after the gate."""
    return is_outbound(row) or row["stage"] in PAST_GATE


def is_energy_link(row: Row) -> bool:
    """Whether the row is electricity, heat or fuel that another process of the site makes."""
    return row["provider_kind"] == "process" and row["kind"] in _ENERGY


def shares_of(outputs: Mapping[str, Decimal], values: Mapping[str, Decimal | None], method: str) -> dict[str, Decimal]:
    """Return the share of each product in what its process took and emitted; their sum is 1.

    outputs: what was made. values: what the allocation counts of it (mass, energy, money), by product. With one product
    there is nothing to allocate. Empty where a value is missing or none is above zero.
    """
    if len(outputs) == 1:
        return dict.fromkeys(outputs, Decimal(1))
    told = {product: value for product, value in values.items() if value is not None}
    if method in ("none", "subdivision") or set(told) != set(outputs) or not sum(told.values(), _ZERO):
        return {}
    try:
        return allocate.shares(told, None)
    except NengtanError:  # one of them is below zero
        return {}


def _outputs(found: Inventory, process: str, mine: Sequence[Row]) -> None:
    """Note what a process made, and the share that each product carries."""
    outputs: dict[str, Decimal] = {}
    values: dict[str, Decimal | None] = {}
    units: dict[str, str] = {}
    method = "none"
    for row in mine:
        if row["direction"] == "output" and row["kind"] in _BURDENED:
            quantity, value = row["quantity"] or _ZERO, row["allocation_value"]
            item, method = row["item"], row["allocation"] or method
            before = values.get(item, _ZERO)
            outputs[item] = outputs.get(item, _ZERO) + quantity
            values[item] = None if value is None or before is None else before + value
            units[item] = row["quantity_unit"]
            if row["kind"] == "product":
                found.main[process] = outputs[item]
    outputs = {product: quantity for product, quantity in outputs.items() if quantity > 0}
    if not outputs:
        return
    shares = shares_of(outputs, {product: values[product] for product in outputs}, method)
    if not shares:
        words = "几种产品之间没有可用的分配依据", "no key shares it out among its products"
        found.missing[process].append(Missing(process, *words))
        return
    for product, quantity in outputs.items():
        found.made[product] = Made(product, process, quantity, units[product], shares[product])


def _process(found: Inventory, process: str, mine: Sequence[Row], columns: tuple[list[Flow], list[Flow]]) -> None:
    """Add the columns of a process: one for each of its products, and one for what happens past the gate.

    columns: the flows, and apart from them those that link processes by energy.
    """
    made = [one for one in found.made.values() if one.process == process]
    taken = [(row, what) for row in mine if (what := _taken(found, process, row)) is not None]
    has_past = any(is_past_gate(row) for row, _ in taken)
    shares = {one.product: one.share for one in made}
    parts = [allocate.split(amount, shares) for _, (_, amount, _) in taken]
    for one in made:
        columns[0].append((f"{process}>{one.product}", one.product, float(one.quantity), None))
        if has_past:
            found.past_gate.add(one.product)
            columns[0].append((past(one.product), past(one.product), float(one.quantity), None))
            columns[0].append((past(one.product), one.product, -float(one.quantity), None))
        for (row, (needed, _, parameter)), part in zip(taken, parts, strict=True):
            name = past(one.product) if is_past_gate(row) else f"{process}>{one.product}"
            columns[is_energy_link(row)].append((name, needed, -float(part[one.product]), parameter))
    found.energy += [row for row, _ in taken if is_energy_link(row)]


def _taken(found: Inventory, process: str, row: Row) -> tuple[str, Decimal, str | None] | None:
    """Return what the process takes by a row: a product of a process, or a node; None where it takes nothing."""
    lacking = _lacking(found, row)
    if lacking:
        found.missing[process].append(Missing(process, *lacking))
        return None
    if not _is_taken(row):
        return None
    if row["provider_kind"] == "process":
        found.links[process].add(row["item"])
        return row["item"], row["quantity"], amount_parameter(row)
    node = node_of(row)
    found.nodes[node] = row
    return node, Decimal(1), amount_parameter(row)


def _is_taken(row: Row) -> bool:
    """Whether a row is something that its process needs or causes: no product, and no link of nothing."""
    if row["direction"] == "output":  # waste is treated elsewhere where that has a factor
        return row["kind"] not in _BURDENED and row["emissions_kgco2e"] is not None
    return row["provider_kind"] != "process" or bool(row["quantity"])


def _lacking(found: Inventory, row: Row) -> tuple[str, str] | None:
    """Return what a row lacks, in words: what it says itself, a product that nobody made, or a factor."""
    if row["missing_en"]:
        return row["missing_zh"] or row["missing_en"], row["missing_en"]
    if not _is_taken(row) or row["is_cut_off"]:
        return None
    zh, en = row["item_name_zh"] or row["item"], row["item_name_en"] or row["item"]
    if row["provider_kind"] == "process":
        return None if row["item"] in found.made else (f"{zh}本期无产量", f"nobody made {en} in the period")
    return None if row["emissions_kgco2e"] is not None else (f"{zh}没有因子或足迹", f"{en} has no factor")


def _judged(row: Row) -> Row:
    """Return the row with the rating of where its number comes from, and how far its factor may be off."""
    is_answer = row["factor_confidence"] == "answer"
    reliability = quality.reliability(
        is_own=is_answer or row["primary_share_ratio"] == 1,
        is_estimated=is_answer or bool(row["estimated_ratio"]),
        confidence=row["factor_confidence"],
    )
    unrated = Decimal(1) if row["primary_share_ratio"] == 1 else None  # the process's own data of the period
    ratings = {aspect: row[f"dqr_{aspect}"] or unrated for aspect in quality.ASPECTS}
    is_background = row["provider_kind"] in ("secondary", "supplier", "electricity")
    spread = quality.pedigree_gsd2(ratings) if is_background else None
    kind = row["kind_of_carbon"] or "fossil"
    rated = {f"dqr_{aspect}": rating for aspect, rating in ratings.items()}
    return {**row, **rated, "kind_of_carbon": kind, "reliability": reliability, "factor_gsd2": spread}


def _order(row: Row) -> tuple[str, ...]:
    names = ("process_id", "direction", "exchange_id", "supplier_id", "part", "gas", "kind_of_carbon")
    return tuple(str(row[name] or "") for name in names)
