"""Values as the profiles write them and read them: decimals as texts, instants in UTC, sums and places."""

from collections.abc import Mapping
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


def figures_for(record: Footprint) -> tuple[str, Figures]:
    """Return PACT's unit of a record and its figures per that unit.

    Raises FootprintError for a unit that PACT cannot be told.
    """
    found = PACT.get(record.product.unit)
    if found is None:
        units = ", ".join(PACT)
        raise FootprintError(f"{record.product.product_id}: the unit {record.product.unit!r} is none of {units}")
    unit, size = found
    return unit, record.figures if size == 1 else record.figures.times(1 / size)


def mass_for(record: Footprint) -> Decimal:
    """Return the mass per declared unit after its unit became PACT's."""
    size = PACT[record.product.unit][1]
    return record.product.mass_kg if size == 1 else record.product.mass_kg / size


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
