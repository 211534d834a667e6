"""Laboratory results: each planted forgery is found, sound ones are not, a missing measurement has its price."""

from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from factors.laboratory import values
from factors.load import load
from quality.detectors import laboratory

RESULT = {
    "sample_id": "s1",
    "report_number": "R-1",
    "organization_id": None,
    "sampled_on": date(2025, 3, 10),
    "reported_on": date(2025, 3, 15),
    "month": date(2025, 3, 1),
    "material": "bituminous_coal",
    "property": "net_calorific_value",
    "value": Decimal("22.5"),
    "unit": "GJ/t",
    "basis": None,
    "quantity": None,
    "laboratory": "L",
    "approved_by": "Li",
    "approved_on": date(2025, 3, 20),
}


def looked_through(*results, bands=()):
    con = duckdb.connect()
    con.execute("create schema ref; create schema intermediate; create schema carbon")
    full = RESULT | {"organization_id": "x", "basis": "x", "quantity": Decimal(1)}
    schema = pa.Table.from_pylist([full | {"value": Decimal("99999.000000001")}]).schema
    library = load()
    rows = pa.Table.from_pylist(list(results), schema=schema)
    tables = {"lab_results": rows, "lab_values": values(rows)}
    tables |= {name: library[name] for name in ("carriers", "fuel_bands", "ets_allocation")}
    if bands:
        tables["fuel_bands"] = pa.Table.from_pylist(list(bands), schema=library["fuel_bands"].schema)
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f"create table ref.{name} as select * from incoming")
        con.unregister("incoming")
    return con


def found(*results, bands=()):
    return [(one.kind, one.subject) for one in laboratory.detect(looked_through(*results, bands=bands))]


def test_results_in_order_raise_no_doubt():
    assert found(RESULT, RESULT | {"property": "moisture", "value": Decimal(9), "unit": "%"}) == []


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"sample_id": "s2"}, ("report_number_twice", "R-1")),
        ({"property": "ash", "sampled_on": date(2025, 3, 11)}, ("sample_dated_twice", "s1")),
        ({"sample_id": "s2", "report_number": "R-2", "sampled_on": date(2025, 3, 16)}, ("sample_after_report", "s2")),
        ({"sample_id": "s2", "report_number": "2", "approved_on": date(2025, 3, 14)}, ("approved_before_report", "s2")),
        ({"sample_id": "s2", "report_number": "R-2", "sampled_on": date(2025, 2, 28)}, ("sample_outside_month", "s2")),
        ({"sample_id": "s2", "report_number": "R-2", "unit": "kWh"}, ("lab_result_unusable", "s2/gj_per_unit")),
        ({"sample_id": "s2", "report_number": "R-2", "value": Decimal("31")}, ("lab_value_off_band", "s2/gj_per_unit")),
    ],
)  # fmt: skip
def test_a_planted_forgery_is_found(changed, doubt):
    assert found(RESULT, RESULT | changed) == [doubt]


def test_carbon_off_the_line_on_heat_is_found_where_a_band_has_a_source():
    # a line made up for this test: carbon = 0.02 + 0.025 x heat, half a percent wide
    band = {
        "band_id": "b",
        "fuel_key": "bituminous_coal",
        "property": "carbon_content_tc_per_unit",
        "on_property": "gj_per_unit",
        "slope": Decimal("0.025"),
        "intercept": Decimal("0.02"),
        "half_width": Decimal("0.005"),
        "source_id": "test",
        "locator": "a line of this test",
        "confidence": "recalled",
        "evidence": "none",
    }
    carbon = RESULT | {"property": "carbon_content", "unit": "tC/t"}
    assert found(RESULT, carbon | {"value": Decimal("0.5830")}, bands=[band]) == []
    assert found(RESULT, carbon | {"value": Decimal("0.5890")}, bands=[band]) == [
        ("lab_value_off_band", "s1/carbon_content_tc_per_unit")
    ]


@pytest.mark.parametrize(("carbon", "doubts"), [("0.5850", []), ("0.5450", ["low"]), ("0.6150", ["high"])])
def test_carbon_that_does_not_fit_the_heat_of_its_sample_is_found_with_the_bands_of_the_library(carbon, doubts):
    # 22.5 GJ/t; the band of bituminous coal is 24.4 to 27.2 kg of carbon for each GJ: 0.549 to 0.612 t for each tonne
    results = [RESULT, RESULT | {"property": "carbon_content", "unit": "tC/t", "value": Decimal(carbon)}]
    assert found(*results) == [("lab_value_off_band", "s1/carbon_content_tc_per_gj") for _ in doubts]


def test_what_a_report_says_of_carbon_for_each_gj_is_held_against_the_band():
    told = RESULT | {"property": "carbon_per_heat", "unit": "tC/GJ"}
    assert found(RESULT, told | {"value": Decimal("0.0262")}) == []
    assert found(RESULT, told | {"value": Decimal("0.0308")}) == [("lab_value_off_band", "s1/carbon_content_tc_per_gj")]


def test_the_bands_hold_the_defaults_of_the_library_and_name_the_one_that_they_do_not():
    library = load()
    bands = [row for row in library["fuel_bands"].to_pylist() if row["low"] is not None]
    columns = {"gj_per_unit": "ncv_gj_per_unit", "carbon_content_tc_per_gj": "carbon_content_tc_per_gj"}
    outside = {
        (default["factor_set"], band["fuel_key"], band["property"])
        for band in bands
        for default in library["factor_fuel"].to_pylist()
        if default["fuel_key"] == band["fuel_key"] and (value := default[columns[band["property"]]]) is not None
        if not band["low"] <= value <= band["high"]
    }
    assert outside == {("provincial_inventory_2025", "bituminous_coal", "gj_per_unit")}


def test_a_missing_measurement_says_what_the_penal_default_costs():
    con = looked_through()
    con.execute(
        """
        create table intermediate.int_factors__measured as
            select 'power' as organization_id, 'bituminous_coal' as carrier, 'carbon_content_tc_per_gj' as property,
            cast(0.03085 as decimal(18, 9)) as value, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to,
            'penal' as factor_id, 'penal_default' as rule;
        create table intermediate.int_factors__fuel_emission as
            select 'bituminous_coal' as carrier, 'MEE' as factor_set,
            cast(0.02618 as decimal(18, 12)) as carbon_content_tc_per_gj;
        create table carbon.emissions_monthly as
            select 'power' as organization_id, 'bituminous_coal' as carrier, '烟煤' as carrier_name_zh,
            'bituminous coal' as carrier_name_en, date '2025-03-01' as month, 'MEE' as factor_set,
            cast(3085 as decimal(18, 6)) as emissions_tco2, 'combustion' as source_category, 'statutory' as basis,
            'CO2' as gas
        """
    )
    (one,) = laboratory.detect(con)
    assert one.kind == "measurement_missing"
    assert float(one.evidence["added_tco2"]) == pytest.approx(467)  # 3085 x (0.03085 - 0.02618) / 0.03085
    assert one.evidence["price_year"] == "2025"
    assert float(one.evidence["cost_cny"]) == pytest.approx(467 * 74.63)
    con.execute("insert into intermediate.int_factors__measured values ('power', 'bituminous_coal', "
                "'carbon_content_tc_per_unit', 0.6, '2025-03-01', '2025-04-01', 'lab-1', 'lab')")  # fmt: skip
    assert list(laboratory.detect(con)) == []
