"""From the inputs of the lines, as the mart has them, to the uncertainty of lines, scopes and totals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from methods.reconciliation import accuracy
from methods.uncertainty.budget import Budget, Input, Line
from methods.uncertainty.draws import Column, Sampler, interval

Row = Mapping[str, Any]
_NUMBER, _SHARE = pa.decimal128(18, 6), pa.float64()

#: Accounts, and the rows that each is made of.
ACCOUNTS = {"location": ("all", "location"), "market": ("all", "market"), "statutory": ("statutory",)}
PARTS = {
    "total": ("合计", "total", None),
    "scope_1": ("范围一", "scope 1", 1),
    "scope_2": ("范围二", "scope 2", 2),
}

LINES = pa.schema(
    [
        pa.field("year", pa.int32(), nullable=False),
        *[
            pa.field(name, pa.string(), nullable=False)
            for name in ("organization_id", "line_id", "basis", "source_category", "gas", "carrier", "method_term")
        ],
        pa.field("scope", pa.int32(), nullable=False),
        pa.field("factor_id", pa.string()),
        pa.field("is_internal", pa.bool_(), nullable=False),
        pa.field("emissions_tco2e", _NUMBER, nullable=False),
        *[pa.field(name, _SHARE) for name in ("activity_u95_ratio", "factor_u95_ratio", "u95_ratio")],
        pa.field("u95_tco2e", _NUMBER),
        pa.field("is_activity_known", pa.bool_(), nullable=False),
        pa.field("is_factor_known", pa.bool_(), nullable=False),
        pa.field("rests_on_recalled", pa.bool_(), nullable=False),
    ]
)

TOTALS = pa.schema(
    [
        pa.field("year", pa.int32(), nullable=False),
        *[
            pa.field(name, pa.string(), nullable=False)
            for name in ("organization_id", "organization_name_zh", "organization_name_en")
        ],
        pa.field("organization_level", pa.int32(), nullable=False),
        *[pa.field(name, pa.string(), nullable=False) for name in ("basis", "part", "part_name_zh", "part_name_en")],
        pa.field("emissions_tco2e", _NUMBER, nullable=False),
        pa.field("covered_tco2e", _NUMBER, nullable=False),
        *[
            pa.field(name, _NUMBER)
            for name in ("u95_tco2e", "p025_tco2e", "p500_tco2e", "p975_tco2e", "activity_u95_tco2e")
        ],
        *[
            pa.field(name, _SHARE)
            for name in ("u95_ratio", "covered_ratio", "activity_covered_ratio", "factor_covered_ratio")
        ],
        *[
            pa.field(name, pa.int32(), nullable=False)
            for name in ("line_count", "covered_count", "input_count", "recalled_count", "draws_count")
        ],
    ]
)


def lines(inputs: Sequence[Row]) -> dict[tuple[int, str, str], tuple[Row, Line]]:
    """Return the lines by (year, organisation, line id), each with one of its rows."""
    grouped: defaultdict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for row in inputs:
        grouped[row["year"], row["organization_id"], row["line_id"]].append(row)
    return {key: (rows[0], _line(rows)) for key, rows in sorted(grouped.items())}


def _line(rows: Sequence[Row]) -> Line:
    activity = [(row, _input(row)) for row in rows if row["input_kind"] != "factor"]
    factor = [_input(row) for row in rows if row["input_kind"] == "factor"]
    return Line(
        rows[0]["line_id"],
        float(rows[0]["emissions_tco2e"]),
        tuple((one, float(row["share_ratio"])) for row, one in activity if one),
        tuple(one for one in factor if one),
        is_activity_known=all(one for _, one in activity),
        is_factor_known=all(factor),
    )


def _input(row: Row) -> Input | None:
    key = f"{row['input_kind']}:{row['input_id']}"
    if row["input_kind"] == "meter":
        limits = accuracy.limit(row["accuracy_class"])
        return None if limits is None else Input(key, limits, limits, is_bounded=True)
    if row["low_ratio"] is None or row["high_ratio"] is None:
        return None
    return Input(key, float(row["low_ratio"]), float(row["high_ratio"]))


def line_rows(found: Mapping[tuple[int, str, str], tuple[Row, Line]], recalled: set[tuple[int, str, str]]) -> pa.Table:
    """Return the uncertainty of each line; a part of it that is not known is empty, and so is the whole then."""
    records = []
    for key, (row, line) in found.items():
        activity = _relative(Line("", 1.0, activity=line.activity)) if line.is_activity_known else None
        factor = _relative(Line("", 1.0, factor=line.factor)) if line.is_factor_known else None
        whole = _relative(Line("", 1.0, line.activity, line.factor)) if line.is_covered else None
        records.append(
            {name: row[name] for name in LINES.names if name in row}
            | {
                "activity_u95_ratio": activity,
                "factor_u95_ratio": factor,
                "u95_ratio": whole,
                "u95_tco2e": None if whole is None else _tonnes(whole * abs(line.emissions_tco2e)),
                "is_activity_known": line.is_activity_known,
                "is_factor_known": line.is_factor_known,
                "rests_on_recalled": key in recalled,
            }
        )
    return pa.Table.from_pylist(records, schema=LINES)


def total_rows(
    found: Mapping[tuple[int, str, str], tuple[Row, Line]],
    recalled: set[tuple[int, str, str]],
    organizations: Sequence[Row],
    sampler: Sampler,
) -> pa.Table:
    """Return the uncertainty of each organisation and park, by year, account and scope.

    organizations: organization_id, member_id (itself too), name_zh, name_en, level. A park leaves trade inside out.
    """
    named = {row["organization_id"]: row for row in organizations}
    above: defaultdict[str, list[str]] = defaultdict(list)
    for row in organizations:
        above[row["member_id"]].append(row["organization_id"])
    totals: defaultdict[tuple[str, int, str, str], Total] = defaultdict(Total)
    for key, (row, line) in sorted(found.items(), key=lambda one: (one[0][1], one[0])):
        drawn = sampler.line(line)
        for organization in above[row["organization_id"]]:
            if row["is_internal"] and organization != row["organization_id"]:
                continue
            for basis, accounts in ACCOUNTS.items():
                for part, (_, _, scope) in PARTS.items():
                    if row["basis"] in accounts and scope in (None, row["scope"]):
                        total = totals[organization, row["year"], basis, part]
                        total.add(row["emissions_tco2e"], line, drawn, is_recalled=key in recalled)
    records = [
        {
            "year": year,
            "organization_id": organization,
            "organization_name_zh": named[organization]["name_zh"],
            "organization_name_en": named[organization]["name_en"],
            "organization_level": named[organization]["level"],
            "basis": basis,
            "part": part,
            "part_name_zh": PARTS[part][0],
            "part_name_en": PARTS[part][1],
            "draws_count": sampler.draws,
            **total.record(),
        }
        for (organization, year, basis, part), total in sorted(totals.items(), key=lambda one: one[0])
    ]
    return pa.Table.from_pylist(records, schema=TOTALS)


class Total:
    """The lines of a total, added one by one, with the sum of the draws of those that are covered."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._emissions = Decimal(0)
        self._covered = Decimal(0)
        self._drawn: Column = np.zeros(1)
        self._recalled = 0

    def add(self, emissions: Decimal, line: Line, drawn: Column, *, is_recalled: bool) -> None:
        """Take a line with its tonnes to the last digit and its draws."""
        self._lines.append(line)
        self._emissions += emissions
        self._recalled += is_recalled
        if line.is_covered:
            self._covered += emissions
            self._drawn = self._drawn + drawn

    def record(self) -> dict[str, Any]:
        """Return both propagations' results; without a covered line there are none."""
        whole = Budget(tuple(self._lines))
        covered = Budget(tuple(line for line in self._lines if line.is_covered))
        activity = Budget(tuple(replace(line, factor=()) for line in self._lines if line.is_activity_known))
        wide = covered.u95_tco2e()
        low, middle, high = interval(self._drawn, (0.025, 0.5, 0.975))
        known = {
            "u95_tco2e": _tonnes(wide),
            "p025_tco2e": _tonnes(low),
            "p500_tco2e": _tonnes(middle),
            "p975_tco2e": _tonnes(high),
            "u95_ratio": wide / abs(float(self._covered)) if self._covered else None,
        }
        return {
            "emissions_tco2e": self._emissions,
            "covered_tco2e": self._covered,
            **(known if covered.lines else dict.fromkeys(known)),
            "activity_u95_tco2e": _tonnes(activity.u95_tco2e()) if activity.lines else None,
            "covered_ratio": whole.covered_ratio(),
            "activity_covered_ratio": whole.covered_ratio("is_activity_known"),
            "factor_covered_ratio": whole.covered_ratio("is_factor_known"),
            "line_count": len(self._lines),
            "covered_count": len(covered.lines),
            "input_count": len(covered.inputs),
            "recalled_count": self._recalled,
        }


def _relative(line: Line) -> float:
    return Budget((line,)).u95_tco2e()


def _tonnes(number: float) -> Decimal:
    return Decimal(f"{number:.6f}")
