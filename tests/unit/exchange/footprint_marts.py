"""The marts of a footprint for tests: an invented works with two products, its numbers made to be checked by hand."""

from dataclasses import dataclass
from decimal import Decimal

from duckdb import DuckDBPyConnection

PERIODS = (
    ("2025", "year", "2025-01-01", "2025-12-31", True, Decimal(1)),
    ("2024", "year", "2024-01-01", "2024-12-31", False, Decimal("1.05")),
    ("2025-11", "month", "2025-11-01", "2025-11-30", False, Decimal("1.01")),
    ("2025-12", "month", "2025-12-01", "2025-12-31", True, Decimal("0.98")),
)
#: product, its names, unit, boundary
PRODUCTS = (
    ("cement_425", "普通水泥", "Ordinary cement", "t", "cradle_to_gate"),
    ("flange", "法兰", "Flange", "piece", "cradle_to_grave"),
)


@dataclass(frozen=True)
class Part:
    """One contribution of a product per declared unit, in kgCO2e."""

    product: str
    process: str
    exchange: str
    kind: str
    stage: str
    gas: str
    carbon: str
    kgco2e: Decimal
    supplier: str | None = None
    is_primary: bool = True
    beside: Decimal = Decimal(0)


PARTS = (
    Part("cement_425", "kiln", "calcination", "process_emission", "production", "CO2", "fossil", Decimal("430.123456")),
    Part("cement_425", "kiln", "coal", "energy", "production", "CO2", "fossil", Decimal("250.5")),
    Part("cement_425", "kiln", "coal_ch4", "energy", "production", "CH4", "fossil", Decimal("0.25")),
    Part("cement_425", "mill", "power", "electricity", "production", "CO2e", "fossil", Decimal("42.000001")),
    Part("cement_425", "mill", "gypsum", "material", "raw_materials", "CO2e", "fossil", Decimal("1.5"), "gypsum_co"),
    Part(
        "cement_425", "mill", "slag", "material", "raw_materials", "CO2e", "fossil", Decimal("3.25"), is_primary=False
    ),
    Part("cement_425", "mill", "truck", "transport", "raw_materials", "CO2e", "fossil", Decimal("2.125")),
    Part(
        "cement_425", "kiln", "straw", "energy", "production", "CO2", "biogenic_uptake", Decimal(0), beside=Decimal(-4)
    ),
    Part("flange", "forge", "bar", "material", "raw_materials", "CO2e", "fossil", Decimal("11.5"), "steel_co"),
    Part("flange", "forge", "gas", "energy", "production", "CO2", "fossil", Decimal("2.5")),
    Part("flange", "air", "freight", "transport", "distribution", "CO2e", "aircraft", Decimal("0.75")),
    Part("flange", "use", "oil", "use", "use", "CO2e", "fossil", Decimal("1.25"), is_primary=False),
)
_NAMES = {
    "kiln": ("回转窑", "Kiln"),
    "mill": ("水泥磨", "Cement mill"),
    "forge": ("锻造", "Forging"),
    "air": ("空运", "Air freight"),
    "use": ("使用", "Use"),
    "raw_materials": ("原材料获取", "Raw materials"),
    "production": ("生产", "Production"),
    "distribution": ("分销", "Distribution"),
    "fossil": ("化石", "Fossil"),
    "aircraft": ("航空运输", "Aircraft"),
    "biogenic_uptake": ("生物源吸收", "Biogenic uptake"),
    "electricity": ("电力", "Electricity"),
    "energy": ("能源", "Energy"),
    "process_emission": ("过程排放", "Process emission"),
    "material": ("原料", "Material"),
    "transport": ("运输", "Transport"),
    "gypsum_co": ("石膏公司", "Gypsum Co."),
    "steel_co": ("钢铁公司", "Steel Co."),
}


def total(product: str, period: str = "2025") -> Decimal:
    """Return the footprint of a product: the sum of its contributions."""
    return sum((part.kgco2e * _scale(period) for part in PARTS if part.product == product), Decimal(0))


def _scale(period: str) -> Decimal:
    return next(scale for name, *_, scale in PERIODS if name == period)


def write(marts: DuckDBPyConnection, organization: str = "works") -> None:
    """Write the marts into an open database."""
    marts.execute("create schema if not exists footprint")
    owner = (organization, "示例工厂", "Example works")
    _table(marts, "products", [_product(owner, period, one) for period in PERIODS for one in PRODUCTS])
    _table(marts, "contributions", [_contribution(owner, period, part) for period in PERIODS for part in PARTS])
    _table(marts, "contribution_tree", [node for period in PERIODS for node in _tree(owner, period)])
    _table(marts, "changes", _changes(owner))
    _table(marts, "allocations", _allocations(owner))
    _table(marts, "cut_offs", _cut_offs(owner))


def _table(marts: DuckDBPyConnection, name: str, rows: list[dict[str, object]]) -> None:
    columns = ", ".join(f"{column} {_type(column)}" for column in rows[0])
    marts.execute(f"create table footprint.{name} ({columns})")
    marts.executemany(
        f"insert into footprint.{name} values ({', '.join('?' for _ in rows[0])})", [[*row.values()] for row in rows]
    )


