"""Factors that a supplier's energy and transport are reckoned with: the library's, as the last run left them in ref."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lake import tablerows
from lake.store import Lake

#: The set of default values for industry at large; CO2 of combustion alone.
FUEL_SET = "NDRC_24_guides"
#: What a printed unit of a fuel is in a unit of the house.
_PRINTED = {"t": ("t", 1), "10^4Nm3": ("m3_20c", 10_000)}
#: Of each fuel the item that its upstream is published for.
_FUELS = {
    "natural_gas": "natural_gas", "bituminous_coal": "coal", "anthracite": "coal", "diesel": "diesel",
    "gasoline": "gasoline", "fuel_oil": "fuel_oil", "lpg": "lpg",
}  # fmt: skip
#: Electricity by origin: the word of the questionnaire and the type of factor.
_ELECTRICITY = {
    "electricity_grid": "footprint_national_average",
    "electricity_pv": "footprint_pv",
    "electricity_wind": "footprint_wind",
    "electricity_hydro": "footprint_hydro",
}


@dataclass(frozen=True)
class Factor:
    """kgCO2e of one unit, and which row of the library says so."""

    factor_id: str
    unit: str
    kgco2e: Decimal
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Factors:
    """What the library says: burning and upstream of fuels, electricity by origin and year, freight by way."""

    burnt: Mapping[str, Factor] = field(default_factory=dict)
    upstream: Mapping[str, Factor] = field(default_factory=dict)
    electricity: Mapping[str, Mapping[int, Factor]] = field(default_factory=dict)
    freight: Mapping[str, Factor] = field(default_factory=dict)

    def of_electricity(self, origin: str, year: int) -> Factor | None:
        """Return the factor of the year, else that of the nearest one before or after."""
        years = self.electricity.get(origin, {})
        return years[min(years, key=lambda known: (abs(known - year), known))] if years else None


def read(lake: Lake) -> Factors:
    """Return the factors of the library's current rows; nothing where no run took it into the lake yet."""
    fuels = {row["fuel_key"]: row for row in _rows(lake, "factor_fuel") if _is_meant(row)}
    footprints = _rows(lake, "factor_footprint")
    upstream = {row["item"]: row for row in footprints if row["category"] == "upstream_fuel"}
    electricity: dict[str, dict[int, Factor]] = {}
    for row in _rows(lake, "factor_grid"):
        for origin, kind in _ELECTRICITY.items():
            if row["factor_type"] == kind and row["factor"] is not None:
                made = Factor(row["factor_id"], "kWh", Decimal(row["factor"]))
                electricity.setdefault(origin, {})[int(row["data_year"])] = made
    return Factors(
        {key: _burnt(fuels[key]) for key in _FUELS if key in fuels},
        {
            key: _supplied(fuels[key], upstream[item])
            for key, item in _FUELS.items()
            if key in fuels and item in upstream
        },
        electricity,
        {row["item"]: _of_unit(row) for row in footprints if row["category"] == "freight"},
    )


def _is_meant(row: Mapping[str, Any]) -> bool:
    return bool(
        row["factor_set"] == FUEL_SET
        and row["gas"] == "CO2"
        and row["tco2_per_unit"] is not None
        and row["activity_unit"] in _PRINTED
    )


def _burnt(row: Mapping[str, Any]) -> Factor:
    unit, printed = _PRINTED[row["activity_unit"]]
    return Factor(row["factor_id"], unit, Decimal(row["tco2_per_unit"]) * 1000 / printed)


def _supplied(fuel: Mapping[str, Any], row: Mapping[str, Any]) -> Factor:
    """Return the upstream of one unit of a fuel; published per kWh of net heat, it goes by the fuel's net heat."""
    found = _of_unit(row)
    if found.unit != "kWh":
        return found
    unit, printed = _PRINTED[fuel["activity_unit"]]
    heat = Decimal(fuel["ncv_gj_per_unit"]) * 1_000_000 / 3600 / printed
    return Factor(found.factor_id, unit, found.kgco2e * heat, found.zh, found.en)


def _of_unit(row: Mapping[str, Any]) -> Factor:
    value = Decimal(row["factor_kgco2e_per_unit"])
    return Factor(row["factor_id"], row["unit"], value, row.get("name_zh") or "", row.get("name_en") or "")


def _rows(lake: Lake, thing: str) -> list[dict[str, Any]]:
    if not lake.exists("ref", thing):
        return []
    newest = lake.snapshot_times().get(thing)
    return [row for row in tablerows.read(lake.path("ref", thing)).to_pylist() if row["known_at"] == newest]
