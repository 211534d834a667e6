"""What columns, marts and clauses mean: the pages of lake/columns and lake/clauses as values."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lake import pages
from lake.errors import NengtanError
from lake.units import units

COLUMNS_DIR = Path(__file__).with_name("columns")
CLAUSES_DIR = Path(__file__).with_name("clauses")


@dataclass(frozen=True)
class Column:
    """One column of a mart: what it is in both languages, its unit, the rule it follows, why it is sensitive."""

    name: str
    zh: str
    en: str
    unit: str | None
    unit_column: str | None
    clause: str | None
    sensitive: str | None = None


@dataclass(frozen=True)
class Mart:
    """One mart: what a row is and its columns in order."""

    schema: str
    table: str
    model: str
    zh: str
    en: str
    grain: tuple[str, ...]
    clauses: tuple[str, ...]
    bi: bool
    bi_days: int | None
    columns: tuple[Column, ...]
    grade: str

    @property
    def name(self) -> str:
        """Return `schema.table`."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Clause:
    """One rule of a standard, with what was seen of it."""

    key: str
    standard: str
    edition: str
    zh: str
    en: str
    equation: str
    locator: str
    confidence: str
    status: str
    terms: dict[str, str] = field(default_factory=dict)


@cache
def marts() -> dict[str, Mart]:
    """Return every described mart by `schema.table`."""
    pages = {path.stem: _read(path)["columns"] for path in COLUMNS_DIR.glob("[a-z]*.yaml")}
    return {
        name: _mart(name, entry, pages.get("common", {}) | pages.get(name.split(".")[0], {}))
        for name, entry in _read(COLUMNS_DIR / "_marts.yaml")["marts"].items()
    }


@cache
def clauses() -> dict[str, Clause]:
    """Return every clause by `<standard page>.<key>`."""
    found = {}
    for path in sorted(CLAUSES_DIR.glob("*.yaml")):
        page = _read(path)
        for key, entry in page["clauses"].items():
            name = f"{path.stem}.{key}"
            found[name] = Clause(key=name, standard=page["standard"], edition=page["edition"], **entry)
    return found


def unit_of(column: str) -> str | None:
    """Return the unit that the end of a column's name says, or None; the longest suffix counts."""
    words = column.removesuffix("_calorific").removesuffix("_equivalent") if "_tce_" in column else column
    named = {unit.suffix: unit.name for unit in units().values() if unit.suffix}
    fitting = [suffix for suffix in named if words.endswith(f"_{suffix}")]
    return named[max(fitting, key=len)] if fitting else None


def _mart(name: str, entry: dict[str, Any], described: dict[str, dict[str, str]]) -> Mart:
    schema, table = name.split(".")
    return Mart(
        schema=schema,
        table=table,
        model=entry.get("model", table),
        zh=entry["zh"],
        en=entry["en"],
        grain=tuple(entry["grain"]),
        clauses=tuple(entry["clause"]),
        bi=entry["bi"],
        bi_days=entry.get("bi_days"),
        columns=tuple(_column(column, table, described) for column in entry["columns"]),
        grade=entry["grade"],
    )


def _column(name: str, table: str, described: dict[str, dict[str, str]]) -> Column:
    entry = described.get(f"{table}.{name}") or described.get(name)
    if entry is None:
        raise NengtanError(f"column '{name}' of {table} is not described; add it to a page of lake/columns")
    return Column(
        name=name,
        zh=entry["zh"],
        en=entry["en"],
        unit=entry.get("unit") or unit_of(name),
        unit_column=entry.get("unit_column"),
        clause=entry.get("clause"),
        sensitive=entry.get("sensitive"),
    )


def _read(path: Path) -> dict[str, Any]:
    page: dict[str, Any] = pages.page(path)
    return page