def _type(column: str) -> str:
    kinds = {
        "decimal(18, 6)": ("_kgco2e", "_kg", "quantity", "factor", "key_value", "declared_amount", "p5", "p95"),
        "decimal(9, 6)": ("_ratio",),
        "date": ("_on",),
        "boolean": ("is_latest", "is_complete", "is_primary", "is_sold", "is_recalled", "is_within_limit"),
        "integer": ("_count", "depth", "_order"),
        "decimal(4, 3)": ("dqr", "dqr_technology", "dqr_time", "dqr_geography", "dqr_completeness", "dqr_reliability"),
    }
    return next((kind for kind, ends in kinds.items() if column.endswith(ends)), "varchar")


def _period(owner: tuple[str, str, str], period: tuple[object, ...]) -> dict[str, object]:
    name, kind, start, end, is_latest, _ = period
    heads = ("period", "period_kind", "period_start_on", "period_end_on", "is_latest")
    told = dict(zip(heads, (name, kind, start, end, is_latest), strict=True))
    names = ("organization_id", "organization_name_zh", "organization_name_en")
    return told | dict(zip(names, owner, strict=True))


def _named(stem: str, code: str | None) -> dict[str, object]:
    zh, en = _NAMES.get(code or "", (code, code))
    return {f"{stem}_name_zh": zh, f"{stem}_name_en": en}


def _product_names(product: str) -> dict[str, object]:
    zh, en = next((zh, en) for code, zh, en, *_ in PRODUCTS if code == product)
    return {"product_id": product, "product_name_zh": zh, "product_name_en": en}


def _product(
    owner: tuple[str, str, str], period: tuple[object, ...], one: tuple[str, str, str, str, str]
) -> dict[str, object]:
    product, _, _, unit, boundary = one
    name = str(period[0])
    footprint = total(product, name)
    parts = [part for part in PARTS if part.product == product]
    aircraft = sum((part.kgco2e for part in parts if part.carbon == "aircraft"), Decimal(0)) * _scale(name)
    uptake = sum((part.beside for part in parts), Decimal(0))
    before = total(product, "2024") if name == "2025" else None
    return (
        _period(owner, period)
        | _product_names(product)
        | {
            "declared_unit": unit,
            "declared_amount": 1,
            "boundary": boundary,
            "boundary_name_zh": "摇篮到大门" if boundary == "cradle_to_gate" else "摇篮到坟墓",
            "boundary_name_en": boundary.replace("_", " "),
            "footprint_kgco2e": footprint,
            "footprint_including_uptake_kgco2e": footprint + uptake,
            "fossil_kgco2e": footprint,
            "land_use_change_kgco2e": 0,
            "land_management_kgco2e": 0,
            "land_management_removals_kgco2e": 0,
            "biogenic_non_co2_kgco2e": 0,
            "biogenic_uptake_kgco2e": uptake,
            "technological_removals_kgco2e": 0,
            "capture_kgco2e": 0,
            "aircraft_kgco2e": aircraft,
            "packaging_kgco2e": 0,
            "outbound_logistics_kgco2e": Decimal("5.5"),
            "electricity_kgco2e": 42,
            "p5": footprint * Decimal("0.9"),
            "p95": footprint * Decimal("1.12"),
            "draws_count": 1000,
            "uncertain_ratio": Decimal("0.38"),
            "primary_data_share_ratio": Decimal("0.91"),
            "dqr_technology": Decimal("1.5"),
            "dqr_time": Decimal("1.25"),
            "dqr_geography": Decimal("2.0"),
            "dqr_completeness": Decimal("0.98"),
            "dqr_reliability": Decimal("1.75"),
            "dqr": Decimal("1.583"),
            "exempted_ratio": Decimal("0.012"),
            "output_quantity": Decimal("900000.5"),
            "output_quantity_unit": unit,
            "mass_per_declared_unit_kg": 1000,
            "gwp_set": "AR6",
            "benchmark_kgco2e": Decimal("710.5"),
            "benchmark_ratio": Decimal("0.027"),
            "previous_period": "2024" if before else None,
            "previous_footprint_kgco2e": before,
            "change_ratio": footprint / before - 1 if before else None,
            "largest_contributor_name_zh": "过程排放",
            "largest_contributor_name_en": "Process emission",
            "months_count": 12 if period[1] == "year" else 1,
            "is_sold": True,
            "is_complete": True,
            "missing_zh": None,
            "missing_en": None,
        }
    )


