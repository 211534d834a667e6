"""PACT v2.3: per one unit, ratings from 1 to 3, a piece by its mass; written as allowed, read as written."""

import json
from dataclasses import replace
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given, settings

from exchange.footprints import pact_v2, pact_v3
from exchange.footprints.identities import TERMS
from exchange.footprints.units import PACT
from exchange.footprints.wire import ProfileError
from tests.unit.exchange.footprints.records import CEMENT, FORMATS, footprints

CHECKER = jsonschema.Draft202012Validator(pact_v2.SCHEMA, format_checker=FORMATS)
RATED = replace(CEMENT, quality=replace(CEMENT.quality, coverage_ratio=Decimal("0.97")))


def tellable(record):
    """Return a record without what v2 cannot be told, and with what it asks for."""
    kept = {name: getattr(record.figures, name) for name in TERMS if name not in {"technological_removals", "capture"}}
    kept["land_management_removals"] = None
    total = sum((value for value in kept.values() if value is not None), Decimal(0))
    figures = replace(
        record.figures,
        **kept,
        technological_removals=None,
        capture=None,
        footprint=total,
        including_uptake=total + (record.figures.biogenic_uptake or 0),
        biogenic_carbon_kgc=record.figures.biogenic_carbon_kgc or Decimal(0),
    )
    quality = replace(record.quality, coverage_ratio=Decimal("0.9"), exempted_ratio=Decimal("0.01"))
    quality = replace(quality, primary_data_share_ratio=quality.primary_data_share_ratio or Decimal(0))
    product = replace(record.product, classifications=CEMENT.product.classifications)
    if product.mass_kg == 0:
        product = replace(product, mass_kg=Decimal(3))
    return replace(record, figures=figures, quality=quality, product=product)


def test_cement_as_v2_tells_it():
    document = pact_v2.written(RATED)
    pcf = document["pcf"]
    assert document["productCategoryCpc"] == "37440"
    assert (pcf["declaredUnit"], pcf["unitaryProductAmount"], pcf["productMassPerDeclaredUnit"]) == (
        "kilogram", "1", "1",
    )  # fmt: skip
    assert (pcf["pCfExcludingBiogenic"], pcf["pCfIncludingBiogenic"]) == ("0.613400000", "0.611150000")
    assert pcf["dqi"] == {
        "coveragePercent": 97.0, "technologicalDQR": 1.3, "temporalDQR": 1.1, "geographicalDQR": 1.5,
        "completenessDQR": 1.25, "reliabilityDQR": 1.6,
    }  # fmt: skip
    assert pcf["primaryDataShare"] == 82.4
    assert pcf["crossSectoralStandardsUsed"] == ["ISO Standard 14067"]


def test_a_piece_is_told_by_its_mass():
    product = replace(RATED.product, unit="count", amount=Decimal(1), mass_kg=Decimal(48))
    document = pact_v2.written(replace(RATED, product=product))
    pcf = document["pcf"]
    assert (pcf["declaredUnit"], pcf["unitaryProductAmount"]) == ("kilogram", "48")
    assert pcf["fossilGhgEmissions"] == "12.735416666667"
    terms = ("fossilGhgEmissions", "dLucGhgEmissions")
    assert Decimal(pcf["pCfExcludingBiogenic"]) == sum(Decimal(pcf[name]) for name in terms)
    found = pact_v2.read(document)
    assert (found.product.unit, found.product.amount, found.product.mass_kg) == ("kg", 48, 48)
    assert abs(found.figures.fossil - RATED.figures.fossil) < Decimal("1e-9")


