"""Values as the profiles write them and read them: decimals as texts, instants in UTC, sums and places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from exchange.footprints.record import Figures, Footprint, Text, Verification
from exchange.footprints.units import HOUSE, PACT
from lake.errors import FootprintError


class ProfileError(FootprintError):
    """A document does not have the shape of its format; `faults` has one sentence for each thing that is wrong."""

    def __init__(self, what: str, faults: tuple[str, ...]) -> None:
        """Keep the sentences beside the whole."""
        super().__init__(f"{what}: {' '.join(faults)}")
        self.faults = faults


def text(value: Decimal) -> str:
    """Return a decimal as a text without an exponent; zero has no sign."""
    return f"{abs(value) if value == 0 else value:f}"


def amount(value: Decimal) -> str:
    """Return an amount as a text without zeros at its end."""
    return text(value.normalize())


def instant(at: datetime) -> str:
    """Return an instant in UTC, to the second unless it has parts of one."""
    told = at.astimezone(UTC)
    return told.isoformat(timespec="microseconds" if told.microsecond else "seconds").replace("+00:00", "Z")


def read_instant(value: str) -> datetime:
    """Return the instant that a document tells."""
    return datetime.fromisoformat(value.upper()).astimezone(UTC)


def read_decimal(document: Mapping[str, Any], name: str) -> Decimal | None:
    """Return a decimal of a document, as a text or a JSON number; None where it is not there."""
    value = document.get(name)
    return None if value is None else Decimal(str(value))


def needed(document: Mapping[str, Any], name: str) -> Decimal:
    """Return a decimal that the shape makes sure of."""
    return Decimal(str(document[name]))


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without what is not known, empty lists included."""
    return {name: value for name, value in document.items() if value is not None and value != []}


@dataclass(frozen=True)
class Declared:
    """What a record is declared for in PACT's units, the mass of that, and the figures of it."""

    unit: str
    amount: Decimal
    mass_kg: Decimal
    figures: Figures


def declared(record: Footprint) -> Declared:
    """Return a record in PACT's units; what has none, such as a gas at a reference state, is told by its mass.

    Raises FootprintError for a unit that PACT cannot be told, of something without a mass.
    """
    product, figures = record.product, record.figures
    found = PACT.get(product.unit)
    if found is None and product.mass_kg:
        return Declared("kilogram", product.mass_kg, product.mass_kg, figures)
    if found is None:
        units = ", ".join(PACT)
        raise FootprintError(f"{product.product_id}: the unit {product.unit!r} is none of {units}, and no mass is told")
    unit, size = found
    if size == 1:
        return Declared(unit, product.amount, product.mass_kg, figures)
    return Declared(unit, product.amount, product.mass_kg / size, figures.times(1 / size))


def house_unit(unit: str) -> str:
    """Return the house's unit for PACT's."""
    return HOUSE[unit]


def decimal_texts(figures: Figures, names: Mapping[str, str]) -> dict[str, str | None]:
    """Return figures under the names of a format; a figure that is not known stays unknown."""
    values = {wire: getattr(figures, own) for own, wire in names.items()}
    return {wire: None if value is None else text(value) for wire, value in values.items()}


def both(value: object) -> Text:
    """Return a partner's text, the same in both languages."""
    return Text(str(value or ""), str(value or ""))


def words(value: Text, language: str) -> str | None:
    """Return a text in a language; None where there is none."""
    return value.told(language) or None


def verification_of(document: Mapping[str, Any] | None) -> Verification | None:
    """Read who verified it."""
    if not document:
        return None
    completed = document.get("completedAt")
    return Verification(
        coverage=document.get("coverage"),
        provider=document.get("providerName"),
        completed_at=read_instant(completed) if completed else None,
        standard=document.get("standardName"),
        comments=document.get("comments"),
    )
