"""Units: exact conversions, agreeing with an independent library, refusing what has another dimension."""

from decimal import Decimal
from fractions import Fraction

import pytest

from factors.dimensions import quantity, same_dimension
from lake.errors import NengtanError
from lake.units import canonical, conversion, conversions_table, units, units_table

#: The dimensions whose units pint knows on its own; the rest are the house's conventions.
PHYSICAL = {"energy", "mass", "volume", "power", "pressure", "time", "mass_flow", "volume_flow", "voltage"}


def test_every_unit_is_named_in_both_languages():
    assert len(units()) >= 60
    assert all(unit.zh and unit.en for unit in units().values())


def test_conversions_agree_with_pint():
    compared = 0
    for unit in units().values():
        if unit.dimension in PHYSICAL:
            first = canonical()[unit.dimension]
            ratio = quantity(unit.name).to(quantity(first).units).magnitude / quantity(first).magnitude
            assert float(conversion(unit.name, first)) == pytest.approx(ratio, rel=1e-12), unit.name
            compared += 1
    assert compared >= 25


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("kWh", "GJ", Fraction(36, 10000)),
        ("MWh", "kWh", Fraction(1000)),
        ("t", "kg", Fraction(1000)),
        ("m3_0c", "m3_20c", Fraction("293.15") / Fraction("273.15")),
        ("kcal", "kJ", Fraction("4.1868")),
        ("tce", "kgce", Fraction(1000)),
    ],
)
def test_a_conversion_is_exact(one, other, factor):
    assert conversion(one, other) == factor


@pytest.mark.parametrize(
    ("one", "other"), [("kWh", "tce"), ("m3", "m3_20c"), ("m3_actual", "m3_0c"), ("tCO2", "tCO2e")]
)
def test_another_dimension_is_refused(one, other):
    with pytest.raises(NengtanError, match="does not convert"):
        conversion(one, other)


def test_an_unknown_unit_is_refused():
    with pytest.raises(NengtanError, match=r"'kwh' is not in lake/units\.yaml"):
        conversion("kwh", "kWh")


def test_the_tables_hold_every_pair_both_ways():
    pairs = {(row["from_unit"], row["to_unit"]): row["factor"] for row in conversions_table().to_pylist()}
    assert len(pairs) == conversions_table().num_rows >= 200
    assert all(pairs[unit, unit] == 1 for unit in units())
    assert pairs["m3_20c", "10^4Nm3"] == Decimal("0.0001")
    assert units_table().num_rows == len(units())


def test_suffixes_name_one_unit_each():
    suffixes = [unit.suffix for unit in units().values() if unit.suffix]
    assert len(suffixes) == len(set(suffixes)) >= 20


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tCO2/10^4Nm3", "kgCO2/m3_20c", True),
        ("kgCO2/kWh", "tCO2/GJ", True),
        ("kgCO2/kWh", "kgCO2e/kWh", False),
        ("tCH4/t", "tCO2/t", False),
        ("kgce/kWh", "tce/MWh", True),
        ("kgCO2/t", "kgCO2/kWh", False),
    ],
)
def test_dimensions_of_factor_units(one, other, same):
    assert same_dimension(one, other) is same
