"""CO2 that left a stack in an hour, in decimals: flow at the standard state (0 °C, 101.325 kPa) x concentration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

#: Degrees from absolute zero to 0 °C, the standard pressure in kPa, and CO2: kg/kmol by m3/kmol at the standard state.
ZERO, STANDARD = Decimal("273.15"), Decimal("101.325")
CO2_KG_PER_M3 = Decimal("44.0095") / Decimal("22.414")

#: What is measured; every one is needed, but for moisture where both are told as dry.
QUANTITIES = ("concentration", "speed", "temperature", "pressure", "humidity")
STATES = {
    "valid": ("有效", "valid"),
    "stopped": ("停运", "stopped"),
    "flagged": ("无效", "flagged"),
    "missing": ("缺失", "missing"),
}


#: The units that a value may come in, each with what one of it is in the formula's unit.
_UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "concentration": {"percent": Decimal(1)},
    "humidity": {"percent": Decimal(1)},
    "speed": {"m_per_s": Decimal(1)},
    "temperature": {"degC": Decimal(1)},
    "pressure": {"kPa": Decimal(1), "Pa": Decimal("0.001"), "MPa": Decimal(1000)},
}


@dataclass(frozen=True)
class Stack:
    """A stack: its area, the pressure of the air, whether CO2 is told in dry gas, its points by what they measure."""

    stack_id: str
    area_m2: Decimal
    ambient_kpa: Decimal
    is_dry: bool
    points: Mapping[str, str]


@dataclass(frozen=True)
class Value:
    """The mean of an hour with its unit, and the status that the station gave it."""

    value: Decimal | None
    unit: str
    status: str | None


@dataclass(frozen=True)
class Hour:
    """An hour of a stack: how it was judged, and its dry flow and mass where it is valid (zero where it stood)."""

    starts_at: datetime
    state: str
    reason: str | None
    concentration_percent: Decimal | None = None
    flow_m3_0c: Decimal | None = None
    mass_tco2: Decimal | None = None


def judged(stack: Stack, starts_at: datetime, values: Mapping[str, Value]) -> Hour:
    """Judge an hour and reckon it where every value of it may be used.

    A station that stood says so (`stopped`): nothing left the stack. Any other mark but good, a value that is missing
    or cannot be makes the hour invalid; it is substituted later or stays unknown, and is never zero.
    """
    if any(one.status == "stopped" for one in values.values()):
        return Hour(starts_at, "stopped", "stopped", mass_tco2=Decimal(0))
    lacking = [name for name in QUANTITIES if name not in values]
    if len(lacking) == len(QUANTITIES):
        return Hour(starts_at, "missing", "no_data")
    for name in QUANTITIES:
        if name in values and values[name].status not in (None, "", "good"):
            return Hour(starts_at, "flagged", f"{name}_{values[name].status}")
    if lacking:
        return Hour(starts_at, "flagged", f"{lacking[0]}_missing")
    numbers = {name: converted(name, values[name]) for name in QUANTITIES}
    impossible = [name for name, number in numbers.items() if number is None or not _possible(name, number)]
    if impossible:
        return Hour(starts_at, "flagged", f"{impossible[0]}_impossible")
    return _reckoned(stack, starts_at, {name: number for name, number in numbers.items() if number is not None})


def _reckoned(stack: Stack, starts_at: datetime, numbers: Mapping[str, Decimal]) -> Hour:
    dry = 1 - numbers["humidity"] / 100
    wet_flow = (
        numbers["speed"]
        * stack.area_m2
        * 3600
        * (ZERO / (ZERO + numbers["temperature"]))
        * ((stack.ambient_kpa + numbers["pressure"]) / STANDARD)
    )
    flow = wet_flow * (dry if stack.is_dry else 1)
    mass = flow * numbers["concentration"] / 100 * CO2_KG_PER_M3 / 1000
    six = Decimal("0.000001")
    return Hour(
        starts_at, "valid", None, numbers["concentration"].quantize(six), flow.quantize(six), mass.quantize(six)
    )


def converted(name: str, one: Value) -> Decimal | None:
    """Return a value in the unit the formula takes (%, m/s, °C, kPa, %); None where it has none."""
    if one.value is None:
        return None
    if (name, one.unit) == ("concentration", "mg_per_m3"):
        return one.value / (CO2_KG_PER_M3 * 10_000)
    factor = _UNITS[name].get(one.unit)
    return None if factor is None else one.value * factor


def _possible(name: str, number: Decimal) -> bool:
    low, high = {
        "concentration": (Decimal(0), Decimal(100)),
        "humidity": (Decimal(0), Decimal(99)),
        "speed": (Decimal(0), Decimal(200)),
        "temperature": (Decimal(-90), Decimal(2000)),
        "pressure": (Decimal(-90), Decimal(90)),
    }[name]
    return low <= number <= high
