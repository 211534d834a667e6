"""The footprint marts of a site: every month and calendar year of its flows, each reckoned by itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa

from lake.errors import NengtanError
from methods.footprint import compare, figures, inventory, left_out, paths, pieces, solve, spread, tables
from methods.footprint.figures import Footprint, Period, Row, Site
from methods.footprint.inventory import Inventory

Rows = list[dict[str, Any]]
Whole = Mapping[str, Footprint]


def of_site(rows: Iterable[Row], periods: Sequence[Period], site: Site, seed: int) -> dict[str, pa.Table]:
    """Return the six marts; `rows` are those of `inventory.of_period` with the name of their period."""
    by_period: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_period[row["period"]].append(row)
    marts = _Marts(site, seed)
    for period in sorted(periods, key=lambda one: (one.kind, one.start_on)):
        marts.add(period, by_period[period.name])
    _mark_latest(marts.rows)
    return {mart: _table(marts.rows[mart], schema) for mart, schema in tables.MARTS.items()}


@dataclass
class _Marts:
    """The rows so far, and of each period before: what its footprints were and what stood behind them."""

    site: Site
    seed: int
    rows: dict[str, Rows] = field(default_factory=lambda: {mart: [] for mart in tables.MARTS})
    totals: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    behind: dict[str, dict[str, compare.Pieces]] = field(default_factory=dict)

    def add(self, period: Period, flows: Sequence[Row]) -> None:
        """Reckon a period; a year before it is there already, if ever."""
        makers = {product_id: product["process_id"] for product_id, product in self.site.products.items()}
        found, footprints = _reckoned(flows, makers, self.site)
        whole = {one.product["product_id"]: one for one in footprints if one.made and not one.missing}
        self.totals[period.name] = {product: one.total for product, one in whole.items()}
        self.behind[period.name] = {}
        if whole and found.system is not None:
            self._follow(period, found, whole)
        self._put("footprint.allocations", period, left_out.allocations(found, self.site))
        self._put("footprint.cut_offs", period, left_out.cut_offs(found, self.site))
        ends = spread.intervals(found, whole, self.seed) if period.kind == "year" else {}
        for one in footprints:
            row = figures.product_columns(one, period, self.site)
            self.rows["footprint.products"].append(row | self._more(period, found, one, ends))
        for one in whole.values():
            self._put("footprint.contributions", period, self._contributions(period, one))
            self._put("footprint.changes", period, self._changes(period, one))

    def _follow(self, period: Period, found: Inventory, whole: Whole) -> None:
        """Follow the paths of supply: what stands behind each footprint, and of a year its tree."""
        assert found.system is not None, "something was made"
        solution = solve.solve(found.system)
        self.behind[period.name].update(pieces.of_period(found, solution, whole))
        for one in whole.values() if period.kind == "year" else ():
            tree = paths.rows(found, solution, one, self.site)
            self._put("footprint.contribution_tree", period, (self._head(one) | node for node in tree))

    def _put(self, mart: str, period: Period, rows: Iterable[Mapping[str, Any]]) -> None:
        self.rows[mart] += [{**period.columns, **row} for row in rows]

    def _head(self, one: Footprint) -> dict[str, Any]:
        product = one.product
        owner = self.site.owner(product["organization_id"])
        return {**owner, "product_id": product["product_id"], **figures.named("product", product)}

    def _more(
        self, period: Period, found: Inventory, one: Footprint, ends: Mapping[str, tuple[Decimal, Decimal]]
    ) -> dict[str, Any]:
        """Return what a product's row says of what was left out, of its interval and of the year before."""
        product, before = one.product["product_id"], year_before(period)
        if not one.made or one.missing:
            return {}
        low, high = ends.get(product, (None, None))
        told = {
            "exempted_ratio": left_out.exempted(found, one),
            **{"p5": low, "p95": high, "draws_count": spread.DRAWS if product in ends else None},
        }
        earlier = self.totals.get(before, {}).get(product)
        if earlier is None:
            return told
        change = one.total / earlier - 1 if earlier else None
        return told | {"previous_period": before, "previous_footprint_kgco2e": earlier, "change_ratio": change}

    def _contributions(self, period: Period, one: Footprint) -> Iterable[Mapping[str, Any]]:
        for part in one.told(self.site):
            known = {"lineage_id": f"{period.name}/{part['lineage_id']}", "is_sold": one.product["is_sold"]}
            yield {**self._head(one), **part, **known}

    def _changes(self, period: Period, one: Footprint) -> Iterable[Mapping[str, Any]]:
        product, before = one.product["product_id"], year_before(period)
        earlier = self.totals.get(before, {}).get(product)
        if earlier is None:
            return
        then, now = (self.behind[name][product] for name in (before, period.name))
        effects = compare.effects(then, now, one.total - earlier)
        for order, effect in enumerate(tables.EFFECTS):
            if effects.get(effect):
                yield {
                    **self._head(one),
                    **{"compared_to": before, "compared_kind": "previous_year"},
                    **figures.worded("effect", effect, tables.EFFECTS),
                    **{"effect_order": order, "change_kgco2e": effects[effect]},
                    **{"previous_footprint_kgco2e": earlier, "footprint_kgco2e": one.total},
                }


def year_before(period: Period) -> str:
    """Return the name of the same period a year earlier."""
    year, rest = period.name[:4], period.name[4:]
    return f"{int(year) - 1}{rest}"


def _reckoned(rows: Sequence[Row], makers: Mapping[str, str], site: Site) -> tuple[Inventory, list[Footprint]]:
    """Return the system of a period and its footprints; where it has no solution, no product has a footprint."""
    found = inventory.of_period(rows, makers)
    try:
        return found, figures.of_period(found, site)
    except NengtanError as cause:
        inventory.unsolved(found, cause)
        return found, figures.of_period(found, site)


def _mark_latest(made: Mapping[str, Rows]) -> None:
    """Mark of each product and process its newest whole year, else its newest, and its newest month."""
    for rows in made.values():
        best: dict[tuple[str, ...], tuple[bool, Any]] = {}
        for row in rows:
            best[_subject(row)] = max(best.get(_subject(row), _rank(row)), _rank(row))
        for row in rows:
            row["is_latest"] = best[_subject(row)] == _rank(row)


def _subject(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what has newest rows: a product, or a process of which something was left out."""
    return row["period_kind"], str(row.get("product_id") or row["process_id"])


def _rank(row: Mapping[str, Any]) -> tuple[bool, Any]:
    return row["is_whole"], row["period_start_on"]


def _table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return the rows in the columns of a mart, decimals rounded to what these hold."""
    digits = {field.name: Decimal(1).scaleb(-field.type.scale) for field in schema if pa.types.is_decimal(field.type)}
    printed = [{name: _digits(row.get(name), digits.get(name)) for name in schema.names} for row in rows]
    return pa.Table.from_pylist(printed, schema=schema)


def _digits(value: Any, step: Decimal | None) -> Any:  # noqa: ANN401 -- a cell of any column
    return value.quantize(step, ROUND_HALF_EVEN) if step is not None and isinstance(value, Decimal) else value
