"""Units as a reader writes them, and how many decimal places a figure of each is printed with."""

from decimal import Decimal

from exchange.reports.document import Number

_SHOWN = {
    "m3": "m³",
    "m3_20c": "m³ (20 °C)",
    "m3_0c": "m³ (0 °C)",
    "10^4Nm3": "10⁴ m³",
    "10kCNY": "10⁴ CNY",
    "ratio": "1",
    "percent": "%",
    "degC": "°C",
}
#: Energy is counted in whole kWh and m3; what is dear or small keeps two places.
_PLACES = {"kWh": 0, "m3": 0, "m3_20c": 0, "m3_0c": 0, "kgCO2": 0, "CNY": 2}
_TWO = 2


def shown(unit: str | None) -> str:
    """Return the unit as it is printed: tCO2/m3_20c becomes tCO₂/m³ (20 °C)."""
    parts = (unit or "").split("/")
    return "/".join(
        _SHOWN.get(part, part).replace("CO2", "CO₂").replace("CH4", "CH₄").replace("N2O", "N₂O") for part in parts
    )


def amount(value: Decimal | None, unit: str | None = None) -> Number | None:
    """Return a quantity with the places of its unit."""
    return None if value is None else Number(value, _PLACES.get(unit or "", _TWO))


def tonnes(value: Decimal | None) -> Number | None:
    """Return emissions or standard coal in tonnes with two places."""
    return None if value is None else Number(value, _TWO)


def percent(ratio: Decimal | float | None, places: int = _TWO) -> Number | None:
    """Return a ratio as percent."""
    return None if ratio is None else Number(Decimal(str(ratio)) * 100, places)


def exact(value: Decimal | int | None) -> Number | None:
    """Return a number with every digit that it has."""
    return None if value is None else Number(value)
