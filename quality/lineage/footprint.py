"""From a product's footprint to what it rests on: contributions, the flows of each month, meters, books and factors.

A contribution of a month is followed down to raw readings; one of a year, and a whole footprint, as far as
evidence.lineage and the rows of the site have it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from quality.lineage import emissions, energy
from quality.lineage.node import Node
from quality.lineage.place import Place

PRODUCTS, CONTRIBUTIONS, FLOWS = "footprint.products", "footprint.contributions", "footprint.flows_monthly"
_TOLD = (
    *("organization_id", "footprint_kgco2e", "declared_amount", "declared_unit", "primary_data_share_ratio", "dqr"),
    *("output_quantity", "output_quantity_unit", "months_count", "missing_en"),
)
_PART = (
    *("product_id", "process_id", "stage", "supplier_id", "gas", "kind_of_carbon", "contribution_kgco2e"),
    *("beside_kgco2e", "share_ratio", "quantity", "quantity_unit", "factor", "factor_unit", "factor_confidence"),
)
_FLOW = ("direction", "item", "quantity", "quantity_unit", "factor", "factor_unit", "emissions_kgco2e", "missing_en")
#: Where a factor may stand: the library's footprint factors and the site's own, and every other number of both.
_FACTORS = ("factor_footprint", "factors_footprint", "factor_numbers", "factor_numbers_own")


def of_product(place: Place, _: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of a footprint: its contributions by process, with what each process made and took of others."""
    facts = {name: row[name] for name in _TOLD}
    parts = place.rows(_PARTS, [row["product_id"], row["period"]])
    processes = dict.fromkeys([str(row["process_id"]), *(str(part["process_id"]) for part in parts)])
    below = tuple(
        _process(place, process, row, [one for one in parts if one["process_id"] == process]) for process in processes
    )
    rules = emissions.clause("gbt_24067.footprint"), emissions.clause("gbt_24067.allocation")
    return Node(
        "number", f"{PRODUCTS}/{row['product_id']}/{row['period']}", facts, (*below, *rules, emissions.code(place))
    )


def _process(place: Place, process: str, row: Mapping[str, Any], parts: list[dict[str, Any]]) -> Node:
    """Return a process with what it adds, and the flows that say how much of it the product needs."""
    told = next((one for one in place.thing("processes") if one["process_id"] == process), {})
    shares = place.rows(_SHARES, [process, row["period"]])
    linked = place.rows(_LINKS, [process, row["period_start_on"], row["period_end_on"]])
    below = [_contribution(place, part, is_deep=False) for part in parts]
    below += [Node("allocation", f"{process}/{one['product_id']}", one) for one in shares]
    below += _exchanges(place, linked, is_deep=False)
    return Node("process", process, {name: told.get(name) for name in ("name_zh", "name_en", "stage")}, tuple(below))


