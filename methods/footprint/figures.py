"""The footprints of a period: each product's contributions, and what its row says of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lake import tenancy
from methods.footprint import borders, contributions, inventory, quality, solve, tables
from methods.footprint.inventory import BESIDE, Inventory, Made
from methods.footprint.quality import ZERO

Row = Mapping[str, Any]
#: What contributions are printed to, in kgCO2e.
QUANTUM = Decimal("0.000001")
_NAMED = ("zh", "en")
_YEAR = 12
#: Molar masses of carbon dioxide and carbon: what a kilogram of carbon took up.
_CO2_OF_CARBON = Decimal(44) / Decimal(12)


@dataclass(frozen=True)
class Period:
    """A month or a calendar year: its name, its first and last day, and of how many months data is there."""

    name: str
    kind: str
    start_on: date
    end_on: date
    months: int

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that each mart begins with, and whether the period is whole."""
        told = {"period": self.name, "period_kind": self.kind}
        days = {"period_start_on": self.start_on, "period_end_on": self.end_on}
        return told | days | {"is_latest": False, "is_whole": self.kind == "month" or self.months == _YEAR}


@dataclass(frozen=True)
class Site:
    """What rows of products.csv, processes.csv, suppliers.csv and the organisations say, by id."""

    products: Mapping[str, Row]
    processes: Mapping[str, Row]
    suppliers: Mapping[str, Row]
    organizations: Mapping[str, Row]
    gwp_set: str

    def owner(self, organization: str | None) -> dict[str, Any]:
        """Return the columns of an organisation."""
        return {"organization_id": organization} | named("organization", self.organizations.get(organization or ""))

    def closed(self, organization: str) -> frozenset[str]:
        """Return the processes that neither an organisation runs nor one below it."""
        pairs = ((name, row.get("parent_id")) for name, row in self.organizations.items())
        return borders.foreign(self.processes, tenancy.members(pairs, organization))

    def process(self, process: str | None) -> dict[str, Any]:
        """Return the columns of a process."""
        return {"process_id": process} | named("process", self.processes.get(process or ""))


@dataclass
class Footprint:
    """The footprint of a product in a period: its declared amount, the name it is demanded by, and its rows.

    closed: the processes of other entities, of which its rows tell in sums.
    """

    product: Row
    made: Made | None
    demand: str
    amount: Decimal
    missing: list[inventory.Missing]
    parts: list[dict[str, Any]] = field(default_factory=list)
    closed: frozenset[str] = frozenset()
    needed: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """The footprint: the sum of its contributions."""
        return sum((part["contribution_kgco2e"] for part in self.parts), ZERO)

    def told(self, site: Site) -> list[dict[str, Any]]:
        """Return the rows as they are told: what happens at other entities in sums."""
        process = site.process(self.product["process_id"])
        return borders.folded(self.parts, self.product, process, self.closed)


def named(what: str, row: Row | None) -> dict[str, Any]:
    """Return the names of a thing in both languages, the Chinese one where there is no other."""
    told = row or {}
    return {f"{what}_name_zh": told.get("name_zh"), f"{what}_name_en": told.get("name_en") or told.get("name_zh")}


def worded(what: str, code: str | None, words: tables.Words) -> dict[str, Any]:
    """Return a code with its words in both languages."""
    return {what: code} | {
        f"{what}_name_{language}": word
        for language, word in zip(_NAMED, words.get(code or "", (code, code)), strict=True)
    }


def of_period(found: Inventory, site: Site) -> list[Footprint]:
    """Return the footprint of each product, with its contributions where nothing is missing, all in one pass."""
    footprints = list(_asked(found, site))
    whole = [one for one in footprints if one.made and not one.missing]
    if whole:
        _contribute(found, whole, site)
    return footprints


def _asked(found: Inventory, site: Site) -> Iterator[Footprint]:
    """Give each product with its demand and what it lacks."""
    for product_id, product in site.products.items():
        made = found.made.get(product_id)
        is_whole_life = product["boundary"] == "cradle_to_grave"
        has_more = is_whole_life and product_id in found.past_gate
        demand = inventory.past(product_id) if has_more else product_id
        lacking = found.lacking(product_id) if made else found.missing[product["process_id"]]
        closed = site.closed(product["organization_id"])
        told = [borders.said(one, closed, product["process_id"]) for one in lacking]
        yield Footprint(product, made, demand, Decimal(product["declared_amount"] or 1), told, closed=closed)


