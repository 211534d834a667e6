"""PACT v3: what we write is what the rules allow, what we read is what was written, and each fault has its sentence."""

import copy
import json
from dataclasses import replace
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given, settings

from exchange.footprints import pact_v3
from exchange.footprints.record import GRAVE
from exchange.footprints.wire import ProfileError
from lake.errors import FootprintError
from tests.unit.exchange.footprints.records import CEMENT, FORMATS, footprints

CHECKER = jsonschema.Draft202012Validator(pact_v3.SCHEMA, format_checker=FORMATS)


def test_a_tonne_is_told_per_kilogram():
    document = pact_v3.written(CEMENT)
    pcf = document["pcf"]
    assert (pcf["declaredUnitOfMeasurement"], pcf["declaredUnitAmount"]) == ("kilogram", "1")
    assert pcf["productMassPerDeclaredUnit"] == "1"
    assert pcf["pcfExcludingBiogenicUptake"] == "0.613400000"
    assert pcf["pcfIncludingBiogenicUptake"] == "0.611150000"
    assert pcf["exemptedEmissionsPercent"] == "1.2500"
    assert pcf["geographyCountrySubdivision"] == "CN-JS"
    assert "geographyCountry" not in pcf
    assert document["companyName"] == "Reference Cement"
    assert pact_v3.written(CEMENT, "zh")["companyName"] == "示范水泥"


@settings(max_examples=60, deadline=None)
@given(footprints())
def test_what_is_written_is_allowed_and_read_again(record):
    document = json.loads(json.dumps(pact_v3.written(record)))
    CHECKER.validate(document)
    found = pact_v3.read(document)
    assert found.broken == ()
    assert found.record_id == record.record_id
    assert found.figures.footprint == record.figures.footprint * Decimal(1) / _size(record)
    assert (found.scope.reference_from, found.scope.reference_to) == (
        record.scope.reference_from,
        record.scope.reference_to,
    )
    assert pact_v3.written(replace(found, version=record.version)) == document


def _size(record):
    from exchange.footprints.units import PACT

    return PACT[record.product.unit][1]


@settings(max_examples=40, deadline=None)
@given(footprints())
def test_the_sums_hold_in_what_partners_read(record):
    pcf = {name: value for name, value in pact_v3.written(record)["pcf"].items() if isinstance(value, str)}
    terms = (
        *("fossilGhgEmissions", "landUseChangeGhgEmissions", "landManagementBiogenicCO2Emissions"),
        *("landManagementBiogenicCO2Removals", "technologicalCO2Removals", "ccsTechnologicalCO2Capture"),
        "biogenicNonCO2Emissions",
    )
    total = sum((Decimal(pcf[name]) for name in terms if name in pcf), Decimal(0))
    assert Decimal(pcf["pcfExcludingBiogenicUptake"]) == total
    assert Decimal(pcf["pcfIncludingBiogenicUptake"]) == total + Decimal(pcf.get("biogenicCO2Uptake", "0"))


FAULTS = [
    (("id",), "not-a-uuid", "id is 'not-a-uuid'; it is a UUID."),
    (("specVersion",), "three", "specVersion is 'three'; it is a version, such as 3.0.3."),
    (("created",), "2025-01-01", "created is '2025-01-01'; it is an instant with its offset"),
    (("created",), "2025-13-01T00:00:00Z", "created is '2025-13-01T00:00:00Z'; it is an instant"),
    (("status",), "active", "status is 'active'; it is one of Active, Deprecated."),
    (("companyName",), "", "companyName is ''; it is a text that is not empty."),
    (("companyIds",), [], "companyIds is empty; it has at least one entry."),
    (("productIds",), ["gtin:1"], "productIds[0] is 'gtin:1'; it is a URN"),
    (("productIds",), ["urn:a:b", "urn:a:b"], "productIds has an entry twice."),
    (("precedingPfIds",), ["1"], "precedingPfIds[0] is '1'; it is a UUID."),
    (("pcf",), [], "pcf is []; it is an object."),
    (("pcf", "declaredUnitOfMeasurement"), "tonne", "pcf.declaredUnitOfMeasurement is 'tonne'; it is one of kilogram"),
    (("pcf", "declaredUnitAmount"), "0.00", "pcf.declaredUnitAmount is '0.00'; it is a decimal text, more than zero."),
    (("pcf", "declaredUnitAmount"), 1, "pcf.declaredUnitAmount is 1; it is a decimal text"),
    (("pcf", "pcfExcludingBiogenicUptake"), "1e3", "pcf.pcfExcludingBiogenicUptake is '1e3'; it is a decimal number"),
    (("pcf", "pcfExcludingBiogenicUptake"), "１", "pcf.pcfExcludingBiogenicUptake is '１'; it is a decimal number"),
    (("pcf", "fossilGhgEmissions"), "-1", "pcf.fossilGhgEmissions is '-1'; it is a decimal text, zero or more."),
    (("pcf", "biogenicCO2Uptake"), "1", "pcf.biogenicCO2Uptake is '1'; it is a decimal text, zero or less."),
    (("pcf", "geographyCountry"), "China", "pcf.geographyCountry is 'China'; it is a country of ISO 3166-1"),
    (("pcf", "geographyRegionOrSubregion"), "EU", "pcf.geographyRegionOrSubregion is 'EU'; it is one of Africa"),
    (("pcf", "ipccCharacterizationFactors"), ["SAR"], "pcf.ipccCharacterizationFactors[0] is 'SAR'; it is an"),
    (("pcf", "packagingEmissionsIncluded"), "true", "pcf.packagingEmissionsIncluded is 'true'; it is true or false."),
    (("pcf", "dqi"), {"technologicalDQR": "1"}, "pcf.dqi.geographicalDQR is missing."),
    (("pcf", "verification"), {"coverage": "all"}, "pcf.verification.coverage is 'all'; it is one of"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), FAULTS)