def of_contribution(place: Place, _: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of a contribution, down to raw readings where it is a month's."""
    tree = _contribution(place, row, is_deep=row["period_kind"] == "month")
    below = *tree.below, emissions.clause("gbt_24067.footprint"), emissions.code(place)
    return Node(tree.kind, tree.name, tree.facts, below)


def of_flow(place: Place, _: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of a flow of a month: what was metered, booked or accounted, and its factor."""
    facts = {key: row[key] for key in _FLOW}
    below = *_exchanges(place, [row], is_deep=True), *_factor(place, row["factor_id"]), emissions.code(place)
    return Node("number", _name(row), facts, below)


def _contribution(place: Place, row: Mapping[str, Any], *, is_deep: bool) -> Node:
    asked = [row["process_id"], row["exchange_id"], row["period_start_on"], row["period_end_on"]]
    if row["provider_kind"] == "supplier":
        flows = place.rows(_SUPPLIED, asked)
    else:
        flows = place.rows(_OF_NODE, [*asked, row["part"] or "", row["gas"]])
    below = *_exchanges(place, flows, is_deep=is_deep), *_factor(place, row["factor_id"])
    return Node("number", str(row["lineage_id"]), {name: row[name] for name in _PART}, below)


def _exchanges(place: Place, flows: Iterable[Mapping[str, Any]], *, is_deep: bool) -> list[Node]:
    """Return each exchange as the site tells it, with its flows by month and what their amounts were taken from."""
    together: dict[str, list[Mapping[str, Any]]] = {}
    for flow in flows:
        together.setdefault(flow["exchange_id"], []).append(flow)
    found = []
    for exchange, mine in together.items():
        said = next((one for one in place.thing("exchanges") if one["exchange_id"] == exchange), {})
        below = tuple(_flow(place, one, said, is_deep=is_deep) for one in mine)
        facts = {f"exchange_{name}" if name == "kind" else name: value for name, value in said.items()}
        found.append(Node("exchange", exchange, facts, (*below, *emissions.sealed(place, "exchanges", said))))
    return found


def _flow(place: Place, row: Mapping[str, Any], said: Mapping[str, Any], *, is_deep: bool) -> Node:
    below = _amount(place, row, said, is_deep=is_deep) if said else ()
    return Node("flow", _name(row), {key: row[key] for key in _FLOW}, below)


def _name(row: Mapping[str, Any]) -> str:
    return "/".join([FLOWS, *(str(row[key]) for key in ("month", "exchange_id", "part", "gas") if row[key])])


def _amount(place: Place, row: Mapping[str, Any], said: Mapping[str, Any], *, is_deep: bool) -> tuple[Node, ...]:
    """Return the lines of consumption or emissions, or the rows of books, that an amount is."""
    source, owner, month = said["amount_source"], row["organization_id"], row["month"]
    if source == "emissions":
        lines = place.rows(_EMITTED, [owner, month, said["source_category"], said["carrier"], row["gas"]])
        return tuple(emissions.of_line(place, line, deep=is_deep) for line in lines)
    if source == "meter":
        unit = said["energy_unit_id"] or next(
            one["energy_unit_id"] for one in place.thing("processes") if one["process_id"] == said["process_id"]
        )
        lines = place.rows(_METERED, [unit, month, said["carrier"]])
        if is_deep:
            return tuple(energy.of_consumption(place, energy.MONTHLY, line) for line in lines)
        return tuple(_line(line) for line in lines)
    things = {"production": ("production", "product_id"), "activity": ("activity", "item")}
    if source not in things:
        return ()
    thing, column = things[source]
    wanted = said["production_product_id" if source == "production" else "activity_item"] or said["item"]
    mine = [one for one in place.thing(thing) if one["organization_id"] == owner and one["month"] == month]
    return tuple(emissions.row_node(place, thing, one) for one in mine if one[column] == wanted)


def _line(line: Mapping[str, Any]) -> Node:
    facts = {name: line[name] for name in ("quantity", "quantity_unit", "energy_gj", "estimated_ratio")}
    return Node("number", energy.name(energy.MONTHLY, line), facts)


def _factor(place: Place, factor_id: str | None) -> tuple[Node, ...]:
    """Return what a unit of the exchange emits, with its document: an answer of a supplier, or rows of a library."""
    if factor_id is None:
        return ()
    answers = [one for one in place.thing("supplier_footprints") if one["supplier_footprint_id"] == factor_id]
    found = [_answer(place, one) for one in answers]
    for thing in _FACTORS:
        rows = [one for one in place.thing(thing) if one["factor_id"] == factor_id]
        found += [Node("factor_value", str(factor_id), one, emissions.sealed(place, thing, one)) for one in rows]
    return tuple(found)


def _answer(place: Place, row: Mapping[str, Any]) -> Node:
    """Return a supplier's answer with who approved it, the record it came as, and its entry of the evidence chain."""
    facts = {name: value for name, value in row.items() if name != "entry"}
    below = *emissions.people(place, row.get("entry")), *emissions.sealed(place, "supplier_footprints", row)
    return Node("answer", str(row["supplier_footprint_id"]), facts, below)


_PARTS = f"""
    select * from {CONTRIBUTIONS} where product_id = $1 and period = $2
    order by contribution_kgco2e desc, contributor
"""
_SHARES = """
    select product_id, method, key_value, key_unit, quantity, quantity_unit, share_ratio, reason_zh, reason_en
    from footprint.allocations where process_id = $1 and period = $2 order by product_id
"""
_LINKS = f"""
    select * from {FLOWS}
    where process_id = $1 and month between $2 and $3 and (direction = 'output' or provider_kind = 'process')
    order by direction desc, exchange_id, month
"""
_SUPPLIED = f"""
    select * from {FLOWS}
    where process_id = $1 and exchange_id = $2 and month between $3 and $4 order by month
"""
_OF_NODE = f"""
    select * from {FLOWS}
    where process_id = $1 and exchange_id = $2 and month between $3 and $4 and coalesce(part, '') = $5
        and coalesce(gas, 'CO2e') = $6
    order by month
"""
_EMITTED = f"""
    select * from {emissions.MART}
    where organization_id = $1 and month = $2 and basis = 'all' and source_category = $3
        and ($4 is null or carrier = $4) and gas = $5 and null_reason is distinct from 'biogenic_not_counted'
    order by lineage_id
"""
_METERED = f"""
    select * from {energy.MONTHLY} where energy_unit_id = $1 and month = $2 and carrier = $3 order by role, use_type
"""
