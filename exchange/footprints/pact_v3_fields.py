"""The rules of the fields of PACT v3, as data: what a ProductFootprint has, and what is required of it.

Source: PACT Technical Specifications 3.0.3, data types ProductFootprint and CarbonFootprint. The text and its files are
under a licence that forbids to share parts of them: the words and the form are ours, made from its facts.
"""

from exchange.footprints import rules
from exchange.footprints.regions import REGIONS
from exchange.footprints.rules import Field, Kind, listed, object_of, one_of
from exchange.footprints.units import PACT

#: Our figure and its wire name.
FIGURES = {
    "footprint": "pcfExcludingBiogenicUptake",
    "including_uptake": "pcfIncludingBiogenicUptake",
    "fossil": "fossilGhgEmissions",
    "land_use_change": "landUseChangeGhgEmissions",
    "land_leakage": "landCarbonLeakage",
    "land_management_fossil": "landManagementFossilGhgEmissions",
    "land_management": "landManagementBiogenicCO2Emissions",
    "land_management_removals": "landManagementBiogenicCO2Removals",
    "biogenic_non_co2": "biogenicNonCO2Emissions",
    "biogenic_uptake": "biogenicCO2Uptake",
    "technological_removals": "technologicalCO2Removals",
    "capture": "ccsTechnologicalCO2Capture",
    "aircraft": "aircraftGhgEmissions",
    "packaging": "packagingGhgEmissions",
    "outbound_logistics": "outboundLogisticsGhgEmissions",
    "fossil_carbon_kgc": "fossilCarbonContent",
    "biogenic_carbon_kgc": "biogenicCarbonContent",
    "recycled_carbon_kgc": "recycledCarbonContent",
    "packaging_biogenic_carbon_kgc": "packagingBiogenicCarbonContent",
    "land_area_m2": "landAreaOccupation",
}
_REQUIRED_FIGURES = {"footprint", "including_uptake", "fossil", "fossil_carbon_kgc"}
#: The first text of 3.0 asked for technological removals as a positive amount, the later ones for a negative one.
_ANY_SIGN = {"footprint", "including_uptake", "technological_removals"}
_NOT_POSITIVE = {"land_management_removals", "biogenic_uptake", "capture"}
RATINGS = {"technology": "technologicalDQR", "time": "temporalDQR", "geography": "geographicalDQR"}
OPERATORS = ("PEF", "EPD International", "Other")


def _sign(name: str) -> Kind:
    if name in _ANY_SIGN:
        return rules.DECIMAL
    return rules.NOT_POSITIVE if name in _NOT_POSITIVE else rules.NOT_NEGATIVE


_DQI = object_of(*(Field(name, rules.DECIMAL, is_required=True) for name in RATINGS.values()))
SOURCE = object_of(Field("name", rules.WORDS, is_required=True), Field("version", rules.WORDS, is_required=True))
RULE = object_of(
    Field("operator", one_of(*OPERATORS), is_required=True),
    Field("ruleNames", listed(rules.WORDS), is_required=True),
    Field("otherOperatorName", rules.WORDS),
)
_VERIFICATION = object_of(
    Field("coverage", one_of("PCF calculation model", "PCF program", "product level")),
    Field("providerName", rules.TEXT),
    Field("completedAt", rules.INSTANT),
    Field("standardName", rules.TEXT),
    Field("comments", rules.TEXT),
)
_PCF = object_of(
    Field("declaredUnitOfMeasurement", one_of(*dict.fromkeys(unit for unit, _ in PACT.values())), is_required=True),
    Field("declaredUnitAmount", rules.POSITIVE, is_required=True),
    Field("productMassPerDeclaredUnit", rules.NOT_NEGATIVE, is_required=True),
    Field("referencePeriodStart", rules.INSTANT, is_required=True),
    Field("referencePeriodEnd", rules.INSTANT, is_required=True),
    Field("geographyRegionOrSubregion", one_of(*REGIONS)),
    Field("geographyCountry", rules.matching("[A-Z]{2}", "a country of ISO 3166-1, two letters")),
    Field("geographyCountrySubdivision", rules.matching("[A-Z]{2}-[A-Z0-9]{1,3}", "a subdivision of ISO 3166-2")),
    Field("boundaryProcessesDescription", rules.TEXT),
    *(Field(wire_name, _sign(own), own in _REQUIRED_FIGURES) for own, wire_name in FIGURES.items()),
    Field("packagingEmissionsIncluded", rules.FLAG),
    Field("ccsTechnologicalCO2CaptureIncluded", rules.FLAG),
    Field("ipccCharacterizationFactors", listed(rules.matching("AR[0-9]+", "an assessment report, such as AR6")), True),
    Field("crossSectoralStandards", listed(rules.WORDS), is_required=True),
    Field("productOrSectorSpecificRules", listed(RULE)),
    Field("exemptedEmissionsPercent", rules.DECIMAL, is_required=True),
    Field("exemptedEmissionsDescription", rules.TEXT),
    Field("allocationRulesDescription", rules.TEXT),
    Field("secondaryEmissionFactorSources", listed(SOURCE)),
    Field("primaryDataShare", rules.DECIMAL),
    Field("dqi", _DQI),
    Field("verification", _VERIFICATION),
)
_VERSION_TEXT = rules.matching(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9]{8})?", "a version, such as 3.0.3")
KIND = object_of(
    Field("id", rules.UUID, is_required=True),
    Field(
        "specVersion",
        rules.matching(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9]{8})?", "a version, such as 3.0.3"),
        is_required=True,
    ),
    Field("precedingPfIds", listed(rules.UUID, 0)),
    Field("created", rules.INSTANT, is_required=True),
    Field("status", one_of("Active", "Deprecated"), is_required=True),
    Field("validityPeriodStart", rules.INSTANT),
    Field("validityPeriodEnd", rules.INSTANT),
    Field("companyName", rules.WORDS, is_required=True),
    Field("companyIds", listed(rules.URN), is_required=True),
    Field("productDescription", rules.TEXT, is_required=True),
    Field("productIds", listed(rules.URN), is_required=True),
    Field("productClassifications", listed(rules.URN)),
    Field("productNameCompany", rules.WORDS, is_required=True),
    Field("comment", rules.TEXT),
    Field("pcf", _PCF, is_required=True),
    Field("extensions", rules.ANYTHING),
)
