"""A record as ProductFootprint of the PACT data model v3, and back.

Source: PACT Technical Specifications 3.0.3 (2025-11-18), data types ProductFootprint and CarbonFootprint.
"""

from collections.abc import Mapping
from typing import Any

from exchange.footprints import rules, wire
from exchange.footprints.pact_v3_fields import FIGURES, KIND, OPERATORS, RATINGS
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
from exchange.footprints.wire import ProfileError, told

VERSION = "3.0.3"
_CAPTURED = {"technological_removals", "capture"}
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
        own: name for own, name in FIGURES.items() if has_capture or own not in {"capture", "technological_removals"}
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
    if rule.operator in OPERATORS:
        return {"operator": rule.operator, "ruleNames": list(rule.names)}
    return {"operator": "Other", "ruleNames": list(rule.names), "otherOperatorName": rule.operator}


def read_rule(document: Mapping[str, Any]) -> Rule:
    """Read product or sector rules."""
    return Rule(document.get("otherOperatorName") or document["operator"], tuple(document["ruleNames"]))


def _percent(quality: Quality) -> str | None:
    share = quality.primary_data_share_ratio
    return None if share is None else wire.text(share * 100)


def _written_ratings(quality: Quality) -> dict[str, str] | None:
    found = {name: getattr(quality, own) for own, name in RATINGS.items()}
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
        figures=Figures(**{own: wire.read_decimal(pcf, name) for own, name in FIGURES.items()}),  # type: ignore[arg-type]
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
        **{own: wire.read_decimal(ratings, name) for own, name in RATINGS.items()},
    )
