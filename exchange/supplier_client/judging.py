"""Judges a supplier's footprint before a person looks at it: what cannot be used is refused, what is odd is told.

Pure. A refusal is one sentence in each language; a doubt stands in the comment of the row that waits for review.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from exchange.footprints import identities
from exchange.footprints.record import ACTIVE, Footprint
from exchange.supplier_client.wanted import Wanted
from lake.errors import NengtanError
from lake.units import conversion

#: An answer that is so many times more or less than what it is compared with is told to the reviewer.
ODD = Decimal(3)
#: The version that states which figures add up to which; before it a difference is told, not refused.
_WITH_SUMS = 3


@dataclass(frozen=True)
class Said:
    """One sentence in both languages."""

    zh: str
    en: str


class UnusableError(NengtanError):
    """A supplier's footprint that cannot be used, with the reason."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep both sentences."""
        super().__init__(en)
        self.said = Said(zh, en)


@dataclass(frozen=True)
class Judged:
    """A footprint that may be used once a person approved it: its figure per unit of the material, and doubts."""

    per_unit_kgco2e: Decimal
    doubts: tuple[Said, ...]


def judge(record: Footprint, wanted: Wanted, version: int, spec_version: str, now: datetime) -> Judged:
    """Return what a record is worth for a material; raises UnusableError where it cannot stand for it."""
    if spec_version.partition(".")[0] != str(version):
        raise UnusableError(
            f"规范版本为 {spec_version}，约定为 {version}.x", f"is of version {spec_version}, not {version}.x"
        )
    if wanted.product_identifier not in record.product.ids:
        told = ", ".join(record.product.ids)[:200]
        raise UnusableError(f"是 {told} 的足迹，不是所问产品", f"is of {told}, not of {wanted.product_identifier}")
    faults = identities.contradictions(record) or (identities.differences(record) if version >= _WITH_SUMS else ())
    if faults:
        raise UnusableError(f"自相矛盾：{faults[0]}", f"contradicts itself: {faults[0]}")
    if record.status != ACTIVE:
        raise UnusableError("供应商已将其停用", "was deprecated by the supplier")
    _, end = identities.valid_period(record)
    if end <= now:
        raise UnusableError(f"有效期已于 {end:%Y-%m-%d} 结束", f"was valid until {end:%Y-%m-%d}")
    per_unit = figure_per_unit(record, wanted.unit)
    return Judged(per_unit, tuple(_doubts(record, wanted, per_unit, now)))


def figure_per_unit(record: Footprint, unit: str) -> Decimal:
    """Return kgCO2e per unit of the material; by the mass of the declared unit where only that converts.

    Raises UnusableError where the two units have nothing in common.
    """
    product = record.product
    for declared, amount in ((product.unit, product.amount), ("kg", product.mass_kg)):
        factor = factor_between(declared, unit)
        if factor is not None and amount > 0:
            return record.figures.footprint / (amount * Decimal(factor.numerator) / Decimal(factor.denominator))
    zh = f"按 {product.unit} 申报，无法换算为 {unit}"
    raise UnusableError(zh, f"is per {product.unit}, which does not convert into {unit}")


def factor_between(unit: str, other: str) -> Fraction | None:
    """Return what one of a unit is in another; None where they have nothing in common."""
    try:
        return conversion(unit, other)
    except NengtanError:
        return None


def _doubts(record: Footprint, wanted: Wanted, per_unit: Decimal, now: datetime) -> Iterator[Said]:
    for zh, en, other in (
        ("次级数据", "the secondary value", wanted.compared.secondary),
        ("上一次答复", "the answer before", wanted.compared.previous),
    ):
        if other is None or other <= 0:
            continue
        ratio = per_unit / other
        if ratio > ODD or ratio * ODD < 1:
            yield Said(
                f"每 {wanted.unit} {_plain(per_unit)} kgCO2e，是{zh}（{_plain(other)}）的 {_plain(ratio)} 倍",
                f"{_plain(per_unit)} kgCO2e per {wanted.unit} is {_plain(ratio)} times {en} ({_plain(other)})",
            )
    if per_unit <= 0:
        yield Said("足迹为零或负值", "the footprint is zero or negative")
    begin, _ = identities.valid_period(record)
    if begin > now:
        yield Said(f"自 {begin:%Y-%m-%d} 起才有效", f"is valid from {begin:%Y-%m-%d} only")
    if record.quality.primary_data_share_ratio is None:
        yield Said("未说明初级数据占比", "the share of primary data is not told")
    for sentence in record.broken:
        yield Said(sentence, sentence)


def _plain(value: Decimal) -> str:
    return f"{float(value):.4g}"