def _contribute(found: Inventory, whole: Sequence[Footprint], site: Site) -> None:
    """Fill in the contributions, and how much of each node and process each product needs."""
    system = found.system
    assert system is not None, "something was made"
    further = [one for one in whole if one.product["product_id"] in found.past_gate and not _is_past(one)]
    demands = [{one.demand: float(one.amount)} for one in whole]
    beyond = [{inventory.past(one.product["product_id"]): float(one.amount)} for one in further]
    runs = solve.supplies(system, [*demands, *beyond])
    for one, supplied in zip(whole, runs, strict=False):
        one.needed.update(zip(system.processes, supplied.tolist(), strict=True))
        for part in contributions.of_runs(system, supplied, QUANTUM):
            one.parts.append(_part(found.nodes[part.process], part.amount, one, site, is_beside=part.impact in BESIDE))
    for one, supplied in zip(further, runs[len(whole) :], strict=True):
        for part in contributions.of_runs(system, supplied, QUANTUM):
            row = found.nodes[part.process]
            if inventory.is_outbound(row) and row["process_id"] == one.product["process_id"]:
                one.parts.append(_part(row, part.amount, one, site, is_beside=True))
    for one in whole:
        total = one.total
        for told in one.parts:
            told["share_ratio"] = told["contribution_kgco2e"] / total if total else None


def _is_past(one: Footprint) -> bool:
    return one.demand == inventory.past(one.product["product_id"])


def _part(row: Row, amount: Decimal, one: Footprint, site: Site, *, is_beside: bool) -> dict[str, Any]:
    """Return the columns of a contribution that do not depend on the others."""
    node = inventory.node_of(row)
    quantity = _quantity(row, amount)
    factor = row["emissions_kgco2e"] / row["quantity"] if row["quantity"] else None
    supplier = site.suppliers.get(row["supplier_id"] or "")
    kind = row["kind_of_carbon"]
    return {
        "contributor": node,
        "contributor_name_zh": row["item_name_zh"] or row["item"],
        "contributor_name_en": row["item_name_en"] or row["item_name_zh"] or row["item"],
        **worded("contributor_kind", contributor_kind(row), tables.CONTRIBUTOR_KINDS),
        **site.process(row["process_id"]),
        "supplier_id": row["supplier_id"],
        **named("supplier", supplier),
        **{name: row[name] for name in ("exchange_id", "item", "part", "provider_kind", "quantity_unit")},
        "gas": row["gas"] or "CO2e",
        **worded("stage", row["stage"], tables.STAGES),
        **worded("kind_of_carbon", kind, tables.KINDS_OF_CARBON),
        "quantity": quantity,
        "factor": factor,
        "factor_unit": f"kgCO2e/{row['quantity_unit']}" if factor is not None and row["quantity_unit"] else None,
        **{name: row[name] for name in ("factor_id", "factor_confidence", "source", "source_version")},
        "contribution_kgco2e": ZERO if is_beside else amount,
        "beside_kgco2e": amount if is_beside else ZERO,
        "is_primary": row["primary_share_ratio"] == 1,
        "primary_share_ratio": row["primary_share_ratio"],
        "is_recalled": row["factor_confidence"] == "recalled",
        "is_packaging": row["kind"] == "packaging" or row["stage"] == "packaging",
        "is_outbound": inventory.is_outbound(row),
        **{f"dqr_{aspect}": row[f"dqr_{aspect}"] for aspect in quality.ASPECTS},
        "lineage_id": f"{one.product['product_id']}/{node}",
        "reliability": row["reliability"],
        "is_uncertain": bool(inventory.amount_parameter(row) or inventory.factor_parameter(row)),
    }


def _quantity(row: Row, amount: Decimal) -> Decimal | None:
    """Return what of the exchange stands behind a contribution: the same share of it as of its emissions."""
    if row["quantity"] is None or not row["emissions_kgco2e"]:
        return None
    return Decimal(row["quantity"]) * amount / Decimal(row["emissions_kgco2e"])


def contributor_kind(row: Row) -> str:
    """Return the kind of a row that readers group by."""
    kind = str(row["kind"])
    if row["direction"] == "emission":
        return "process_emission"
    known = {"recycled": "waste", "co_product": "waste", "product": "waste", "elementary": "process_emission"}
    kind = known.get(kind, kind)
    return kind if kind in tables.CONTRIBUTOR_KINDS else "other"


