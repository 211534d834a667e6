"""Tries a method package in an empty database of its own: is it one query, does it return lines, do its tests pass.

The database has nothing but the relations of a package, and neither files nor a network can be reached from it: a
package is data that runs, and what it cannot reach here it cannot reach in the accounting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

from lake.own.package import COLUMNS, RELATIONS, Package

_EXACT = ("DECIMAL", "INTEGER", "BIGINT", "HUGEINT", "SMALLINT", "TINYINT")
_NUMBERS = ("activity", "numerator", "denominator")
_DEFAULTS: dict[str, Any] = {
    "organization_id": "works",
    "month": date(2025, 3, 1),
    "side": "consumed",
    "activity_unit": "t",
    "factor_id": "measured",
    "confidence": "measured",
    "valid_from": date(1, 1, 1),
    "valid_to": date(9999, 12, 31),
}
_FACTOR, _MASS = Decimal("1e-12"), Decimal("1e-6")


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a package: in which of its files, where, and the sentence."""

    file: str
    where: str
    message: str


def complaint(package: Package) -> Complaint | None:
    """Return the first thing that keeps a package from being used; none where its own tests pass."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "threads": "1",
        "lock_configuration": "true",
    }
    with duckdb.connect(":memory:", config=settings) as con:
        for name, columns in RELATIONS.items():
            con.execute(f"create table {name} ({columns})")
        try:
            return _shape(con, package) or next(_failing(con, package), None)
        except duckdb.Error as cause:
            return Complaint("lines.sql", "sql", " ".join(str(cause).split("\n\n")[0].split()))
        except (AttributeError, ArithmeticError, KeyError, TypeError) as cause:
            message = f"cannot be read ({cause!r}), rows and lines are maps with an item"
            return Complaint("method.yaml", "tests", message)


def _shape(con: duckdb.DuckDBPyConnection, package: Package) -> Complaint | None:
    statements = con.extract_statements(package.sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return Complaint("lines.sql", "sql", "must be one SELECT and nothing else")
    whole = package.statement.rpartition(") select ")[0] + ") select * from own"
    kinds = {str(row[0]): str(row[1]) for row in con.execute(f"describe {whole}").fetchall()}
    missing = [name for name in COLUMNS if name not in kinds]
    if missing:
        return Complaint("lines.sql", missing[0], f"is not returned, a line has {', '.join(COLUMNS)}")
    rough = [name for name in _NUMBERS if not kinds[name].startswith(_EXACT)]
    if rough:
        return Complaint("lines.sql", rough[0], f"is {kinds[rough[0]]}, declared numbers are decimals: do not divide")
    return None


def _failing(con: duckdb.DuckDBPyConnection, package: Package) -> Iterator[Complaint]:
    for number, case in enumerate(package.cases, start=1):
        for name in RELATIONS:
            con.execute(f"delete from {name}")
        _fill(con, "organizations", [{"guideline": package.takes[0][0]}])
        _fill(con, "activity", case["activity"])
        _fill(con, "measured", case.get("measured") or [])
        _fill(con, "own_parameters", list(_parameters(package)))
        found = sorted(map(str, _lines(con, package, case["lines"])))
        wanted = sorted(str(_expected(line)) for line in case["lines"])
        if found != wanted:
            told = f"test {number} ({case['says']}) returns {'; '.join(found) or 'no line'}"
            yield Complaint("method.yaml", "tests", f"{told}, expected {'; '.join(wanted)}")


def _parameters(package: Package) -> Iterator[dict[str, Any]]:
    for one in package.parameters:
        yield {
            **{name: getattr(one, name) for name in ("parameter", "value", "unit", "confidence")},
            "package": package.id,
            "factor_id": package.factor_id(one.parameter),
        }


def _fill(con: duckdb.DuckDBPyConnection, relation: str, rows: list[Mapping[str, Any]]) -> None:
    names = [column.split()[0] for column in RELATIONS[relation].split(", ") if column[0].isalpha()]
    for row in rows:
        values = [row.get(name, _DEFAULTS.get(name)) for name in names]
        con.execute(f"insert into {relation} values ({', '.join('?' * len(values))})", values)


def _lines(
    con: duckdb.DuckDBPyConnection, package: Package, wanted: list[Mapping[str, Any]]
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield item, factor and mass of each line, at the digits that the expected line of the item prints."""
    digits = {str(line["item"]): line for line in wanted}
    query = f"select item, activity, numerator, denominator from ({package.statement})"
    for item, activity, numerator, denominator in con.execute(query).fetchall():
        printed = digits.get(str(item), {})
        factor = None
        if numerator is not None and denominator:
            factor = (Decimal(numerator) / Decimal(denominator)).quantize(_FACTOR, ROUND_HALF_UP)
        mass = None if factor is None else (factor * activity).quantize(_MASS, ROUND_HALF_UP)
        yield str(item), _at(factor, printed.get("factor")), _at(mass, printed.get("emissions_t"))


def _expected(line: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    texts = [None if line.get(name) is None else str(line[name]) for name in ("factor", "emissions_t")]
    return str(line["item"]), texts[0], texts[1]


def _at(value: Decimal | None, printed: object) -> str | None:
    if value is None or printed is None:
        return None if value is None else str(value)
    return str(value.quantize(Decimal(str(printed)), ROUND_HALF_UP))
