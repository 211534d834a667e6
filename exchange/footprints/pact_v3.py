"""A record as ProductFootprint of the PACT data model v3, and back.

Source: PACT Technical Specifications 3.0.3 (2025-11-18), data types ProductFootprint and CarbonFootprint. The text and
its files are under a licence that forbids to share parts of them: the rules below are ours, made from its facts.
"""

from collections.abc import Mapping
from typing import Any

from exchange.footprints import rules, wire
from exchange.footprints.record import (
    GATE,
    Company,
    FactorSource,
    Figures,
    Footprint,
    Method,
    Product,
    Quality,
    Rule,
    Scope,
    Verification,
)
from exchange.footprints.regions import REGIONS
from exchange.footprints.rules import Field, Kind, listed, object_of, one_of
from exchange.footprints.units import PACT
from exchange.footprints.wire import ProfileError, told

VERSION = "3.0.3"
#: Our figure and its wire name.
_FIGURES = {
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
_CAPTURED = {"technological_removals", "capture"}
_RATINGS = {"technology": "technologicalDQR", "time": "temporalDQR", "geography": "geographicalDQR"}
_OPERATORS = ("PEF", "EPD International", "Other")


def _sign(name: str) -> Kind:
    if name in _ANY_SIGN:
        return rules.DECIMAL
    return rules.NOT_POSITIVE if name in _NOT_POSITIVE else rules.NOT_NEGATIVE


_DQI = object_of(*(Field(name, rules.DECIMAL, is_required=True) for name in _RATINGS.values()))
_SOURCE = object_of(Field("name", rules.WORDS, is_required=True), Field("version", rules.WORDS, is_required=True))
_RULE = object_of(
    Field("operator", one_of(*_OPERATORS), is_required=True),
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
    *(Field(wire_name, _sign(own), own in _REQUIRED_FIGURES) for own, wire_name in _FIGURES.items()),
    Field("packagingEmissionsIncluded", rules.FLAG),
    Field("ccsTechnologicalCO2CaptureIncluded", rules.FLAG),
    Field("ipccCharacterizationFactors", listed(rules.matching("AR[0-9]+", "an assessment report, such as AR6")), True),
    Field("crossSectoralStandards", listed(rules.WORDS), is_required=True),
    Field("productOrSectorSpecificRules", listed(_RULE)),
    Field("exemptedEmissionsPercent", rules.DECIMAL, is_required=True),
    Field("exemptedEmissionsDescription", rules.TEXT),
    Field("allocationRulesDescription", rules.TEXT),
    Field("secondaryEmissionFactorSources", listed(_SOURCE)),
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
#: The JSON schema of a ProductFootprint.
SCHEMA = KIND.schema


def written(record: Footprint, language: str = "en") -> dict[str, Any]:
    """Return a record as a document, its texts in `zh` or `en`.

    Raises ProfileError where the record cannot be told in this format, such as for want of a carbon content.
    """
    product = record.product
    check_boundary(record)
    document = told({
        "id": record.record_id,
        "specVersion": VERSION,
        "precedingPfIds": list(record.preceding),
        "created": wire.instant(record.created_at),
        "status": record.status,
        "validityPeriodStart": wire.instant(record.valid_from) if record.valid_from else None,
        "validityPeriodEnd": wire.instant(record.valid_to) if record.valid_to else None,
        "companyName": record.company.name.told(language),
        "companyIds": list(record.company.ids),
        "productDescription": product.description.told(language),
        "productIds": list(product.ids),
        "productClassifications": list(product.classifications),
        "productNameCompany": product.name.told(language),
        "comment": wire.words(record.comment, language),
        "pcf": _written_pcf(record, language),
    })  # fmt: skip
    faults = rules.faults_of(KIND, document)
    if faults:
        raise ProfileError(f"{product.product_id} cannot be told as PACT {VERSION}", faults)
    return document


def check_boundary(record: Footprint) -> None:
    """Raise ProfileError for a footprint that goes beyond the gate: PACT's scope ends there."""
    if record.scope.boundary != GATE:
        fault = f"PACT exchanges cradle-to-gate footprints; this one is {record.scope.boundary}."
        raise ProfileError(f"{record.product.product_id} cannot be told as PACT", (fault,))


def _written_pcf(record: Footprint, language: str) -> dict[str, Any]:
    told_for = wire.declared(record)
    figures = told_for.figures
    scope, quality, method = record.scope, record.quality, record.method
    has_capture = bool(figures.capture or figures.technological_removals)
    names = {
        own: name for own, name in _FIGURES.items() if has_capture or own not in {"capture", "technological_removals"}
    }
    return told({
        "declaredUnitOfMeasurement": told_for.unit,
        "declaredUnitAmount": wire.amount(told_for.amount),
        "productMassPerDeclaredUnit": wire.amount(told_for.mass_kg),
        "referencePeriodStart": wire.instant(scope.reference_from),
        "referencePeriodEnd": wire.instant(scope.reference_to),
        "geographyRegionOrSubregion": scope.region,
        "geographyCountry": scope.country,
        "geographyCountrySubdivision": scope.subdivision,
        "boundaryProcessesDescription": wire.words(scope.boundary_text, language),
        **wire.decimal_texts(figures, names),
        "packagingEmissionsIncluded": method.is_packaging_included,
        "ccsTechnologicalCO2CaptureIncluded": has_capture,
        "ipccCharacterizationFactors": list(method.gwp_sets),
        "crossSectoralStandards": list(method.standards),
        "productOrSectorSpecificRules": [written_rule(rule) for rule in method.rules],
        "exemptedEmissionsPercent": wire.text(quality.exempted_ratio * 100),
        "exemptedEmissionsDescription": wire.words(method.exempted_text, language),
        "allocationRulesDescription": wire.words(method.allocation_text, language),
        "secondaryEmissionFactorSources": [{"name": one.name, "version": one.version} for one in method.sources],
        "primaryDataShare": _percent(quality),
        "dqi": _written_ratings(quality),
        "verification": _written_verification(record.verification),
    })  # fmt: skip


def written_rule(rule: Rule) -> dict[str, Any]:
    """Return product or sector rules; an operator that PACT does not list is named as another."""
    if rule.operator in _OPERATORS:
        return {"operator": rule.operator, "ruleNames": list(rule.names)}
    return {"operator": "Other", "ruleNames": list(rule.names), "otherOperatorName": rule.operator}


def read_rule(document: Mapping[str, Any]) -> Rule:
    """Read product or sector rules."""
    return Rule(document.get("otherOperatorName") or document["operator"], tuple(document["ruleNames"]))


def _percent(quality: Quality) -> str | None:
    share = quality.primary_data_share_ratio
    return None if share is None else wire.text(share * 100)


def _written_ratings(quality: Quality) -> dict[str, str] | None:
    found = {name: getattr(quality, own) for own, name in _RATINGS.items()}
    if any(value is None for value in found.values()):
        return None
    return {name: wire.text(value) for name, value in found.items()}


def _written_verification(found: Verification | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return told({
        "coverage": found.coverage,
        "providerName": found.provider,
        "completedAt": wire.instant(found.completed_at) if found.completed_at else None,
        "standardName": found.standard,
        "comments": found.comments,
    })  # fmt: skip


def read(document: object) -> Footprint:
    """Read a partner's document; what does not add up in it is in `broken` of the record.

    Raises ProfileError, one sentence for each field that is not as the format says.
    """
    faults = rules.faults_of(KIND, document)
    if faults or not isinstance(document, dict):
        raise ProfileError("this is no footprint of PACT 3", faults)
    pcf = document["pcf"]
    begin, end = document.get("validityPeriodStart"), document.get("validityPeriodEnd")
    return Footprint(
        record_id=document["id"].lower(),
        version=len(document.get("precedingPfIds") or ()) + 1,
        created_at=wire.read_instant(document["created"]),
        company=Company("", wire.both(document["companyName"]), tuple(document["companyIds"])),
        product=Product(
            product_id="",
            name=wire.both(document["productNameCompany"]),
            description=wire.both(document["productDescription"]),
            ids=tuple(document["productIds"]),
            classifications=tuple(document.get("productClassifications") or ()),
            unit=wire.house_unit(pcf["declaredUnitOfMeasurement"]),
            amount=wire.needed(pcf, "declaredUnitAmount"),
            mass_kg=wire.needed(pcf, "productMassPerDeclaredUnit"),
        ),
        scope=Scope(
            reference_from=wire.read_instant(pcf["referencePeriodStart"]),
            reference_to=wire.read_instant(pcf["referencePeriodEnd"]),
            boundary_text=wire.both(pcf.get("boundaryProcessesDescription")),
            region=pcf.get("geographyRegionOrSubregion"),
            country=pcf.get("geographyCountry"),
            subdivision=pcf.get("geographyCountrySubdivision"),
        ),
        figures=Figures(**{own: wire.read_decimal(pcf, name) for own, name in _FIGURES.items()}),  # type: ignore[arg-type]
        quality=_read_quality(pcf),
        method=Method(
            gwp_sets=tuple(pcf["ipccCharacterizationFactors"]),
            standards=tuple(pcf["crossSectoralStandards"]),
            allocation_text=wire.both(pcf.get("allocationRulesDescription")),
            exempted_text=wire.both(pcf.get("exemptedEmissionsDescription")),
            sources=tuple(
                FactorSource(one["name"], one["version"]) for one in pcf.get("secondaryEmissionFactorSources") or ()
            ),
            rules=tuple(read_rule(rule) for rule in pcf.get("productOrSectorSpecificRules") or ()),
            is_packaging_included=bool(pcf.get("packagingEmissionsIncluded")),
        ),
        status=document["status"],
        preceding=tuple(one.lower() for one in document.get("precedingPfIds") or ()),
        valid_from=wire.read_instant(begin) if begin else None,
        valid_to=wire.read_instant(end) if end else None,
        comment=wire.both(document.get("comment")),
        verification=wire.verification_of(pcf.get("verification")),
        is_own=False,
    )


def _read_quality(pcf: Mapping[str, Any]) -> Quality:
    share, ratings = wire.read_decimal(pcf, "primaryDataShare"), pcf.get("dqi") or {}
    return Quality(
        exempted_ratio=wire.needed(pcf, "exemptedEmissionsPercent") / 100,
        primary_data_share_ratio=None if share is None else share / 100,
        **{own: wire.read_decimal(ratings, name) for own, name in _RATINGS.items()},
    )