@settings(max_examples=60, deadline=None)
@given(footprints())
def test_what_is_written_is_allowed_adds_up_and_is_read_again(record):
    record = tellable(record)
    document = json.loads(json.dumps(pact_v2.written(record)))
    CHECKER.validate(document)
    pcf = document["pcf"]
    names = ("fossilGhgEmissions", "dLucGhgEmissions", "landManagementGhgEmissions", "otherBiogenicGhgEmissions")
    total = sum((Decimal(pcf[name]) for name in names if name in pcf), Decimal(0))
    assert Decimal(pcf["pCfExcludingBiogenic"]) == total
    assert Decimal(pcf["pCfIncludingBiogenic"]) == total + Decimal(pcf.get("biogenicCarbonWithdrawal", "0"))
    found = pact_v2.read(document)
    assert found.broken == ()
    size = PACT[record.product.unit][1]
    assert abs(found.figures.footprint * size - record.figures.footprint) <= Decimal("1e-3")
    assert (found.record_id, found.version, found.status) == (record.record_id, record.version, record.status)
    for told, ours in (
        (found.quality.technology, record.quality.technology),
        (found.quality.time, record.quality.time),
    ):
        assert abs(told - ours) < Decimal("1e-9")


def test_what_v2_cannot_be_told_is_named():
    figures = replace(
        CEMENT.figures, capture=Decimal(-10), footprint=Decimal("603.4"), including_uptake=Decimal("601.15")
    )
    product = replace(CEMENT.product, classifications=())
    record = replace(CEMENT, figures=replace(figures, biogenic_carbon_kgc=None), product=product, contributions=())
    with pytest.raises(ProfileError) as caught:
        pact_v2.written(record)
    assert caught.value.faults == (
        "productCategoryCpc is missing.",
        "pcf.biogenicCarbonContent is missing.",
        "PACT 2.3 has no field for CO2 that was captured or removed by technology.",
        "pcf.dqi is missing; a reference period of 2025 or later needs it.",
    )


REQUIRED = [("pcf", name) for name in pact_v2.SCHEMA["properties"]["pcf"]["required"]]
REQUIRED += [(name,) for name in pact_v2.SCHEMA["required"]]


@pytest.mark.parametrize("path", REQUIRED, ids=".".join)
def test_a_missing_field_is_named(path):
    assert len(REQUIRED) == 14 + 13
    document = pact_v2.written(RATED)
    del (document["pcf"] if len(path) > 1 else document)[path[-1]]
    with pytest.raises(ProfileError) as caught:
        pact_v2.read(document)
    assert caught.value.faults == (f"{'.'.join(path)} is missing.",)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("exemptedEmissionsPercent", 5.1, "pcf.exemptedEmissionsPercent is 5.1; it is a number from 0 to 5."),
        ("primaryDataShare", True, "pcf.primaryDataShare is True; it is a number from 0 to 100."),
        ("dqi", {"coveragePercent": 90, "temporalDQR": "3.4"}, "pcf.dqi.temporalDQR is '3.4'; it is a number from 1"),
        ("declaredUnit", "piece", "pcf.declaredUnit is 'piece'; it is one of liter"),
        ("characterizationFactors", "AR4", "pcf.characterizationFactors is 'AR4'; it is one of AR6, AR5."),
    ],
)
def test_each_fault_has_its_sentence(name, value, sentence):
    document = pact_v2.written(RATED)
    document["pcf"][name] = value
    with pytest.raises(ProfileError) as caught:
        pact_v2.read(document)
    assert caught.value.faults[0].startswith(sentence)


def test_ratings_that_a_partner_wrote_as_texts_are_read():
    document = pact_v2.written(RATED)
    document["pcf"]["dqi"] = {"coveragePercent": 78, "technologicalDQR": "1.6"}
    found = pact_v2.read(document)
    assert (found.quality.technology, found.quality.coverage_ratio) == (Decimal("2.2"), Decimal("0.78"))


def test_parts_that_do_not_sum_are_no_fault_of_a_format_that_does_not_say_so():
    document = pact_v2.written(RATED)
    document["pcf"] |= {"pCfExcludingBiogenic": "1.63", "pCfIncludingBiogenic": "1.85"}
    found = pact_v2.read(document)
    assert found.broken == ()
    assert found.figures.footprint == Decimal("1.63")


def test_the_same_record_in_both_versions():
    old, new = pact_v2.read(pact_v2.written(RATED)), pact_v3.read(pact_v3.written(RATED))
    assert old.figures.footprint == new.figures.footprint == Decimal("0.6134")
    assert old.product == new.product
    assert old.scope == new.scope
