"""The one number that somebody asks about, found in its mart, and the walk back from it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lake.errors import LakeError
from quality.lineage import carbon, emissions, energy, footprint
from quality.lineage.node import Node
from quality.lineage.place import Place

#: How a row of a mart is walked back; of any other mart the steps that make it are told.
_WALKS: Mapping[str, Callable[[Place, str, Mapping[str, Any]], Node]] = {
    emissions.MART: lambda place, _, row: emissions.of_line(place, row),
    energy.MONTHLY: energy.of_consumption,
    energy.DAILY: energy.of_consumption,
    "energy.comprehensive_monthly": energy.of_comprehensive,
    "energy.intensity_monthly": energy.of_intensity,
    "energy.cost_bands_monthly": energy.of_cost,
    "carbon.inventory_annual": carbon.of_inventory,
    "carbon.intensity_monthly": carbon.of_intensity,
    "carbon.cems_monthly": carbon.of_stack,
    footprint.PRODUCTS: footprint.of_product,
    footprint.CONTRIBUTIONS: footprint.of_contribution,
    footprint.FLOWS: footprint.of_flow,
}
#: Of each step of the making: the steps, tables and files that it reads.
Steps = Mapping[str, Sequence[str]]
_MONTH = re.compile(r"\d{4}-\d{2}")
_MOST_NAMED = 12


def back(place: Place, mart: str, asked: Mapping[str, str], steps: Callable[[], Steps] = dict) -> Node:
    """Return the tree of the row that the columns' values name.

    Of a mart without a walk of its own the tree shows the row and, by `steps`, what the mart is made from, down to the
    tables that were received. Raises LakeError where there is no such mart or column, or not exactly one row is named.
    """
    if mart not in place.manifest.marts:
        raise LakeError(f"{mart} is not published; `nengtan sql` shows what there is")
    names = [row["column_name"] for row in place.rows(f"describe {mart}")]
    for column in asked:
        if column not in names:
            raise LakeError(f"{mart} has no column {column}; choose among {', '.join(names)}")
    meant = {column: f"{value}-01" if _MONTH.fullmatch(value) else value for column, value in asked.items()}
    where = " and ".join(f'cast("{column}" as varchar) = ?' for column in meant) or "true"
    found = place.rows(f"select * from {mart} where {where} order by all limit 1000", list(meant.values()))
    if len(found) != 1:
        raise LakeError(_not_one(mart, found, meant))
    if mart in _WALKS:
        return _WALKS[mart](place, mart, found[0])
    return _made(place, mart, found[0], steps())


def _made(place: Place, mart: str, row: Mapping[str, Any], steps: Steps) -> Node:
    """Return a row with the steps that made its mart, each told once, and the code that ran them."""
    seen: set[str] = set()

    def below(name: str) -> tuple[Node, ...]:
        news = [one for one in steps.get(name, ()) if one not in seen]
        seen.update(news)
        return tuple(Node("step" if one in steps else "table", one, {}, below(one)) for one in news)

    return Node("number", energy.name(mart, row), row, (*below(mart), emissions.code(place)))


def _not_one(mart: str, found: list[dict[str, Any]], meant: Mapping[str, str]) -> str:
    said = ", ".join(f"{column}={value}" for column, value in meant.items())
    if not found:
        return f"{mart}: no row has {said}; `nengtan sql` shows what there is"
    varying = [name for name in found[0] if len({str(row[name]) for row in found}) > 1]
    keys = [name for name in energy.KEYS if name in varying]
    listed = "; ".join(" ".join(f"{name}={row[name]}" for name in keys) for row in found[:_MOST_NAMED])
    return f"{mart}: {len(found)} rows have {said}; add one of {', '.join(keys or varying)}: {listed}"
