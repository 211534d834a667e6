"""A judged answer as a row of supplier_footprints.csv that waits for review, in the unit of the material."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from exchange.footprints import identities
from exchange.footprints.record import Figures, Footprint
from exchange.supplier_client.judging import Judged, factor_between
from exchange.supplier_client.wanted import Wanted

_PARTS = (
    *("fossil", "land_use_change", "land_management", "land_management_removals", "biogenic_non_co2"),
    *("biogenic_uptake", "technological_removals", "capture", "aircraft", "packaging"),
)
_COMMENT = 2000
#: As many as the file has.
_DECIMALS = 6


@dataclass(frozen=True)
class Received:
    """Where and when an answer was received: the payload's name, and the site's clock."""

    voucher: str
    at: datetime
    zone: ZoneInfo


def row_of(record: Footprint, wanted: Wanted, judged: Judged, received: Received) -> dict[str, str]:
    """Return the answer as a row; its comment tells the doubts. Parts that do not make up the whole are left out."""
    unit, amount, figures = _declared(record, wanted.unit)
    quality, scope, zone = record.quality, record.scope, received.zone
    begin, end = identities.valid_period(record)
    values: dict[str, object] = {
        "organization_id": wanted.organization_id,
        "supplier_id": wanted.supplier_id,
        "material": wanted.material,
        "declared_unit": unit,
        "declared_amount": amount,
        "footprint_kgco2e": figures.footprint,
        **({} if identities.differences(record) else _parts(figures)),
        "primary_data_share_ratio": quality.primary_data_share_ratio,
        "dqr_technology": quality.technology,
        "dqr_time": quality.time,
        "dqr_geography": quality.geography,
        "boundary": scope.boundary,
        "reference_from": day(scope.reference_from, zone),
        "reference_to": day(scope.reference_to, zone),
        "valid_from": day(begin, zone),
        "valid_to": day(end, zone),
        "status": "active",
        "received_on": received.at.astimezone(zone).date(),
        "channel": "pact",
        "way": "result",
        "record_id": record.record_id,
        "preceding_ids": ";".join(record.preceding) or None,
        "verifier": record.verification.provider if record.verification else None,
        "geography": scope.subdivision or scope.country or scope.region,
        "comment": _comment(record, judged) or None,
        "voucher": received.voucher,
        "source": f"PACT {record.product.ids[0]}",
    }
    return {name: _text(value) for name, value in values.items() if value is not None}


def day(at: datetime, zone: ZoneInfo) -> date:
    """Return the local day whose midnight is nearest: partners write bounds in UTC, and an end as 23:59:59."""
    return (at.astimezone(zone) + timedelta(hours=12)).date()


def _declared(record: Footprint, unit: str) -> tuple[str, Decimal, Figures]:
    """Return unit, amount and figures: in the material's unit where the figures stay exact, else as declared."""
    product, figures = record.product, record.figures
    factor = factor_between(product.unit, unit)
    if factor is None:  # it was judged: the mass converts
        return "kg", product.mass_kg, figures
    inverse = 1 / factor
    if product.unit == unit or not _is_decimal(inverse):
        return product.unit, product.amount, figures
    return unit, product.amount, figures.times(Decimal(inverse.numerator) / Decimal(inverse.denominator))


def _parts(figures: Figures) -> dict[str, object]:
    parts = {f"{name}_kgco2e": getattr(figures, name) for name in _PARTS}
    return {"footprint_including_uptake_kgco2e": figures.including_uptake, **parts}


def _is_decimal(value: Fraction) -> bool:
    """Whether a fraction has an end when it is written as a decimal."""
    left = value.denominator
    for prime in (2, 5):
        while left % prime == 0:
            left //= prime
    return left == 1


def _comment(record: Footprint, judged: Judged) -> str:
    own = record.comment.zh.strip()
    told = [f"{doubt.zh} / {doubt.en}" if doubt.zh != doubt.en else doubt.en for doubt in judged.doubts]
    return "；".join([*told, *([own] if own else [])])[:_COMMENT]


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{round(value, _DECIMALS):f}"
    return str(value)
