"""The shape of the Catena-X aspect model: its required fields, its bounds, and what it cannot be told."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from exchange.footprints import catenax
from exchange.footprints.record import GRAVE
from exchange.footprints.wire import ProfileError
from tests.unit.exchange.footprints.records import CEMENT, footprints
from tests.unit.exchange.footprints.test_pact_v2 import RATED, tellable

#: What the aspect model requires, as its version 7.0.0 lists it.
REQUIRED = (
    *("id", "specVersion", "partialFullPcf", "version", "created", "extWBCSD_pfStatus", "companyName", "companyIds"),
    *("productIds", "extWBCSD_productCodeCpc", "productName", "pcf"),
)
REQUIRED_PCF = (
    *("declaredUnit", "unitaryProductAmount", "productMassPerDeclaredUnit", "exemptedEmissionsPercent"),
    *("geographyRegionOrSubregion", "referencePeriodStart", "referencePeriodEnd", "crossSectoralStandardsUsed"),
    *("productOrSectorSpecificRules", "extWBCSD_characterizationFactors", "extTFS_allocationWasteIncineration"),
    *("secondaryEmissionFactorSources", "extWBCSD_packagingEmissionsIncluded", "pcfExcludingBiogenic"),
)


def test_cement_in_the_shape():
    document = catenax.written(RATED)
    pcf = document["pcf"]
    assert (document["specVersion"], document["partialFullPcf"]) == (
        "urn:io.catenax.pcf:datamodel:version:7.0.0", "Cradle-to-gate",
    )  # fmt: skip
    assert (pcf["declaredUnit"], pcf["pcfExcludingBiogenic"], pcf["pcfIncludingBiogenic"]) == (
        "kilogram", 0.6134, 0.61115,
    )  # fmt: skip
    assert pcf["geographyRegionOrSubregion"] == "Eastern Asia"
    assert (pcf["geographyCountry"], pcf["geographyCountrySubdivision"]) == ("CN", "CN-JS")
    assert pcf["crossSectoralStandardsUsed"] == [{"crossSectoralStandard": "ISO Standard 14067"}]
    assert pcf["dataQualityRating"]["technologicalDQR"] == 1.3
    assert pcf["carbonContentTotal"] == 0.0005


@settings(max_examples=40, deadline=None)
@given(footprints())
def test_every_required_field_is_there(record):
    record = tellable(record)
    if record.product.unit == "h":
        return
    document = json.loads(json.dumps(catenax.written(record)))
    assert set(REQUIRED) <= set(document)
    assert set(REQUIRED_PCF) <= set(document["pcf"])
    assert 1 <= document["pcf"]["dataQualityRating"]["temporalDQR"] <= 3


def test_cradle_to_grave_is_said():
    record = replace(RATED, scope=replace(RATED.scope, boundary=GRAVE))
    assert catenax.written(record)["partialFullPcf"] == "Cradle-to-grave"


def test_what_it_cannot_be_told_is_named():
    figures = replace(CEMENT.figures, capture=Decimal(-700), footprint=Decimal("-86.6"))
    figures = replace(figures, including_uptake=Decimal("-88.85"))
    record = replace(
        CEMENT,
        figures=figures,
        product=replace(CEMENT.product, classifications=(), unit="h"),
        method=replace(CEMENT.method, gwp_sets=("AR4",)),
        quality=replace(CEMENT.quality, exempted_ratio=Decimal("0.06")),
        contributions=(),
    )
    with pytest.raises(ProfileError) as caught:
        catenax.written(record)
    assert len(caught.value.faults) == 6
