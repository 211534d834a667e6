"""A small cement works with a loop, a co-product, a supplier, packaging, transport from the gate and a cut-off."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from methods.footprint.figures import Period, Site

YEAR = Period("2025", "year", date(2025, 1, 1), date(2025, 12, 31), 12)
BEFORE = Period("2024", "year", date(2024, 1, 1), date(2024, 12, 31), 12)
_EMPTY = dict.fromkeys(
    (
        *("supplier_id", "part", "gas", "kind_of_carbon", "quantity", "mass_t", "emissions_kgco2e", "factor_id"),
        *("factor_confidence", "allocation_value", "allocation_value_unit", "amount_u95_ratio", "dqr_technology"),
        *("dqr_time", "dqr_geography", "is_outbound", "is_cut_off", "cut_off_reason_zh", "cut_off_reason_en"),
        *(
            "estimated_ratio",
            "missing_zh",
            "missing_en",
            "provider_kind",
            "item_name_zh",
            "item_name_en",
            "quantity_unit",
        ),
    )
)


def row(process: str, exchange: str, direction: str, kind: str, **told: Any) -> dict[str, Any]:
    """Return a row of the year 2025 of a process that is its own stage of production; numbers become decimals."""
    decimals = {name: Decimal(str(value)) if _is_number(value) else value for name, value in told.items()}
    base = {"period": "2025", "organization_id": "works", "stage": "production", "allocation": "none", "source": None}
    return {
        **_EMPTY,
        **base,
        "primary_share_ratio": Decimal(0),
        "source_version": None,
        "item": exchange,
        **{"process_id": process, "exchange_id": exchange, "direction": direction, "kind": kind},
        **decimals,
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def rows(*, grid: float = 0.5, clinker: float = 700, slag_allocation: str = "mass") -> Iterator[dict[str, Any]]:
    """Give the rows of the works: kiln → mill, an electricity mix that its own turbine feeds and is fed by.

    The kiln's co-product is sold dust. grid: kgCO2e a kWh of what is bought. clinker: t that the mill takes.
    """
    good = {"dqr_technology": 1, "dqr_time": 2, "dqr_geography": 1}
    own = {"primary_share_ratio": 1, "dqr_technology": 1, "dqr_time": 1, "dqr_geography": 1}
    made = {"quantity_unit": "t", "allocation": slag_allocation, "allocation_value_unit": "t"}
    yield row("kiln", "clinker", "output", "product", quantity=800, allocation_value=800, **made)
    yield row("kiln", "dust", "output", "co_product", quantity=200, allocation_value=200, **made)
    yield row(
        "kiln",
        "calcination",
        "emission",
        "elementary",
        quantity=520_000,
        emissions_kgco2e=520_000,
        gas="CO2",
        kind_of_carbon="fossil",
        quantity_unit="kg",
        amount_u95_ratio=0.02,
        **own,
    )
    yield row(
        "kiln",
        "methane",
        "emission",
        "elementary",
        quantity=10,
        emissions_kgco2e=273,
        gas="CH4",
        kind_of_carbon="biogenic_non_co2",
        quantity_unit="kg",
        **own,
    )
    yield row(
        "kiln",
        "coal",
        "input",
        "energy",
        quantity=120,
        emissions_kgco2e=24_000,
        gas="CO2e",
        mass_t=120,
        quantity_unit="t",
        provider_kind="secondary",
        factor_id="coal_upstream",
        factor_confidence="verified",
        dqr_technology=3,
        dqr_time=3,
        dqr_geography=5,
    )
    yield row(
        "kiln",
        "kiln_power",
        "input",
        "electricity",
        item="mix",
        quantity=60_000,
        quantity_unit="kWh",
        provider_kind="process",
        amount_u95_ratio=0.01,
    )
    yield row("power", "mix", "output", "product", quantity=120_000, quantity_unit="kWh")
    yield row(
        "power",
        "grid",
        "input",
        "electricity",
        quantity=100_000,
        quantity_unit="kWh",
        part="average",
        emissions_kgco2e=100_000 * grid,
        gas="CO2e",
        provider_kind="electricity",
        factor_id="grid_2025",
        **good,
    )
    yield row(
        "power",
        "turbine_power",
        "input",
        "electricity",
        item="own_power",
        quantity=20_000,
        quantity_unit="kWh",
        provider_kind="process",
    )
    yield row("turbine", "own_power", "output", "product", quantity=20_000, quantity_unit="kWh")
    yield row(
        "turbine",
        "turbine_use",
        "input",
        "electricity",
        item="mix",
        quantity=1_000,
        quantity_unit="kWh",
        provider_kind="process",
    )
    yield row("mill", "cement", "output", "product", quantity=1_000, quantity_unit="t")
    yield row(
        "mill",
        "mill_clinker",
        "input",
        "material",
        item="clinker",
        quantity=clinker,
        quantity_unit="t",
        provider_kind="process",
        mass_t=clinker,
    )
    yield row(
        "mill",
        "mill_power",
        "input",
        "electricity",
        item="mix",
        quantity=40_000,
        quantity_unit="kWh",
        provider_kind="process",
    )
    yield row(
        "mill",
        "gypsum",
        "input",
        "material",
        quantity=50,
        quantity_unit="t",
        emissions_kgco2e=500,
        mass_t=50,
        gas="CO2e",
        provider_kind="supplier",
        supplier_id="gypsum_plant",
        kind_of_carbon="fossil",
        factor_confidence="answer",
        primary_share_ratio=0.4,
        factor_id="answer_1",
        **good,
    )
    yield row(
        "mill",
        "grinding_aid",
        "input",
        "material",
        quantity=1,
        quantity_unit="t",
        mass_t=1,
        is_cut_off=True,
        cut_off_reason_zh="不足千分之一",
        cut_off_reason_en="below a thousandth",
        provider_kind="none",
    )
    yield row(
        "mill",
        "bag",
        "input",
        "packaging",
        stage="packaging",
        quantity=20_000,
        quantity_unit="count",
        emissions_kgco2e=3_000,
        mass_t=2,
        gas="CO2e",
        provider_kind="secondary",
        factor_id="bag",
        **good,
    )
    yield row(
        "mill",
        "paper",
        "input",
        "packaging",
        stage="packaging",
        quantity=20_000,
        quantity_unit="count",
        emissions_kgco2e=-1_500,
        gas="CO2e",
        kind_of_carbon="biogenic_uptake",
        provider_kind="secondary",
    )
    yield row(
        "mill",
        "lorry",
        "input",
        "transport",
        stage="distribution",
        quantity=50_000,
        quantity_unit="tkm",
        emissions_kgco2e=5_000,
        gas="CO2e",
        provider_kind="secondary",
        factor_id="lorry",
        **good,
    )


def product(product_id: str, process: str, unit: str, **told: Any) -> dict[str, Any]:
    """Return a row of products.csv."""
    names = {"name_zh": product_id, "name_en": product_id, "organization_id": "works", "is_sold": True}
    amounts = {"declared_unit": unit, "declared_amount": Decimal(1), "mass_per_declared_unit_kg": None}
    empty = dict.fromkeys(("biogenic_carbon_content_kgc", "benchmark_kgco2e", "benchmark_source"))
    known = {"product_id": product_id, "process_id": process, "boundary": "cradle_to_gate"}
    return {**names, **amounts, **empty, **known, **told}


def site(*products: dict[str, Any]) -> Site:
    """Return the works with these products, all of its own by default."""
    own = products or (
        product("cement", "mill", "t", benchmark_kgco2e=Decimal(600)),
        product("clinker", "kiln", "t"),
        product("dust", "kiln", "t"),
        product("mix", "power", "kWh", is_sold=False),
        product("own_power", "turbine", "kWh", is_sold=False),
    )
    return Site(
        products={one["product_id"]: one for one in own},
        processes={name: {"name_zh": name, "name_en": name} for name in ("kiln", "power", "turbine", "mill")},
        suppliers={"gypsum_plant": {"name_zh": "石膏厂", "name_en": "Gypsum plant"}},
        organizations={"works": {"name_zh": "水泥厂", "name_en": "Cement works"}},
        gwp_set="AR6",
    )


def in_period(found: Iterator[dict[str, Any]] | Sequence[dict[str, Any]], period: str) -> list[dict[str, Any]]:
    """Return rows as those of another period."""
    return [one | {"period": period} for one in found]
