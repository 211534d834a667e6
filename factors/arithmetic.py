"""Computed columns recomputed: what a table prints beside its inputs must follow from them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

#: kJ in a kilogram of standard coal: 7,000 kilocalories, of the International Table since 2020, of 20 °C in 2008.
KJ_PER_KGCE = Decimal("29307.6")
KJ_PER_KGCE_2008 = Decimal("29271.2")
CO2_PER_CARBON = Decimal(44) / Decimal(12)

#: A printed coefficient marked `ok` may differ from its own heat value by rounding of the heat value only.
PRINTED_TOLERANCE = Decimal("0.001")
LAST_DIGIT = Decimal("0.00015")

Row = dict[str, Any]


def coal_equivalent(row: Row) -> Iterator[tuple[str, str]]:
    """Yield (column, fault): heat value ÷ 29307.6 must give the computed coefficient, and it the printed one."""
    divisor = KJ_PER_KGCE_2008 if row["factor_set"] == "GB/T 2589-2008" else KJ_PER_KGCE
    for end in ("min", "max"):
        heat, computed = row[f"ncv_kj_per_unit_{end}"], row[f"kgce_per_unit_computed_{end}"]
        printed = row[f"kgce_per_unit_{end}"]
        if heat is None or computed is None:
            continue
        if abs(heat / divisor - computed) > Decimal("0.0001"):
            yield f"kgce_per_unit_computed_{end}", f"is {computed}, but {heat} kJ / {divisor} is {heat / divisor:.4f}"
        if (
            row["arith_check"] == "ok"
            and printed
            and abs(printed - computed) > max(PRINTED_TOLERANCE * printed, LAST_DIGIT)
        ):
            yield f"kgce_per_unit_{end}", f"{printed} is marked ok but its heat value gives {computed}"
    low, high = row["kgce_per_unit_min"], row["kgce_per_unit_max"]
    if low is not None and high is not None and low > high:
        yield "kgce_per_unit_min", f"{low} is above kgce_per_unit_max {high}"


def fuel(row: Row) -> Iterator[tuple[str, str]]:
    """Yield (column, fault): tCO2 = heat value x carbon content x oxidation x 44/12."""
    carbon, oxidation = row["carbon_content_tc_per_gj"], row["oxidation_rate_pct"]
    if carbon is None or oxidation is None:
        return
    per_gj = carbon * oxidation / 100 * CO2_PER_CARBON
    if row["tco2_per_gj"] is not None and abs(per_gj - row["tco2_per_gj"]) > Decimal("0.00005"):
        yield "tco2_per_gj", f"is {row['tco2_per_gj']}, but carbon content x oxidation x 44/12 is {per_gj:.6f}"
    heat, per_unit = row["ncv_gj_per_unit"], row["tco2_per_unit"]
    if heat is not None and per_unit is not None and abs(heat * per_gj - per_unit) > Decimal("0.0005") * per_unit:
        yield "tco2_per_unit", f"is {per_unit}, but heat value x tCO2 per GJ is {heat * per_gj:.4f}"


def footprint(row: Row) -> Iterator[tuple[str, str]]:
    """Yield (column, fault): the factor is the sum of its parts, the direct part that of its gases as rounded."""
    parts = [row[f"{part}_kgco2e_per_unit"] for part in ("direct", "upstream")]
    given = [part for part in parts if part is not None]
    if given and sum(given) != row["factor_kgco2e_per_unit"]:
        yield "factor_kgco2e_per_unit", f"is {row['factor_kgco2e_per_unit']}, but its parts come to {sum(given)}"
    gases = [row[f"{gas}_kgco2e_per_unit"] for gas in ("co2", "ch4", "n2o")]
    if parts[0] is not None and None not in gases and abs(sum(gases) - parts[0]) > Decimal("0.00002"):
        yield "direct_kgco2e_per_unit", f"is {parts[0]}, but its gases come to {sum(gases)}"


CHECKS: dict[str, Callable[[Row], Iterator[tuple[str, str]]]] = {
    "coal_equivalent": coal_equivalent,
    "fuel": fuel,
    "footprint": footprint,
}