def test_each_fault_has_its_sentence(path, value, sentence):
    document = pact_v3.written(CEMENT)
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(ProfileError) as caught:
        pact_v3.read(document)
    assert any(fault.startswith(sentence) for fault in caught.value.faults), caught.value.faults
    assert not CHECKER.is_valid(document)


REQUIRED = [("pcf", name) for name in pact_v3.SCHEMA["properties"]["pcf"]["required"]]
REQUIRED += [(name,) for name in pact_v3.SCHEMA["required"]]


def test_all_that_the_format_requires_is_required():
    assert len(REQUIRED) == 10 + 12


@pytest.mark.parametrize("path", REQUIRED, ids=".".join)
def test_a_missing_field_is_named(path):
    document = pact_v3.written(CEMENT)
    place = document["pcf"] if len(path) > 1 else document
    del place[path[-1]]
    with pytest.raises(ProfileError) as caught:
        pact_v3.read(document)
    assert caught.value.faults == (f"{'.'.join(path)} is missing.",)


def test_unknown_fields_and_nulls_are_let_be():
    document = pact_v3.written(CEMENT)
    document |= {"verticalScope": {"a": 1}, "comment": None}
    document["pcf"] |= {"otherOperatorName": "TfS", "dqi": None}
    found = pact_v3.read(document)
    assert found.comment.en == ""
    assert found.quality.technology is None


@pytest.mark.parametrize("document", [None, [], "x", 3, {}, {"data": {}}])
def test_what_is_no_footprint_is_refused(document):
    with pytest.raises(ProfileError):
        pact_v3.read(document)


def test_numbers_that_were_rounded_by_themselves_add_up_nearly():
    document = pact_v3.written(CEMENT)
    document["pcf"] |= {"pcfExcludingBiogenicUptake": "0.613", "pcfIncludingBiogenicUptake": "0.611"}
    document["pcf"] |= {"fossilGhgEmissions": "0.61", "landUseChangeGhgEmissions": "0.002"}
    assert pact_v3.read(document).broken == ()


def test_a_partner_whose_sums_do_not_hold_is_read_and_doubted():
    document = copy.deepcopy(pact_v3.written(CEMENT))
    document["pcf"] |= {"pcfExcludingBiogenicUptake": "0.7", "geographyCountry": "CN"}
    found = pact_v3.read(document)
    assert "The footprint 0.7 is not the sum 0.613400000 of its parts." in found.broken
    assert "Region, country and subdivision are alternatives; more than one is told." in found.broken


def test_a_gas_at_a_reference_state_is_told_by_its_mass():
    product = replace(CEMENT.product, unit="m3_0c", amount=Decimal(1), mass_kg=Decimal("0.0899"))
    pcf = pact_v3.written(replace(CEMENT, product=product))["pcf"]
    assert (pcf["declaredUnitOfMeasurement"], pcf["declaredUnitAmount"]) == ("kilogram", "0.0899")
    assert (pcf["productMassPerDeclaredUnit"], pcf["pcfExcludingBiogenicUptake"]) == ("0.0899", "613.400000")
    with pytest.raises(FootprintError, match=r"the unit 'm3_0c' is none of kg, t, .*, and no mass is told"):
        pact_v3.written(replace(CEMENT, product=replace(product, mass_kg=Decimal(0))))


def test_beyond_the_gate_is_not_told():
    record = replace(CEMENT, scope=replace(CEMENT.scope, boundary=GRAVE))
    with pytest.raises(ProfileError, match="PACT exchanges cradle-to-gate footprints"):
        pact_v3.written(record)