def product_columns(one: Footprint, period: Period, site: Site) -> dict[str, Any]:
    """Return the row of footprint.products; without a footprint where something is missing."""
    product, made = one.product, one.made
    told: dict[str, Any] = {
        **period.columns,
        **site.owner(product["organization_id"]),
        "product_id": product["product_id"],
        **named("product", product),
        **site.process(product["process_id"]),
        "declared_unit": product["declared_unit"],
        "declared_amount": one.amount,
        **worded("boundary", product["boundary"], tables.BOUNDARIES),
        "output_quantity": made.quantity if made else None,
        "output_quantity_unit": made.unit if made else None,
        "mass_per_declared_unit_kg": product["mass_per_declared_unit_kg"],
        "gwp_set": site.gwp_set,
        "benchmark_kgco2e": product["benchmark_kgco2e"],
        "benchmark_source": product["benchmark_source"],
        "months_count": period.months,
        "is_sold": product["is_sold"],
        "is_complete": bool(made) and not one.missing,
    }
    for language in _NAMED:
        said = dict.fromkeys(_said(lack, site, language) for lack in one.missing)
        told[f"missing_{language}"] = ("；" if language == "zh" else "; ").join(said) or None
    return told | (_figures(one, period, site) if told["is_complete"] else {})


def _said(lack: inventory.Missing, site: Site, language: str) -> str:
    """Return what a process lacks, with the name of the process before it."""
    name = named("process", site.processes.get(lack.process)).get(f"process_name_{language}") or lack.process
    return f"{name}：{lack.zh}" if language == "zh" else f"{name}: {lack.en}"


def _figures(one: Footprint, period: Period, site: Site) -> dict[str, Any]:
    """Return the numbers of a footprint, its parts and its quality."""
    parts, total, product = one.parts, one.total, one.product
    told = one.told(site)
    by_kind = dict.fromkeys(tables.PARTS, ZERO)
    for part in parts:
        if part["kind_of_carbon"] in by_kind:
            by_kind[part["kind_of_carbon"]] += part["contribution_kgco2e"]
    uptake = sum((part["beside_kgco2e"] for part in parts if part["kind_of_carbon"] == tables.UPTAKE), ZERO)
    if product["biogenic_carbon_content_kgc"] is not None:
        uptake = -(product["biogenic_carbon_content_kgc"] * _CO2_OF_CARBON).quantize(QUANTUM)
    by_kind["fossil"] += by_kind["aircraft"]
    judged = [_judged(part) for part in parts if part["contribution_kgco2e"]]
    ratings = {f"dqr_{aspect}": quality.rating(judged, aspect) for aspect in quality.ASPECTS}
    known = [value for value in ratings.values() if value is not None]
    largest = max(told, key=lambda part: (part["contribution_kgco2e"], part["contributor"]), default=None)
    benchmark = product["benchmark_kgco2e"]
    beside = sum((_outbound(part) for part in parts), ZERO)
    return {
        "footprint_kgco2e": total,
        "footprint_including_uptake_kgco2e": total + uptake,
        **{f"{kind}_kgco2e": amount for kind, amount in by_kind.items()},
        "biogenic_uptake_kgco2e": uptake,
        "packaging_kgco2e": _sum(parts, "is_packaging"),
        "outbound_logistics_kgco2e": beside,
        "electricity_kgco2e": sum(
            (part["contribution_kgco2e"] for part in parts if part["contributor_kind"] == "electricity"), ZERO
        ),
        "uncertain_ratio": _size(part for part in parts if part["is_uncertain"]) / _size(parts) if total else None,
        "primary_data_share_ratio": quality.primary_share(judged),
        **ratings,
        "dqr": sum(known, ZERO) / len(known) if known else None,
        "dqr_completeness": quality.completeness(period.months),
        "dqr_reliability": quality.rating(judged, "reliability"),
        "rated_ratio": quality.rated(judged),
        "benchmark_ratio": total / benchmark - 1 if benchmark else None,
        **{
            f"largest_contributor_name_{one_of}": largest and largest[f"contributor_name_{one_of}"] for one_of in _NAMED
        },
    }


def _judged(part: Row) -> quality.Part:
    ratings = {aspect: part[f"dqr_{aspect}"] for aspect in quality.ASPECTS}
    return quality.Part(part["contribution_kgco2e"], part["primary_share_ratio"], ratings, part["reliability"])


def _outbound(part: Row) -> Decimal:
    amount: Decimal = part["contribution_kgco2e"] + part["beside_kgco2e"]
    return amount if part["is_outbound"] and part["kind_of_carbon"] in tables.PARTS else ZERO


def _sum(parts: Sequence[Row], flag: str) -> Decimal:
    return sum((part["contribution_kgco2e"] for part in parts if part[flag]), ZERO)


def _size(parts: Iterable[Row]) -> Decimal:
    return sum((abs(part["contribution_kgco2e"]) for part in parts), ZERO)
