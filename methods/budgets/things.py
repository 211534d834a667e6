"""What is budgeted: an entity's or unit's energy, cost, carrier or emissions, with what its versions say."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from lake.errors import NengtanError
from lake.units import conversion
from methods.budgets.status import Budgeted
from methods.budgets.tables import MEASURES, NAMES
from methods.budgets.versions import Line

#: The energy that goes into an entity: what its coming emissions are reckoned from.
CARBON_BASE = "input"


class Key(NamedTuple):
    """A thing that is budgeted; `carrier` is None unless the measure is a carrier's quantity."""

    energy_unit_id: str
    measure: str
    carrier: str | None

    @property
    def is_carbon(self) -> bool:
        """Whether it is a budget of emissions."""
        return self.measure.startswith("emissions")


def key(thing: Budgeted) -> Key:
    """Return which thing it is."""
    carrier = thing.names["carrier"]
    return Key(
        str(thing.names["energy_unit_id"]), str(thing.names["measure"]), None if carrier is None else str(carrier)
    )


def grouped(
    rows: Iterable[Mapping[str, object]], units: Mapping[tuple[str, str | None], str]
) -> tuple[list[Budgeted], list[str]]:
    """Return what is budgeted, in the order of the names, and a sentence for each row that cannot be compared.

    `rows` are those of budgets.csv with the names of the entity, unit and carrier; `units` has by unit and carrier what
    a quantity is counted in.
    """
    lines: dict[Key, list[Line]] = {}
    names: dict[Key, dict[str, object]] = {}
    counted: dict[Key, str] = {}
    refused = []
    for row in rows:
        thing = Key(str(row["energy_unit_id"]), str(row["measure"]), row["carrier"])  # type: ignore[arg-type]
        zh, en, unit = MEASURES[thing.measure]
        unit = unit or units.get((thing.energy_unit_id, thing.carrier)) or str(row["unit"])
        try:
            factor = conversion(str(row["unit"]), unit)
        except NengtanError as cause:
            refused.append(
                f"budget {row['version']} of {thing.energy_unit_id}, {thing.carrier}, {row['month']}: {cause}"
            )
            continue
        counted[thing] = unit
        lines.setdefault(thing, []).append(_line(row, Decimal(factor.numerator) / Decimal(factor.denominator)))
        told = {name: row.get(name) for name in NAMES}
        if thing.carrier is not None:
            zh, en = f"{zh}：{row['carrier_name_zh']}", f"{en}: {row['carrier_name_en']}"
        names[thing] = told | {"measure_name_zh": zh, "measure_name_en": en}
    ordered = sorted(lines, key=lambda thing: (thing.energy_unit_id, thing.measure, thing.carrier or ""))
    found = [Budgeted(names[thing], counted[thing], tuple(lines[thing]), {}, {}) for thing in ordered]
    return found, refused


def keys(found: Sequence[Budgeted]) -> list[Key]:
    """Return the keys of the series of days that these need: their own, and the energy behind emissions."""
    mine = [key(thing) for thing in found]
    behind = dict.fromkeys(Key(one.energy_unit_id, CARBON_BASE, None) for one in mine if one.is_carbon)
    return [one for one in mine if not one.is_carbon] + list(behind)


def _line(row: Mapping[str, object], factor: Decimal) -> Line:
    quantity = row["quantity"]
    assert isinstance(quantity, Decimal), "the site's file is typed"
    return Line(
        row["month"],  # type: ignore[arg-type]
        str(row["version"]),
        (quantity * factor).quantize(Decimal("0.000001")),
        row["valid_from"],  # type: ignore[arg-type]
        row["approved_by"],  # type: ignore[arg-type]
        row["approved_on"],  # type: ignore[arg-type]
        str(row["reason"]),
    )
