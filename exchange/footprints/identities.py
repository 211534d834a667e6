"""What must hold of a footprint's record, one sentence for each rule that does not.

Source: PACT Technical Specifications 3.0.3: the sums of CarbonFootprint, the signs of its amounts, its scope, and the
validity period of ProductFootprint. Our own figures hold to the last digit; a partner's are rounded each by itself, so
a sum may be off by half a unit of the last digit of every term.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from exchange.footprints.record import ACTIVE, DEPRECATED, GATE, GRAVE, Figures, Footprint
from exchange.footprints.units import mass_kg

VALID_YEARS = 3
#: Whose sum is the footprint without uptake; a partner may leave out what does not apply.
TERMS = (
    *("fossil", "land_use_change", "land_management", "land_management_removals", "biogenic_non_co2"),
    *("technological_removals", "capture"),
)
_NEVER_POSITIVE = ("land_management_removals", "biogenic_uptake", "technological_removals", "capture")
_ANY_SIGN = ("footprint", "including_uptake")
_RATINGS = ("technology", "time", "geography", "completeness", "reliability")


def broken(record: Footprint) -> tuple[str, ...]:
    """Return the rules that a record breaks."""
    return (
        *_sums(record), *_signs(record.figures), *_parts(record), *_unit(record), *_times(record), *_place(record),
        *_quality(record), *_standing(record),
    )  # fmt: skip


def contradictions(record: Footprint) -> tuple[str, ...]:
    """Return what a partner's record says against itself by its signs and its declared unit: it cannot be used so."""
    return (*_signs(record.figures), *_unit(record))


def differences(record: Footprint) -> tuple[str, ...]:
    """Return which sums of a record do not hold; version 3 states them, version 2 does not."""
    return tuple(_sums(record))


def valid_period(record: Footprint) -> tuple[datetime, datetime]:
    """Return from when until when it may be used: as told, else three years from the end of the reference period."""
    end = record.scope.reference_to
    return record.valid_from or end, record.valid_to or years_later(end, VALID_YEARS)


def _sums(record: Footprint) -> Iterator[str]:
    figures = record.figures
    if not record.has_sums:
        return
    terms = [value for name in TERMS if (value := getattr(figures, name)) is not None]
    if _differ(record, figures.footprint, terms):
        yield f"The footprint {figures.footprint} is not the sum {sum(terms)} of its parts."
    uptake = [figures.footprint, figures.biogenic_uptake or Decimal(0)]
    if _differ(record, figures.including_uptake, uptake):
        yield f"The footprint including uptake {figures.including_uptake} is not {sum(uptake)}, footprint and uptake."


def _differ(record: Footprint, total: Decimal, terms: Sequence[Decimal]) -> bool:
    allowed = Decimal(0) if record.is_own else sum((_half_digit(value) for value in (total, *terms)), Decimal(0))
    return abs(total - sum(terms)) > allowed


def _half_digit(value: Decimal) -> Decimal:
    """Return what rounding may have taken from a number; a zero was not rounded."""
    exponent = value.as_tuple().exponent if value else -99
    return Decimal(5).scaleb(int(exponent) - 1)


def _signs(figures: Figures) -> Iterator[str]:
    for name, value in vars(figures).items():
        if value is None or name in _ANY_SIGN:
            continue
        if name in _NEVER_POSITIVE and value > 0:
            yield f"{name} is {value}; what is taken up, removed or captured is zero or negative."
        if name not in _NEVER_POSITIVE and value < 0:
            yield f"{name} is {value}; it is zero or positive."


def _parts(record: Footprint) -> Iterator[str]:
    figures = record.figures
    if figures.land_management_fossil is not None and figures.land_management_fossil > figures.fossil:
        yield "Fossil emissions of land management are within the fossil ones and cannot be more than they."
    if figures.packaging is not None and not record.method.is_packaging_included:
        yield "A figure for packaging is given although packaging is said to be left out."
    parts = [one.contribution for one in record.contributions]
    if parts and sum(parts) != figures.footprint:
        yield f"The contributions sum to {sum(parts)}, not to the footprint {figures.footprint}."


def _unit(record: Footprint) -> Iterator[str]:
    product = record.product
    if product.amount <= 0:
        yield f"The declared amount is {product.amount}; it is more than zero."
    if product.mass_kg < 0:
        yield f"The mass per declared unit is {product.mass_kg} kg; it is zero or more."
    weighed = mass_kg(product.unit, product.amount)
    if weighed is not None and weighed != product.mass_kg:
        yield f"The declared unit is {product.amount} {product.unit}, its mass is told as {product.mass_kg} kg."


def _times(record: Footprint) -> Iterator[str]:
    scope = record.scope
    if scope.reference_from >= scope.reference_to:
        yield "The reference period ends before it begins."
        return
    begin, end = valid_period(record)
    if begin < scope.reference_to:
        yield "The validity period begins before the reference period has ended."
    if end <= begin:
        yield "The validity period ends before it begins."
    if end > years_later(scope.reference_to, VALID_YEARS):
        yield f"The validity period ends more than {VALID_YEARS} years after the reference period."


def _place(record: Footprint) -> Iterator[str]:
    scope = record.scope
    if len([place for place in (scope.region, scope.country, scope.subdivision) if place]) > 1:
        yield "Region, country and subdivision are alternatives; more than one is told."
    if scope.boundary not in {GATE, GRAVE}:
        yield f"The boundary {scope.boundary!r} is neither {GATE} nor {GRAVE}."


def _quality(record: Footprint) -> Iterator[str]:
    quality = record.quality
    for name in ("exempted_ratio", "primary_data_share_ratio", "coverage_ratio"):
        share = getattr(quality, name)
        if share is not None and not 0 <= share <= 1:
            yield f"{name} is {share}; it is a ratio from 0 to 1."
    for name in _RATINGS:
        rating = getattr(quality, name)
        if rating is not None and not 1 <= rating <= 5:
            yield f"The rating of {name} is {rating}; it is from 1 to 5."


def _standing(record: Footprint) -> Iterator[str]:
    if record.status not in {ACTIVE, DEPRECATED}:
        yield f"The status {record.status!r} is neither {ACTIVE} nor {DEPRECATED}."
    if record.record_id in record.preceding or len(set(record.preceding)) != len(record.preceding):
        yield "A footprint precedes itself, or one precedes it twice."
    for what, found in (("company", record.company.ids), ("product", record.product.ids)):
        if not found or not all(urn.lower().startswith("urn:") for urn in found):
            yield f"The {what} has no identifier that is a URN."
    if not record.method.gwp_sets or not record.method.standards:
        yield "The characterisation factors or the standards are not told."


def years_later(at: datetime, years: int) -> datetime:
    """Return the same instant of a later year; the 29th of February becomes the 28th."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)
