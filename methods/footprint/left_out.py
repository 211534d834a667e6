"""How processes share their burden among products, and what was left out of the footprints."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from methods.footprint import quality
from methods.footprint.figures import Footprint, Row, Site, named, worded
from methods.footprint.inventory import Inventory
from methods.footprint.quality import ZERO
from methods.footprint.tables import METHODS

_NOT_BURDENED = ("waste", "recycled")


def allocations(found: Inventory, site: Site) -> Iterator[dict[str, Any]]:
    """Give for each output of each process its share of what the process took and emitted; waste carries nothing."""
    for row in _outputs(found):
        process = site.processes.get(row["process_id"], {})
        made = found.made.get(row["item"])
        is_burdened = made is not None and made.process == row["process_id"] and row["kind"] not in _NOT_BURDENED
        alone = made is not None and made.share == 1
        method = ("none" if alone else row["allocation"] or "none") if is_burdened else "cut_off"
        yield {
            **site.owner(row["organization_id"]),
            **site.process(row["process_id"]),
            "product_id": row["item"],
            **(named("product", site.products.get(row["item"])) if is_burdened else _item(row, "product")),
            "exchange_id": row["exchange_id"],
            **worded("method", "custom" if method == "share" else method, METHODS),
            "key_value": row["allocation_value"],
            "key_unit": row["allocation_value_unit"],
            "quantity": row["quantity"],
            "quantity_unit": row["quantity_unit"],
            "share_ratio": made.share if made is not None and is_burdened else ZERO,
            "reason_zh": process.get("allocation_reason_zh"),
            "reason_en": process.get("allocation_reason_en") or process.get("allocation_reason_zh"),
        }


def _outputs(found: Inventory) -> list[dict[str, Any]]:
    """Return a row for each process and output, exchanges of one item together."""
    together: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found.rows:
        if row["direction"] != "output" or not row["quantity"]:
            continue
        key = row["process_id"], row["item"]
        if key not in together:
            together[key] = dict(row)
            continue
        for name in ("quantity", "allocation_value"):
            known, more = together[key][name], row[name]
            together[key][name] = None if known is None or more is None else known + more
    burdened = {row["process_id"] for row in together.values() if row["kind"] not in _NOT_BURDENED}
    return [row for row in together.values() if row["process_id"] in burdened]


def cut_offs(found: Inventory, site: Site) -> Iterator[dict[str, Any]]:
    """Give what each process took and is left out: its reason, and its share of all the mass the process took in."""
    taken, left = _masses(found, has_links=True)
    for row in found.rows:
        if not row["is_cut_off"]:
            continue
        process = row["process_id"]
        whole = taken[process] + left[process]
        is_weighed = bool(taken[process]) and row["mass_t"] is not None and row["direction"] == "input"
        share = row["mass_t"] / whole if is_weighed else None
        together = left[process] / whole if is_weighed else None
        is_free = row["kind"] in _NOT_BURDENED  # by rule and not for being small: no limit holds
        yield {
            **site.owner(row["organization_id"]),
            **site.process(process),
            "exchange_id": row["exchange_id"],
            "item": row["item"],
            **_item(row, "item"),
            "quantity": row["quantity"],
            "quantity_unit": row["quantity_unit"],
            "mass_ratio": share,
            "process_mass_ratio": together,
            "reason_zh": row["cut_off_reason_zh"],
            "reason_en": row["cut_off_reason_en"] or row["cut_off_reason_zh"],
            "is_within_limit": None
            if share is None or together is None or is_free
            else share <= quality.ONE_FLOW and together <= quality.TOGETHER,
        }


def exempted(found: Inventory, one: Footprint) -> Decimal | None:
    """Return the share of the mass that a product's whole supply on the site took in and that is left out.

    Mass stands for emissions, which nobody knows of what is left out.
    """
    taken, left = _masses(found, has_links=False)
    runs: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for made in found.made.values():
        needed = one.needed.get(f"{made.process}>{made.product}", 0.0)
        runs[made.process] += Decimal(needed) * made.share
    return quality.exempted(
        sum((run * left[process] for process, run in runs.items()), ZERO),
        sum((run * taken[process] for process, run in runs.items()), ZERO),
    )


def _masses(found: Inventory, *, has_links: bool) -> tuple[Mapping[str, Decimal], Mapping[str, Decimal]]:
    """Return by process the mass taken in that is counted, from other processes too or not, and that is left out."""
    taken: dict[str, Decimal] = defaultdict(lambda: ZERO)
    left: dict[str, Decimal] = defaultdict(lambda: ZERO)
    seen = set()
    for row in found.rows:
        exchange = row["process_id"], row["exchange_id"], row["supplier_id"]
        if row["direction"] == "input" and row["mass_t"] is not None and exchange not in seen:
            if row["provider_kind"] == "process" and not has_links:
                continue
            seen.add(exchange)
            is_left_out = row["is_cut_off"] and row["kind"] not in _NOT_BURDENED
            (left if is_left_out else taken)[row["process_id"]] += row["mass_t"]
    return taken, left


def _item(row: Row, what: str) -> dict[str, Any]:
    zh = row["item_name_zh"] or row["item"]
    return {f"{what}_name_zh": zh, f"{what}_name_en": row["item_name_en"] or zh}
