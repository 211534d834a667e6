"""Register maps of meters that plants have: what `<device>:<model>:<quantity>` in points.csv means.

Each row of modbus_maps.csv has its source and confidence. `power_of_ten` makes the count the unit; `ratios` says
whether the register is on the secondary side (the meter has not applied CT and PT) or primary; it is empty where the
source is silent.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class MappedRegister:
    """One quantity of a model."""

    function: int
    start: int
    type: str
    order: str
    power_of_ten: int
    unit: str
    ratios: str


@lru_cache
def models() -> dict[str, dict[str, MappedRegister]]:
    """Return the quantities of each model."""
    found: dict[str, dict[str, MappedRegister]] = {}
    with Path(__file__).with_name("modbus_maps.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["model"], {})[row["quantity"]] = MappedRegister(
                int(row["function"]),
                int(row["register"]),
                row["type"],
                row["order"],
                int(row["power_of_ten"]),
                row["unit"],
                row["ratios"],
            )
    return found


def named(address: str) -> MappedRegister | None:
    """Return the register that an address names by model and quantity; None where it names none."""
    _, _, rest = address.partition(":")
    model, _, quantity = rest.partition(":")
    return models().get(model, {}).get(quantity)


def complaint(address: str) -> str | None:
    """Say which part of `<device>:<model>:<quantity>` is not known."""
    _, _, rest = address.partition(":")
    model, _, quantity = rest.partition(":")
    if model not in models():
        return f"{model!r} is no model with a register map, allowed: {', '.join(models())}"
    if quantity not in models()[model]:
        return f"{quantity!r} is not in the register map of {model}, allowed: {', '.join(models()[model])}"
    return None
