"""A record as ProductFootprint of the PACT data model v2.3, and back.

Source: PACT Technical Specifications 2.3, data types ProductFootprint and CarbonFootprint. What differs from v3:
figures are per one unit and `unitaryProductAmount` says how many of them a product has; a piece has no unit and is told
by its mass; ratings go from 1 to 3, so ours of 1 to 5 are halved around 1; shares are JSON numbers; land management is
one figure, removals within; nothing can be told of captured CO2. A CPC code and the biogenic carbon are required.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from exchange.footprints import pact_v3, rules, wire
from exchange.footprints.identities import TERMS
from exchange.footprints.pact_v2_fields import FIGURES, KIND, RATINGS, UNITS
from exchange.footprints.record import (
    Company,
    FactorSource,
    Figures,
    Footprint,
    Method,
    Product,
    Quality,
    Scope,
    Text,
    Verification,
)
from exchange.footprints.wire import ProfileError, told

VERSION = "2.3.0"
CPC = "urn:pact:productclassification:un-cpc:"
#: Per one unit such a number of places, where the division does not end.
_PLACES = Decimal("1e-12")
_STANDARDS = {
    "ISO14067": "ISO Standard 14067",
    "ISO14040-44": "ISO Standard 14044",
    "GHGP-Product": "GHG Protocol Product standard",
}
#: From here on both the share of primary data and the ratings have to be told.
_BOTH_FROM = datetime(2025, 1, 1, tzinfo=UTC)

#: The JSON schema of a ProductFootprint.
SCHEMA = KIND.schema


def written(record: Footprint, language: str = "en") -> dict[str, Any]:
    """Return a record as a document, its texts in `zh` or `en`.

    Raises ProfileError where the record cannot be told in this format, such as for want of a CPC code.
    """
    product = record.product
    pact_v3.check_boundary(record)
    document = told({
        "id": record.record_id,
        "specVersion": VERSION,
        "precedingPfIds": list(record.preceding),
        "version": record.version,
        "created": wire.instant(record.created_at),
        "status": record.status,
        "validityPeriodStart": wire.instant(record.valid_from) if record.valid_from else None,
        "validityPeriodEnd": wire.instant(record.valid_to) if record.valid_to else None,
        "companyName": record.company.name.told(language),
        "companyIds": list(record.company.ids),
        "productDescription": product.description.told(language),
        "productIds": list(product.ids),
        "productClassifications": list(product.classifications),
        "productCategoryCpc": next((urn[len(CPC) :] for urn in product.classifications if urn.startswith(CPC)), None),
        "productNameCompany": product.name.told(language),
        "comment": record.comment.told(language),
        "pcf": _written_pcf(record, language),
    })  # fmt: skip
    faults = (*rules.faults_of(KIND, document), *_captured(record), *_both_from_2025(record, document["pcf"]))
    if faults:
        raise ProfileError(f"{product.product_id} cannot be told as PACT {VERSION}", faults)
    return document


def _captured(record: Footprint) -> tuple[str, ...]:
    if record.figures.capture or record.figures.technological_removals:
        return ("PACT 2.3 has no field for CO2 that was captured or removed by technology.",)
    return ()


def _both_from_2025(record: Footprint, pcf: Mapping[str, Any]) -> tuple[str, ...]:
    missing = [name for name in ("primaryDataShare", "dqi") if name not in pcf]
    if record.scope.reference_to <= _BOTH_FROM or not missing:
        return ()
    return tuple(f"pcf.{name} is missing; a reference period of 2025 or later needs it." for name in missing)


def _written_pcf(record: Footprint, language: str) -> dict[str, Any]:
    unit, amount, figures = _per_unit(record)
    scope, method = record.scope, record.method
    sources = list(method.gwp_sets)
    mass = Decimal(1) if unit == "kilogram" else _quotient(wire.declared(record).mass_kg, amount)
    return told({
        "declaredUnit": unit,
        "unitaryProductAmount": wire.amount(amount),
        "productMassPerDeclaredUnit": wire.amount(mass),
        **wire.decimal_texts(figures, FIGURES),
        "characterizationFactors": min(sources, default=None),
        "ipccCharacterizationFactorsSources": sources,
        "crossSectoralStandardsUsed": [_STANDARDS[name] for name in method.standards if name in _STANDARDS],
        "crossSectoralStandards": list(method.standards),
        "productOrSectorSpecificRules": [pact_v3.written_rule(rule) for rule in method.rules],
        "boundaryProcessesDescription": scope.boundary_text.told(language),
        "referencePeriodStart": wire.instant(scope.reference_from),
        "referencePeriodEnd": wire.instant(scope.reference_to),
        "geographyRegionOrSubregion": scope.region,
        "geographyCountry": scope.country,
        "geographyCountrySubdivision": scope.subdivision,
        "secondaryEmissionFactorSources": [{"name": one.name, "version": one.version} for one in method.sources],
        "exemptedEmissionsPercent": float(record.quality.exempted_ratio * 100),
        "exemptedEmissionsDescription": method.exempted_text.told(language),
        "packagingEmissionsIncluded": method.is_packaging_included,
        "allocationRulesDescription": wire.words(method.allocation_text, language),
        "uncertaintyAssessmentDescription": wire.words(method.uncertainty_text, language),
        **_written_quality(record.quality),
        "assurance": _written_assurance(record.verification),
    })  # fmt: skip


def _per_unit(record: Footprint) -> tuple[str, Decimal, Figures]:
    """Return the unit, how many of it the product has, and the figures per one of it."""
    told_for = wire.declared(record)
    unit, amount, figures = told_for.unit, told_for.amount, told_for.figures
    if unit not in UNITS and told_for.mass_kg:
        unit, amount = "kilogram", told_for.mass_kg
    removals = figures.land_management_removals
    if removals is not None:
        both = (figures.land_management or Decimal(0)) + removals
        figures = replace(figures, land_management=both, land_management_removals=None)
    return unit, amount, figures if amount == 1 else _shared(figures, amount)


def _shared(figures: Figures, amount: Decimal) -> Figures:
    """Return the figures per one of an amount; where the division does not end, the totals are summed anew."""
    values = {name: _quotient(value, amount) for name, value in vars(figures).items() if value is not None}
    found = replace(figures, **values)
    total = sum((value for name in TERMS if (value := getattr(found, name)) is not None), Decimal(0))
    return replace(found, footprint=total, including_uptake=total + (found.biogenic_uptake or Decimal(0)))


def _quotient(value: Decimal, amount: Decimal) -> Decimal:
    found = value / amount
    return found if found * amount == value else found.quantize(_PLACES)


def _written_quality(quality: Quality) -> dict[str, Any]:
    share, coverage = quality.primary_data_share_ratio, quality.coverage_ratio
    ratings = {name: getattr(quality, own) for own, name in RATINGS.items()}
    is_rated = coverage is not None and None not in ratings.values()
    dqi = {name: float((value + 1) / 2) for name, value in ratings.items()} if is_rated else None
    return {
        "primaryDataShare": None if share is None else float(share * 100),
        "dqi": {"coveragePercent": float(coverage * 100), **dqi} if dqi and coverage is not None else None,
    }


def _written_assurance(found: Verification | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return told({
        "assurance": True,
        "coverage": found.coverage if found.coverage == "product level" else None,
        "providerName": found.provider or "",
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
        raise ProfileError("this is no footprint of PACT 2", faults)
    pcf = document["pcf"]
    begin, end = document.get("validityPeriodStart"), document.get("validityPeriodEnd")
    amount = wire.needed(pcf, "unitaryProductAmount")
    mass = wire.read_decimal(pcf, "productMassPerDeclaredUnit")
    unit = wire.house_unit(pcf["declaredUnit"])
    used = {wire_name: name for name, wire_name in _STANDARDS.items()}
    standards = pcf.get("crossSectoralStandards") or [used.get(one, one) for one in pcf["crossSectoralStandardsUsed"]]
    return Footprint(
        record_id=document["id"].lower(),
        version=document["version"],
        created_at=wire.read_instant(document["created"]),
        company=Company("", wire.both(document["companyName"]), tuple(document["companyIds"])),
        product=Product(
            product_id="",
            name=wire.both(document["productNameCompany"]),
            description=wire.both(document["productDescription"]),
            ids=tuple(document["productIds"]),
            classifications=_classes(document),
            unit=unit,
            amount=amount,
            mass_kg=amount if unit == "kg" else (mass or Decimal(0)) * amount,
        ),
        scope=Scope(
            reference_from=wire.read_instant(pcf["referencePeriodStart"]),
            reference_to=wire.read_instant(pcf["referencePeriodEnd"]),
            boundary_text=wire.both(pcf["boundaryProcessesDescription"]),
            region=pcf.get("geographyRegionOrSubregion"),
            country=pcf.get("geographyCountry"),
            subdivision=pcf.get("geographyCountrySubdivision"),
        ),
        figures=_read_figures(pcf).times(amount),
        quality=_read_quality(pcf),
        method=Method(
            gwp_sets=tuple(pcf.get("ipccCharacterizationFactorsSources") or [pcf["characterizationFactors"]]),
            standards=tuple(standards),
            allocation_text=wire.both(pcf.get("allocationRulesDescription")),
            exempted_text=wire.both(pcf["exemptedEmissionsDescription"]),
            sources=tuple(
                FactorSource(one["name"], one["version"]) for one in pcf.get("secondaryEmissionFactorSources") or ()
            ),
            rules=tuple(pact_v3.read_rule(rule) for rule in pcf.get("productOrSectorSpecificRules") or ()),
            uncertainty_text=wire.both(pcf.get("uncertaintyAssessmentDescription")),
            is_packaging_included=pcf["packagingEmissionsIncluded"],
        ),
        status=document["status"],
        preceding=tuple(one.lower() for one in document.get("precedingPfIds") or ()),
        valid_from=wire.read_instant(begin) if begin else None,
        valid_to=wire.read_instant(end) if end else None,
        comment=Text(document["comment"], document["comment"]),
        verification=_read_assurance(pcf.get("assurance")),
        is_own=False,
        has_sums=False,
    )


def _classes(document: Mapping[str, Any]) -> tuple[str, ...]:
    told_classes = list(document.get("productClassifications") or ())
    if any(urn.startswith(CPC) for urn in told_classes):
        return tuple(told_classes)
    return (*told_classes, f"{CPC}{document['productCategoryCpc']}")


def _read_figures(pcf: Mapping[str, Any]) -> Figures:
    values = {own: wire.read_decimal(pcf, name) for own, name in FIGURES.items()}
    if values["including_uptake"] is None:
        values["including_uptake"] = wire.needed(pcf, "pCfExcludingBiogenic") + (values["biogenic_uptake"] or 0)
    managed = values["land_management"]
    if managed is not None and managed < 0:
        values |= {"land_management": None, "land_management_removals": managed}
    return Figures(**values)  # type: ignore[arg-type]


def _read_quality(pcf: Mapping[str, Any]) -> Quality:
    share, ratings = wire.read_decimal(pcf, "primaryDataShare"), pcf.get("dqi") or {}
    coverage = wire.read_decimal(ratings, "coveragePercent")
    found = {own: wire.read_decimal(ratings, name) for own, name in RATINGS.items()}
    return Quality(
        exempted_ratio=wire.needed(pcf, "exemptedEmissionsPercent") / 100,
        primary_data_share_ratio=None if share is None else share / 100,
        coverage_ratio=None if coverage is None else coverage / 100,
        **{own: None if value is None else value * 2 - 1 for own, value in found.items()},
    )


def _read_assurance(document: Mapping[str, Any] | None) -> Verification | None:
    return wire.verification_of(document) if document and document["assurance"] else None
