"""A record in the shape of the Catena-X aspect model Pcf: schema-shaped, never interop-tested.

Source: `urn:samm:io.catenax.pcf:7.0.0#Pcf` (Eclipse Tractus-X, sldt-semantic-models, CC-BY-4.0): names, required fields
and bounds. The model follows PACT 2 with numbers in place of texts. Between partners such a document travels through a
dataspace connector, which is not here. What the network asks of its members beyond the shape is for them to add: a
business partner number among the company's ids (`urn:bpn:id:BPNL…`), and rules that they follow.
"""

from decimal import Decimal
from typing import Any

from exchange.footprints import wire
from exchange.footprints.pact_v2 import CPC
from exchange.footprints.pact_v2_fields import RATINGS
from exchange.footprints.record import GRAVE, Footprint, Quality
from exchange.footprints.wire import ProfileError, told

SPEC = "urn:io.catenax.pcf:datamodel:version:7.0.0"
_FIGURES = {
    "footprint": "pcfExcludingBiogenic",
    "including_uptake": "pcfIncludingBiogenic",
    "fossil": "fossilGhgEmissions",
    "biogenic_non_co2": "biogenicCarbonEmissionsOtherThanCO2",
    "biogenic_uptake": "biogenicCarbonWithdrawal",
    "land_use_change": "dlucGhgEmissions",
    "aircraft": "aircraftGhgEmissions",
    "packaging": "extWBCSD_packagingGhgEmissions",
    "outbound_logistics": "distributionStagePcfExcludingBiogenic",
    "fossil_carbon_kgc": "extWBCSD_fossilCarbonContent",
    "biogenic_carbon_kgc": "carbonContentBiogenic",
}
_STANDARDS = {
    "ISO14067": "ISO Standard 14067",
    "ISO14040-44": "ISO Standard 14044",
    "GHGP-Product": "GHG Protocol Product Standard",
    "PEF": "PEF",
}
_UNITS = ("liter", "kilogram", "cubic meter", "kilowatt hour", "megajoule", "ton kilometer", "square meter", "piece")
_REPORTS = {"AR5", "AR6"}
_MOST_EXEMPTED = Decimal("0.05")
#: Waste that is burnt counts where it arises: its treatment is an input of the process that makes it.
_INCINERATION = "reverse cut-off"


def written(record: Footprint, language: str = "en") -> dict[str, Any]:
    """Return a record as a document, its texts in `zh` or `en`.

    Raises ProfileError where the record cannot be told in this shape.
    """
    faults = tuple(_faults(record))
    if faults:
        raise ProfileError(f"{record.product.product_id} cannot be told as Catena-X Pcf 7.0.0", faults)
    product, comment = record.product, record.comment.told(language)
    return told({
        "id": record.record_id,
        "specVersion": SPEC,
        "partialFullPcf": "Cradle-to-grave" if record.scope.boundary == GRAVE else "Cradle-to-gate",
        "precedingPfIds": [{"id": one} for one in record.preceding],
        "version": record.version,
        "created": wire.instant(record.created_at),
        "extWBCSD_pfStatus": record.status,
        "validityPeriodStart": wire.instant(record.valid_from) if record.valid_from else None,
        "validityPeriodEnd": wire.instant(record.valid_to) if record.valid_to else None,
        "comment": comment or None,
        "companyName": record.company.name.told(language),
        "companyIds": list(record.company.ids),
        "productDescription": product.description.told(language),
        "productIds": list(product.ids),
        "extWBCSD_productCodeCpc": _cpc(record),
        "productName": product.name.told(language),
        "pcf": _pcf(record, language),
    })  # fmt: skip


def _faults(record: Footprint) -> list[str]:
    told_for = wire.declared(record)
    unit, figures = told_for.unit, told_for.figures
    found = {
        "The product has no CPC code.": _cpc(record) is None,
        f"The unit {unit} is none of the aspect model.": unit not in _UNITS,
        "The footprint is negative, which the aspect model does not allow.": figures.footprint < 0,
        "More than 5 % of the emissions are left out.": record.quality.exempted_ratio > _MOST_EXEMPTED,
        "The global warming potentials are neither of AR5 nor of AR6.": not set(record.method.gwp_sets) <= _REPORTS,
        "There is no field for CO2 that was captured or removed by technology.": bool(
            figures.capture or figures.technological_removals
        ),
    }
    return [sentence for sentence, is_so in found.items() if is_so]


def _cpc(record: Footprint) -> str | None:
    return next((urn[len(CPC) :] for urn in record.product.classifications if urn.startswith(CPC)), None)


def _pcf(record: Footprint, language: str) -> dict[str, Any]:
    told_for = wire.declared(record)
    figures = told_for.figures
    scope, quality, method = record.scope, record.quality, record.method
    numbers = {name: _number(getattr(figures, own)) for own, name in _FIGURES.items()}
    managed = [value for value in (figures.land_management, figures.land_management_removals) if value is not None]
    carbon = [value for value in (figures.fossil_carbon_kgc, figures.biogenic_carbon_kgc) if value is not None]
    country = scope.country or (scope.subdivision or "")[:2] or None
    share = quality.primary_data_share_ratio
    return told({
        "declaredUnit": told_for.unit,
        "unitaryProductAmount": float(told_for.amount),
        "productMassPerDeclaredUnit": float(told_for.mass_kg),
        "exemptedEmissionsPercent": float(quality.exempted_ratio * 100),
        "exemptedEmissionsDescription": wire.words(method.exempted_text, language),
        "boundaryProcessesDescription": wire.words(scope.boundary_text, language),
        "geographyCountrySubdivision": scope.subdivision,
        "geographyCountry": country,
        "geographyRegionOrSubregion": scope.region or ("Eastern Asia" if country == "CN" else "Global"),
        "referencePeriodStart": wire.instant(scope.reference_from),
        "referencePeriodEnd": wire.instant(scope.reference_to),
        "crossSectoralStandardsUsed": [
            {"crossSectoralStandard": _STANDARDS.get(one, "Other")} for one in method.standards
        ],
        "extWBCSD_characterizationFactors": min(method.gwp_sets),
        "extWBCSD_allocationRulesDescription": wire.words(method.allocation_text, language),
        "extTFS_allocationWasteIncineration": _INCINERATION,
        "primaryDataShare": None if share is None else float(share * 100),
        "dataQualityRating": _ratings(quality),
        "extWBCSD_packagingEmissionsIncluded": method.is_packaging_included,
        **numbers,
        "extTFS_luGhgEmissions": _number(sum(managed, Decimal(0))) if managed else None,
        "carbonContentTotal": _number(sum(carbon, Decimal(0))) if carbon else None,
    }) | {
        "productOrSectorSpecificRules": [
            {
                "extWBCSD_operator": "Other",
                "productOrSectorSpecificRules": [{"ruleName": name} for name in rule.names],
                "extWBCSD_otherOperatorName": rule.operator,
            }
            for rule in method.rules
        ],
        "secondaryEmissionFactorSources": [
            {"secondaryEmissionFactorSource": f"{one.name} {one.version}".strip()} for one in method.sources
        ],
    }  # fmt: skip


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _ratings(quality: Quality) -> dict[str, float] | None:
    """Return our ratings of 1 to 5 between 1 and 3, with the share that they cover; nothing where it is not known."""
    if quality.coverage_ratio is None:
        return None
    found = {name: getattr(quality, own) for own, name in RATINGS.items()}
    rated = {name: float((value + 1) / 2) for name, value in found.items() if value is not None}
    return {"coveragePercent": float(quality.coverage_ratio * 100), **rated}
