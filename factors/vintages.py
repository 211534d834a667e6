"""Versions of factors side by side: which there are, and which numbers differ between two of them.

A vintage is a set, with `@year` where it holds several years and `:publication` where a year was published again:
`MEE_2022_2024_guides`, `national_average@2023`, `national_average@2023:2026-11-02`. The subject names all its sets:
`grid_emission@2023`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from itertools import groupby
from typing import Any

from factors.dimensions import conversion
from lake.errors import FactorError, NengtanError

Row = Mapping[str, Any]
_NEVER = date.min


@dataclass(frozen=True)
class Vintage:
    """A set or subject, with its year and publication where they are named."""

    name: str
    year: int | None = None
    published_on: date | None = None

    def __str__(self) -> str:
        year = f"@{self.year}" if self.year else ""
        return f"{self.name}{year}" + (f":{self.published_on}" if self.published_on else "")

    def rows(self, numbers: Iterable[Row]) -> list[Row]:
        """Return its numbers; of a year that was published again those of the first publication.

        Raises FactorError where there are none.
        """
        named = [row for row in numbers if self.name in (row["factor_set"], row["subject"])]
        found = [
            row
            for row in named
            if (self.year is None or row["data_year"] == self.year)
            and (self.published_on is None or row["published_on"] == self.published_on)
        ]
        if not found:
            raise FactorError(_unknown(self, named, list(numbers)))
        first: dict[tuple[object, ...], Row] = {}
        for row in sorted(found, key=lambda row: (row["published_on"] or _NEVER, row["factor_id"])):
            first.setdefault((*_key(row), row["factor_set"], row["data_year"]), row)
        return list(first.values())


@dataclass(frozen=True)
class Change:
    """One number in two vintages; None where one of them lacks it. `b` is in the unit of `a` where it converts."""

    subject: str
    factor_key: str
    term: str
    a: Decimal | None
    b: Decimal | None
    unit: str
    factor_id_a: str | None
    factor_id_b: str | None
    confidence_a: str | None
    confidence_b: str | None

    @property
    def ratio(self) -> Decimal | None:
        """Return (b - a) / a, to six places."""
        if self.a is None or self.b is None or self.a == 0:
            return None
        return ((self.b - self.a) / self.a).quantize(Decimal("1e-6"))


def parse(text: str) -> Vintage:
    """Read `set[@year[:publication]]`; raises FactorError where year or day is none."""
    name, _, when = text.partition("@")
    year, _, published = when.partition(":")
    try:
        return Vintage(name, int(year) if year else None, date.fromisoformat(published) if published else None)
    except ValueError as cause:
        raise FactorError(f"'{text}' is no vintage; write SET, SET@2023 or SET@2023:2026-11-02") from cause


def listed(numbers: Iterable[Row]) -> list[dict[str, Any]]:
    """Return every vintage with what it holds: rows of the tables, numbers, and how many were seen in a document."""

    def vintage(row: Row) -> tuple[str, str, int, date]:
        return row["subject"], row["factor_set"], row["data_year"] or 0, row["published_on"] or _NEVER

    made = []
    first: dict[tuple[str, str, int], date] = {}
    for (subject, name, year, published), members in groupby(sorted(numbers, key=vintage), key=vintage):
        rows = list(members)
        again = first.setdefault((subject, name, year), published) != published
        made.append(
            {
                "subject": subject,
                "vintage": str(Vintage(name, year or None, published if again else None)),
                "published_on": None if published == _NEVER else published,
                "factors": len({row["factor_id"] for row in rows}),
                "numbers": len(rows),
                "verified": len({row["factor_id"] for row in rows if row["confidence"] == "verified"}),
                "sources": sorted({row["source_id"] for row in rows}),
            }
        )
    return made


def difference(numbers: Sequence[Row], a: Vintage, b: Vintage) -> list[Change]:
    """Return the numbers in which two vintages differ, and those that only one of them has."""
    old, new = ({_key(row): row for row in vintage.rows(numbers)} for vintage in (a, b))
    changes = [_change(old.get(key), new.get(key)) for key in sorted(old.keys() | new.keys())]
    return [change for change in changes if change.a != change.b]


def _key(row: Row) -> tuple[str, ...]:
    return row["subject"], row["factor_key"], row["gas"] or "", row["region"], row["property"]


def _change(old: Row | None, new: Row | None) -> Change:
    either = old or new
    assert either is not None, "a key comes from one of the two"
    value = new["value"] if new else None
    if old and new and old["unit"] != new["unit"]:
        value = _converted(new, old["unit"])
    return Change(
        subject=either["subject"],
        factor_key=either["factor_key"],
        term=either["property"],
        a=old["value"] if old else None,
        b=value,
        unit=either["unit"],
        factor_id_a=old["factor_id"] if old else None,
        factor_id_b=new["factor_id"] if new else None,
        confidence_a=old["confidence"] if old else None,
        confidence_b=new["confidence"] if new else None,
    )


def _converted(row: Row, unit: str) -> Decimal | None:
    try:
        factor = conversion(row["unit"], unit)
    except NengtanError:
        return None
    return None if factor is None else row["value"] * factor


def _unknown(vintage: Vintage, named: Sequence[Row], numbers: Sequence[Row]) -> str:
    if named:
        years = sorted({row["data_year"] for row in named if row["data_year"]})
        told = f"it has {', '.join(map(str, years))}" if years else "it has no years"
        return f"the library has no '{vintage}'; {told}"
    names = sorted({row["factor_set"] for row in numbers} | {row["subject"] for row in numbers})
    near = get_close_matches(vintage.name, names, 1)
    meant = f"did you mean '{near[0]}'? " if near else ""
    return f"the library has no set '{vintage.name}'; {meant}`nengtan factors list` names all"
