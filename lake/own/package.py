"""A method package as a value, and the statement that the accounting runs of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lake.vocabulary import Clause

#: What lines.sql may read, with the columns of each; the models give the same names to what the site really has.
RELATIONS = {
    "activity": "month date, organization_id varchar, item varchar, side varchar, activity decimal(18, 6), "
    "activity_unit varchar",
    "measured": "organization_id varchar, item varchar, property varchar, value decimal(18, 9), factor_id varchar, "
    "confidence varchar, valid_from date, valid_to date",
    "organizations": "organization_id varchar, guideline varchar",
    "own_parameters": "package varchar, parameter varchar, factor_id varchar, value decimal(18, 10), unit varchar, "
    "confidence varchar",
}
#: What lines.sql returns: activity x numerator / denominator is the mass of the gas.
COLUMNS = {
    "month": "date",
    "organization_id": "string",
    "item": "string",
    "activity": "decimal(18, 6)",
    "activity_unit": "string",
    "numerator": "decimal(24, 6)",
    "denominator": "decimal(24, 6)",
    "factor_id": "string",
    "factor_confidence": "string",
}


@dataclass(frozen=True)
class Item:
    """A material or gas that activity.csv may name where the package is in force."""

    item: str
    name_zh: str
    name_en: str
    unit: str


@dataclass(frozen=True)
class Parameter:
    """A number of the method itself, with the document it was read in."""

    parameter: str
    value: Decimal
    unit: str
    source: str
    confidence: str
    url: str | None = None


@dataclass(frozen=True)
class Package:
    """A method that takes on items of guidelines; `digest` is that of its two files."""

    id: str
    version: str
    vendor: str
    zh: str
    en: str
    gas: str
    clause: Clause
    takes: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    parameters: tuple[Parameter, ...]
    cases: tuple[Mapping[str, Any], ...] = field(repr=False)
    sql: str = field(repr=False)
    digest: str

    @property
    def method(self) -> str:
        """The name under which guideline items and lines carry it."""
        return f"own_{self.id}"

    def factor_id(self, parameter: str) -> str:
        """Return the id that a parameter has in the factor base."""
        return f"own-{self.id}-{parameter}"

    @property
    def statement(self) -> str:
        """The package's query on its own parameters, in the types of the accounting."""
        typed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in COLUMNS.items())
        return (
            "with parameters as (select parameter, factor_id, value, unit, confidence from own_parameters "
            f"where package = '{self.id}'), own as (\n{self.sql}\n) select {typed} from own"
        )

    def variable(self) -> dict[str, str]:
        """Return what the models are told of it."""
        return {
            "clause": self.clause.key,
            "confidence": self.clause.confidence,
            "gas": self.gas,
            "statement": self.statement,
        }
