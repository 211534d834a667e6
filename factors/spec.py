"""The declared shape of the factor tables, read from tables.yaml."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyarrow as pa
from ruamel.yaml import YAML

TABLES_FILE = Path(__file__).with_name("tables.yaml")

#: Ten decimal places hold every printed factor; eight places before the point the largest, kJ per tonne.
DECIMAL = pa.decimal128(18, 10)
_ARROW = {"decimal": DECIMAL, "integer": pa.int32(), "date": pa.date32(), "boolean": pa.bool_()}


@dataclass(frozen=True)
class Kind:
    """The type of a column and whether a cell may be blank."""

    name: str
    required: bool

    @property
    def arrow(self) -> pa.DataType:
        """Return the Arrow type; whatever is not a number, date or boolean is text."""
        return _ARROW.get(self.name, pa.string())


@dataclass(frozen=True)
class Numbers:
    """Which numbers of a row can be compared: the set they belong to, what they are for, each with its unit."""

    subject: str
    set: str
    key: list[str]
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """One factor table: its columns and what is checked about them."""

    name: str
    key: str
    columns: dict[str, Kind]
    enums: dict[str, list[str]]
    series: list[str] = field(default_factory=list)
    ranges: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    dimensions: dict[str, list[str]] = field(default_factory=dict)
    arithmetic: str | None = None
    numbers: Numbers | None = None

    @property
    def schema(self) -> pa.Schema:
        """Return the Arrow schema of the table."""
        return pa.schema(
            [pa.field(name, kind.arrow, nullable=not kind.required) for name, kind in self.columns.items()]
        )


@cache
def tables() -> dict[str, Table]:
    """Return the declared tables by name."""
    document = YAML(typ="safe").load(TABLES_FILE)
    made = {}
    for name, entry in document["tables"].items():
        columns = dict(entry["columns"])
        if entry.get("tail", True):
            columns |= document["tail"]
        made[name] = Table(
            name=name,
            key=entry["key"],
            columns={column: Kind(kind.rstrip("!"), kind.endswith("!")) for column, kind in columns.items()},
            enums=document["enums"],
            series=entry.get("series", []),
            ranges={c: (Decimal(str(low)), Decimal(str(high))) for c, (low, high) in entry.get("ranges", {}).items()},
            dimensions=entry.get("dimensions", {}),
            arithmetic=entry.get("arithmetic"),
            numbers=Numbers(**entry["numbers"]) if "numbers" in entry else None,
        )
    return made