def _contribution(owner: tuple[str, str, str], period: tuple[object, ...], part: Part) -> dict[str, object]:
    name = str(period[0])
    whole = total(part.product, name)
    return (
        _period(owner, period)
        | _product_names(part.product)
        | {
            "contributor": f"{part.process}/{part.exchange}/{part.gas}/{part.carbon}",
            "contributor_kind": part.kind,
            **_named("contributor_kind", part.kind),
            **_named("contributor", part.exchange),
            "process_id": part.process,
            **_named("process", part.process),
            "exchange_id": part.exchange,
            "supplier_id": part.supplier,
            **_named("supplier", part.supplier),
            "stage": part.stage,
            **_named("stage", part.stage),
            "gas": part.gas,
            "kind_of_carbon": part.carbon,
            **_named("kind_of_carbon", part.carbon),
            "quantity": Decimal("12.5"),
            "quantity_unit": "kg",
            "factor": Decimal("1.5"),
            "factor_unit": "kgCO2e/kg",
            "factor_id": f"factor_{part.exchange}",
            "source": "示例库 / example library",
            "source_version": "2024",
            "factor_confidence": "assumed",
            "is_recalled": False,
            "lineage_id": f"{part.product}/{name}/{part.exchange}",
            "contribution_kgco2e": part.kgco2e * _scale(name),
            "beside_kgco2e": part.beside,
            "share_ratio": part.kgco2e * _scale(name) / whole,
            "is_primary": part.is_primary,
            "primary_share_ratio": 1 if part.is_primary else 0,
            "provider_kind": "supplier" if part.supplier else "process",
            "dqr_technology": Decimal("1.5"),
            "dqr_time": Decimal("1.25"),
            "dqr_geography": Decimal("2.0"),
        }
    )


def _tree(owner: tuple[str, str, str], period: tuple[object, ...]) -> list[dict[str, object]]:
    found = []
    for product, zh, en, *_ in PRODUCTS:
        name = str(period[0])
        whole = total(product, name)
        parts = [part for part in PARTS if part.product == product and part.kgco2e]
        processes = dict.fromkeys(part.process for part in parts)
        nodes = [(product, None, 0, (zh, en), whole, Decimal(0))]
        for process in processes:
            below = sum((part.kgco2e for part in parts if part.process == process), Decimal(0)) * _scale(name)
            nodes.append((f"{product}/{process}", product, 1, _NAMES[process], below, Decimal(0)))
        nodes += [
            (
                f"{product}/{part.process}/{part.exchange}",
                f"{product}/{part.process}",
                2,
                (part.exchange, part.exchange),
                part.kgco2e * _scale(name),
                part.kgco2e * _scale(name),
            )
            for part in parts
        ]
        found += [
            _period(owner, period)
            | _product_names(product)
            | {
                "node_id": node,
                "parent_id": parent,
                "depth": depth,
                "node_order": order,
                "node_kind": ("product", "process", "exchange")[depth],
                "node_name_zh": names[0],
                "node_name_en": names[1],
                "contribution_kgco2e": with_all,
                "own_kgco2e": own,
                "share_ratio": with_all / whole,
            }
            for order, (node, parent, depth, names, with_all, own) in enumerate(nodes)
        ]
    return found


def _changes(owner: tuple[str, str, str]) -> list[dict[str, object]]:
    found = []
    for product, *_ in PRODUCTS:
        change = total(product, "2025") - total(product, "2024")
        half = (change / 2).quantize(Decimal("0.000001"))
        parts = {"fuel_use": ("燃料用量", "Fuel use", half), "other": ("其他", "Other", change - half)}
        found += [
            _period(owner, PERIODS[0])
            | _product_names(product)
            | {
                "compared_to": "2024",
                "compared_kind": "previous_year",
                "effect": effect,
                "effect_name_zh": zh,
                "effect_name_en": en,
                "effect_order": order,
                "change_kgco2e": value,
                "previous_footprint_kgco2e": total(product, "2024"),
                "footprint_kgco2e": total(product, "2025"),
            }
            for order, (effect, (zh, en, value)) in enumerate(parts.items())
        ]
    return found


def _allocations(owner: tuple[str, str, str]) -> list[dict[str, object]]:
    return [
        _period(owner, PERIODS[0])
        | {
            "process_id": "mill",
            **_named("process", "mill"),
            **_product_names("cement_425"),
            "exchange_id": "cement",
            "method": "mass",
            "method_name_zh": "按质量",
            "method_name_en": "by mass",
            "key_value": 1000,
            "key_unit": "kg/t",
            "quantity": 900000,
            "quantity_unit": "t",
            "share_ratio": 1,
            "reason_zh": "唯一产品",
            "reason_en": "the only product",
        }
    ]


def _cut_offs(owner: tuple[str, str, str]) -> list[dict[str, object]]:
    return [
        _period(owner, PERIODS[0])
        | {
            "process_id": "mill",
            **_named("process", "mill"),
            "exchange_id": "grinding_aid",
            "item": "grinding_aid",
            "item_name_zh": "助磨剂",
            "item_name_en": "Grinding aid",
            "quantity": 200,
            "quantity_unit": "t",
            "mass_ratio": Decimal("0.0002"),
            "process_mass_ratio": Decimal("0.0003"),
            "reason_zh": "少于 1 %",
            "reason_en": "below 1 %",
            "is_within_limit": True,
        }
    ]
