"""The rules of the fields of PACT v2.3, as data: what a ProductFootprint has, and what is required of it.

Source: PACT Technical Specifications 2.3; the words and the form are ours.
"""

from exchange.footprints import rules
from exchange.footprints.pact_v3_fields import RULE, SOURCE
from exchange.footprints.regions import REGIONS
from exchange.footprints.rules import Field, listed, object_of, one_of

UNITS = (*("liter", "kilogram", "cubic meter", "kilowatt hour", "megajoule", "ton kilometer", "square meter"),)
FIGURES = {
    "footprint": "pCfExcludingBiogenic",
    "including_uptake": "pCfIncludingBiogenic",
    "fossil": "fossilGhgEmissions",
    "land_use_change": "dLucGhgEmissions",
    "land_leakage": "iLucGhgEmissions",
    "land_management": "landManagementGhgEmissions",
    "biogenic_non_co2": "otherBiogenicGhgEmissions",
    "biogenic_uptake": "biogenicCarbonWithdrawal",
    "aircraft": "aircraftGhgEmissions",
    "packaging": "packagingGhgEmissions",
    "fossil_carbon_kgc": "fossilCarbonContent",
    "biogenic_carbon_kgc": "biogenicCarbonContent",
}
_REQUIRED_FIGURES = {"footprint", "fossil", "fossil_carbon_kgc", "biogenic_carbon_kgc"}
_ANY_SIGN = {"including_uptake", "land_management"}
RATINGS = {
    "technology": "technologicalDQR",
    "time": "temporalDQR",
    "geography": "geographicalDQR",
    "completeness": "completenessDQR",
    "reliability": "reliabilityDQR",
}
_DQI = object_of(
    Field("coveragePercent", rules.number(0, 100), is_required=True),
    *(Field(name, rules.number(1, 3)) for name in RATINGS.values()),
)
_ASSURANCE = object_of(
    Field("assurance", rules.FLAG, is_required=True),
    Field("coverage", one_of("corporate level", "product line", "PCF system", "product level")),
    Field("level", one_of("limited", "reasonable")),
    Field("boundary", one_of("Gate-to-Gate", "Cradle-to-Gate")),
    Field("providerName", rules.TEXT, is_required=True),
    Field("completedAt", rules.INSTANT),
    Field("standardName", rules.TEXT),
    Field("comments", rules.TEXT),
)


def _sign(name: str) -> rules.Kind:
    if name in _ANY_SIGN:
        return rules.DECIMAL
    return rules.NOT_POSITIVE if name == "biogenic_uptake" else rules.NOT_NEGATIVE


_PCF = object_of(
    Field("declaredUnit", one_of(*UNITS), is_required=True),
    Field("unitaryProductAmount", rules.POSITIVE, is_required=True),
    Field("productMassPerDeclaredUnit", rules.NOT_NEGATIVE),
    *(Field(wire_name, _sign(own), own in _REQUIRED_FIGURES) for own, wire_name in FIGURES.items()),
    Field("characterizationFactors", one_of("AR6", "AR5"), is_required=True),
    Field("ipccCharacterizationFactorsSources", listed(rules.matching("AR[0-9]+", "an assessment report"))),
    Field("crossSectoralStandardsUsed", listed(rules.WORDS), is_required=True),
    Field("crossSectoralStandards", listed(rules.WORDS)),
    Field("productOrSectorSpecificRules", listed(RULE, 0)),
    Field("boundaryProcessesDescription", rules.TEXT, is_required=True),
    Field("referencePeriodStart", rules.INSTANT, is_required=True),
    Field("referencePeriodEnd", rules.INSTANT, is_required=True),
    Field("geographyRegionOrSubregion", one_of(*REGIONS)),
    Field("geographyCountry", rules.matching("[A-Z]{2}", "a country of ISO 3166-1, two letters")),
    Field("geographyCountrySubdivision", rules.matching("[A-Z]{2}-[A-Z0-9]{1,3}", "a subdivision of ISO 3166-2")),
    Field("secondaryEmissionFactorSources", listed(SOURCE)),
    Field("exemptedEmissionsPercent", rules.number(0, 5), is_required=True),
    Field("exemptedEmissionsDescription", rules.TEXT, is_required=True),
    Field("packagingEmissionsIncluded", rules.FLAG, is_required=True),
    Field("allocationRulesDescription", rules.TEXT),
    Field("uncertaintyAssessmentDescription", rules.TEXT),
    Field("primaryDataShare", rules.number(0, 100)),
    Field("dqi", _DQI),
    Field("assurance", _ASSURANCE),
)
KIND = object_of(
    Field("id", rules.UUID, is_required=True),
    Field("specVersion", rules.matching(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9]{8})?", "a version"), is_required=True),
    Field("precedingPfIds", listed(rules.UUID, 0)),
    Field("version", rules.COUNT, is_required=True),
    Field("created", rules.INSTANT, is_required=True),
    Field("updated", rules.INSTANT),
    Field("status", one_of("Active", "Deprecated"), is_required=True),
    Field("statusComment", rules.TEXT),
    Field("validityPeriodStart", rules.INSTANT),
    Field("validityPeriodEnd", rules.INSTANT),
    Field("companyName", rules.WORDS, is_required=True),
    Field("companyIds", listed(rules.URN), is_required=True),
    Field("productDescription", rules.TEXT, is_required=True),
    Field("productIds", listed(rules.URN), is_required=True),
    Field("productClassifications", listed(rules.URN)),
    Field("productCategoryCpc", rules.WORDS, is_required=True),
    Field("productNameCompany", rules.WORDS, is_required=True),
    Field("comment", rules.TEXT, is_required=True),
    Field("pcf", _PCF, is_required=True),
    Field("extensions", rules.ANYTHING),
)
