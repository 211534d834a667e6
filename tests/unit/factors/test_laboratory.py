"""A laboratory's results: units, the as-received basis, and what does not count."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from factors import laboratory

BLANK = {
    "organization_id": None,
    "month": None,
    "quantity": None,
    "approved_by": None,
    "approved_on": None,
    "basis": None,
}


def result(sample: str, name: str, value: str, unit: str, **cells):
    return BLANK | {
        "sample_id": sample,
        "report_number": f"R-{sample}",
        "sampled_on": date(2025, 3, 10),
        "material": "bituminous_coal",
        "property": name,
        "value": Decimal(value),
        "unit": unit,
        **cells,
    }


def values(*rows):
    return laboratory.values(pa.Table.from_pylist(list(rows))).to_pylist()


@pytest.mark.parametrize(
    ("name", "value", "unit", "property_", "canonical"),
    [
        ("net_calorific_value", "22.5", "MJ/kg", "gj_per_unit", "22.5"),
        ("net_calorific_value", "22500", "kJ/kg", "gj_per_unit", "22.5"),
        ("carbon_content", "58.3", "%", "carbon_content_tc_per_unit", "0.583"),
        ("carbon_content", "0.583", "tC/t", "carbon_content_tc_per_unit", "0.583"),
        ("carbon_per_heat", "0.0262", "tC/GJ", "carbon_content_tc_per_gj", "0.0262"),
    ],
)
def test_a_result_becomes_the_unit_of_the_accounting(name, value, unit, property_, canonical):
    (row,) = values(result("s1", name, value, unit))
    assert (row["property"], row["value"], row["reason_code"]) == (property_, Decimal(canonical), None)
    assert row["month"] == date(2025, 3, 1)


def test_a_dry_content_is_brought_to_as_received_by_the_moisture_of_its_sample():
    rows = values(
        result("s1", "moisture", "10", "%"),
        result("s1", "moisture", "2", "%", basis="air_dried"),
        result("s1", "carbon_content", "70", "%", basis="dry"),
        result("s1", "carbon_content", "70", "%", basis="air_dried"),
    )
    found = [row["value"] for row in rows if row["property"] == "carbon_content_tc_per_unit"]
    assert found == [Decimal("0.63"), Decimal("0.642857143")]  # 0.7 x 0.9, 0.7 x 0.9 / 0.98


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (result("s1", "carbon_content", "70", "%", basis="dry"), "moisture_missing"),
        (result("s1", "net_calorific_value", "25", "MJ/kg", basis="dry"), "not_as_received"),
        (result("s1", "net_calorific_value", "25", "kWh"), "unit_not_of_property"),
        (result("s1", "net_calorific_value", "25", "cal per gram"), "unit_not_of_property"),
    ],
)
def test_what_cannot_be_used_says_why(row, reason):
    (found,) = values(row)
    assert (found["value"], found["reason_code"]) == (None, reason)


def test_only_a_signed_approval_is_one():
    rows = values(
        result("s1", "moisture", "9", "%", approved_by="Li", approved_on=date(2025, 4, 2)),
        result("s2", "moisture", "9", "%", approved_by="Li"),
        result("s3", "ash", "9", "%"),
    )
    assert [row["is_approved"] for row in rows] == [True, False]
