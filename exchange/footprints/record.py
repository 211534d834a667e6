"""The one record of a product's footprint: every profile writes it, every parser gives it.

Figures are kgCO2e per declared unit, carbon contents kgC per declared unit, all Decimal; a figure that is not known is
None and is no zero. What must hold of a record stands in `identities`: a record of our own that breaks it cannot be
made, a partner's can, and says so in `broken`.
Source: PACT Technical Specifications 3.0.3, data model; names are the house's, the profiles have the wire names.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from lake.errors import FootprintError

ACTIVE, DEPRECATED = "Active", "Deprecated"
GATE, GRAVE = "cradle_to_gate", "cradle_to_grave"


@dataclass(frozen=True)
class Text:
    """What people read, in both languages; a partner's text is the same in both."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        """Let a missing language be the other one."""
        object.__setattr__(self, "zh", self.zh or self.en)
        object.__setattr__(self, "en", self.en or self.zh)

    def told(self, language: str) -> str:
        """Return it in `zh` or `en`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Company:
    """Whose footprint it is; the ids are URNs."""

    organization_id: str
    name: Text
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """What it is of; ids and classifications are URNs, the amount is in `unit`, the mass without packaging."""

    product_id: str
    name: Text
    description: Text
    ids: tuple[str, ...]
    classifications: tuple[str, ...]
    unit: str
    amount: Decimal
    mass_kg: Decimal


@dataclass(frozen=True)
class Scope:
    """Time (half open), place (at most one of the three; none is the world) and boundary."""

    reference_from: datetime
    reference_to: datetime
    boundary: str = GATE
    boundary_text: Text = Text("", "")
    region: str | None = None
    country: str | None = None
    subdivision: str | None = None


@dataclass(frozen=True)
class Figures:
    """Per declared unit. The footprint excludes what biomass took up; land-management fossil is within fossil."""

    footprint: Decimal
    including_uptake: Decimal
    fossil: Decimal
    land_use_change: Decimal | None = None
    land_leakage: Decimal | None = None
    land_management_fossil: Decimal | None = None
    land_management: Decimal | None = None
    land_management_removals: Decimal | None = None
    biogenic_non_co2: Decimal | None = None
    biogenic_uptake: Decimal | None = None
    technological_removals: Decimal | None = None
    capture: Decimal | None = None
    aircraft: Decimal | None = None
    packaging: Decimal | None = None
    outbound_logistics: Decimal | None = None
    fossil_carbon_kgc: Decimal | None = None
    biogenic_carbon_kgc: Decimal | None = None
    recycled_carbon_kgc: Decimal | None = None
    packaging_biogenic_carbon_kgc: Decimal | None = None
    land_area_m2: Decimal | None = None

    def times(self, factor: Decimal) -> "Figures":
        """Return them per another amount."""
        values = {name: value * factor for name, value in vars(self).items() if value is not None}
        return replace(self, **values)


@dataclass(frozen=True)
class Quality:
    """Shares are ratios 0..1; ratings are 1 (best) to 5, and cover that share of the footprint."""

    exempted_ratio: Decimal
    primary_data_share_ratio: Decimal | None = None
    technology: Decimal | None = None
    time: Decimal | None = None
    geography: Decimal | None = None
    completeness: Decimal | None = None
    reliability: Decimal | None = None
    coverage_ratio: Decimal | None = None


@dataclass(frozen=True)
class FactorSource:
    """A document or a database of secondary factors, with its edition."""

    name: str
    version: str


@dataclass(frozen=True)
class Rule:
    """Product or sector rules that were followed; the operator is PEF, EPD International, or the name of another."""

    operator: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """How it was reckoned."""

    gwp_sets: tuple[str, ...]
    standards: tuple[str, ...]
    allocation_text: Text = Text("", "")
    exempted_text: Text = Text("", "")
    sources: tuple[FactorSource, ...] = ()
    rules: tuple[Rule, ...] = ()
    uncertainty_text: Text = Text("", "")
    is_packaging_included: bool = False


@dataclass(frozen=True)
class Verification:
    """Who verified it, by which standard; nothing of it is claimed that is not told."""

    coverage: str | None = None
    provider: str | None = None
    completed_at: datetime | None = None
    standard: str | None = None
    comments: str | None = None


@dataclass(frozen=True)
class Contribution:
    """A part of the footprint; the parts of a record of our own sum to it to the last digit."""

    contributor: str
    name: Text
    stage: str
    process_id: str | None
    supplier_id: str | None
    gas: str | None
    kind_of_carbon: str
    contribution: Decimal
    is_primary: bool


@dataclass(frozen=True)
class Footprint:
    """The record. Instants are in UTC; the validity is half open, and three years where it is not told."""

    record_id: str
    version: int
    created_at: datetime
    company: Company
    product: Product
    scope: Scope
    figures: Figures
    quality: Quality
    method: Method
    status: str = ACTIVE
    preceding: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    comment: Text = Text("", "")
    verification: Verification | None = None
    contributions: tuple[Contribution, ...] = field(default=(), repr=False)
    is_own: bool = True
    has_sums: bool = True  # whether its format says which parts make up the totals; PACT 2 does not

    def __post_init__(self) -> None:
        """Raise FootprintError, one sentence for each rule, where a record of our own breaks what must hold."""
        if self.is_own and self.broken:
            raise FootprintError(f"footprint {self.record_id} of {self.product.product_id}: {' '.join(self.broken)}")

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """What does not hold, in sentences; nothing for a record of our own."""
        from exchange.footprints import identities

        return identities.broken(self)
