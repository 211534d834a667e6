"""The reference park's statutory emissions reckoned anew from the published tables, sharing no code with the models.

It reads what was consumed (energy.consumption_monthly), what was made (energy.intensity_monthly) and the printed
numbers (reference.factors), and knows the rules of the five guidelines by heart.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

Key = tuple[str, str]  # organisation, month
MICRO = Decimal("0.000001")
INWARD = {"purchase": 1, "internal_purchase": 1, "own_generation": 1, "end_use": 1, "sale": -1, "internal_sale": -1}
TRADE = {"purchase": 1, "internal_purchase": 1, "sale": -1, "internal_sale": -1}
INTERNAL = ("internal_purchase", "internal_sale")
SET = "fuel-mee_2022_2024_guides-"
#: A power plant's guideline takes nothing off for what is sold.
KEEPS_ITS_SALES = ("energy_centre",)
MADE = {
    ("cement", "clinker"): ("hp-process_cement_clinker-clinker_portland", 1),
    ("steel", "crude_steel"): ("hp-sequestration_steel-crude_steel", -1),
}
USED = {
    ("steel", "electrode"): "hp-process_steel_input-electrode",
    ("steel", "steel_scrap"): "hp-process_steel_input-scrap",
    ("steel", "limestone"): "hp-process_steel_input-limestone",
    ("steel", "dolomite"): "hp-process_steel_input-dolomite",
}
LEAVING = {("chemical", "methanol"): "fuel-ndrc_chemical_product_carbon-methanol"}


class Hand:
    """One reckoning: `lines` are tonnes by organisation and month, each rounded once; True is trade inside the park."""

    def __init__(self, marts: Path) -> None:
        with duckdb.connect(str(marts), read_only=True) as connection:
            self._numbers = {
                (factor, name): Fraction(value)
                for factor, name, value in connection.sql(
                    "select factor_id, property, factor from reference.factors where factor is not null"
                ).fetchall()
            }
            self._consumed = _records(
                connection,
                "select c.* from energy.consumption_monthly c join reference.energy_units u using (energy_unit_id) "
                "join reference.organizations o on o.organization_id = c.organization_id "
                "where u.is_root and o.parent_id is not null and c.quantity is not null",
            )
            self._made = _records(
                connection,
                "select distinct organization_id, energy_unit_id, product_id, month, quantity "
                "from energy.intensity_monthly where basis = 'product'",
            )
        self.lines: defaultdict[Key, list[tuple[Decimal, bool]]] = defaultdict(list)
        for key, tonnes, internal in self._every():
            rounded = (Decimal(tonnes.numerator) / Decimal(tonnes.denominator)).quantize(MICRO, ROUND_HALF_UP)
            self.lines[key].append((rounded, internal))

    def total(self, organization: str, month: str) -> Decimal:
        """Return the tonnes of an organisation in a month, or of the park without what its members trade."""
        if organization != "park":
            return sum((tonnes for tonnes, _ in self.lines[organization, month]), Decimal(0))
        return sum(
            (
                tonnes
                for (_, when), lines in self.lines.items()
                if when == month
                for tonnes, inside in lines
                if not inside
            ),
            Decimal(0),
        )

    def _every(self) -> Iterator[tuple[Key, Fraction, bool]]:
        yield from self._burnt()
        yield from self._bought()
        yield from self._processes()

    def _burnt(self) -> Iterator[tuple[Key, Fraction, bool]]:
        fuels = _summed(self._consumed, INWARD, "fuel")
        gained = {
            place for place, amount in _summed(self._consumed, INWARD, "fuel", only_in=True).items() if amount > 0
        }
        for (organization, month, carrier, internal), amount in fuels.items():
            of_set = self._of_fuel(carrier)
            if of_set and any(place[:3] == (organization, month, carrier) for place in gained):
                yield (organization, month), amount * of_set[0] * of_set[1], internal

    def _of_fuel(self, carrier: str) -> tuple[Fraction, Fraction] | None:
        """Return the CO2 of one unit if all its carbon burns, and the share that does."""
        terms = [
            self._numbers.get((SET + carrier, name))
            for name in ("ncv_gj_per_unit", "carbon_content_tc_per_gj", "oxidation_rate_pct")
        ]
        if None in terms:
            return None
        heat, carbon, oxidation = terms
        printed_for = 10_000 if carrier in ("natural_gas", "coke_oven_gas", "blast_furnace_gas", "converter_gas") else 1
        return heat * carbon * Fraction(44, 12) / printed_for, oxidation / 100  # type: ignore[operator]

    def _bought(self) -> Iterator[tuple[Key, Fraction, bool]]:
        grid = self._numbers["grid-national_average-cn-2023", "factor"] / 1000
        heat = self._numbers["heat-purchased_heat", "factor"]
        for (organization, month, carrier, internal), amount in _summed(
            self._consumed, TRADE, None, split=True
        ).items():
            name, direction = carrier.split("/")
            if direction == "-" and organization in KEEPS_ITS_SALES:
                continue
            if name.startswith("electricity"):
                yield (organization, month), amount * grid, internal
        for (organization, month, carrier, internal), amount in _summed(
            self._consumed, TRADE, None, split=True, column="energy_gj"
        ).items():
            name, direction = carrier.split("/")
            if name in ("heat", "steam") and not (direction == "-" and organization in KEEPS_ITS_SALES):
                yield (organization, month), amount * heat, internal

    def _processes(self) -> Iterator[tuple[Key, Fraction, bool]]:
        fed = set()
        for (organization, month, carrier, internal), amount in _summed(self._consumed, INWARD, "feedstock").items():
            fed.add((organization, month))
            of_set = self._of_fuel(carrier)
            if organization == "chemical" and of_set:
                yield (organization, month), amount * of_set[0], internal
        for (organization, month, carrier, _), amount in _summed(self._consumed, INWARD, "fuel", only_in=True).items():
            if (organization, carrier) in USED:
                yield (organization, month), amount * self._numbers[USED[organization, carrier], "factor"], False
        for row in self._made:
            key, month = (row["organization_id"], row["product_id"]), str(row["month"])
            if key in MADE:
                factor, sign = MADE[key]
                amount = Fraction(row["quantity"]) * self._numbers[factor, "factor"] * sign
                yield (row["organization_id"], month), amount, False
            if key in LEAVING and (row["organization_id"], month) in fed:
                amount = -Fraction(row["quantity"]) * self._numbers[LEAVING[key], "tco2_per_unit"]
                yield (row["organization_id"], month), amount, False


def _summed(  # one reader for every table of roles
    rows: list[dict[str, Any]],
    roles: dict[str, int],
    use_type: str | None,
    *,
    only_in: bool = False,
    split: bool = False,
    column: str = "quantity",
) -> dict[tuple[str, str, str, bool], Fraction]:
    """Return signed amounts by organisation, month, carrier (with /+ or /- where `split`), and whether it is trade."""
    found: defaultdict[tuple[str, str, str, bool], Fraction] = defaultdict(Fraction)
    for row in rows:
        sign = roles.get(row["role"], 0)
        wanted = use_type is None or row["use_type"] == use_type
        if not sign or not wanted or row[column] is None or (only_in and sign < 0):
            continue
        carrier = row["carrier"] + (("/+" if sign > 0 else "/-") if split else "")
        key = (row["organization_id"], str(row["month"]), carrier, row["role"] in INTERNAL)
        found[key] += sign * Fraction(row[column])
    return found


def _records(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    return connection.sql(sql).to_arrow_table().to_pylist()
