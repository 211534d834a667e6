"""The levels that hold for a subject on a day: of its rows those whose standard is in force, with its corrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from methods.benchmarks import pumps
from methods.benchmarks.fault import NoLevelError
from methods.benchmarks.grading import Level

Row = Mapping[str, Any]
_ONE = Decimal(1)
_SEA_LEVEL_PA, _AIR = Decimal(101325), (Decimal("1.179"), Decimal("0.211"))


@dataclass(frozen=True)
class Levels:
    """What a subject is compared with; `fault` says why there are no limits 1 to 3."""

    limits: tuple[Level, Level, Level] = (None, None, None)
    benchmark: Level = None
    baseline: Level = None
    better: str = "lower"
    standards: tuple[str, ...] = ()
    confidences: tuple[str, ...] = ()
    fault: NoLevelError | None = None

    @property
    def best(self) -> Level:
        """The benchmark level 标杆, or level 1 where there is none."""
        return self.benchmark if self.benchmark is not None else self.limits[0]

    @property
    def limit(self) -> Level:
        """The worst that is allowed: level 3, or the baseline level 基准 where there is none."""
        return self.limits[2] if self.limits[2] is not None else self.baseline


@dataclass(frozen=True)
class Library:
    """The rows of the factor library by their ids: levels of products and devices, editions, corrections, pumps."""

    levels: Mapping[str, Row] = field(default_factory=dict)
    standards: Mapping[str, Row] = field(default_factory=dict)
    corrections: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    pumps: Mapping[str, Row] = field(default_factory=dict)

    def edition(self, row: Row) -> Row | None:
        """Return the edition that a row belongs to: its standard, or the list of benchmark levels by its name."""
        return self.standards.get(str(row["edition"]))


def on(day: date, ids: Sequence[str], library: Library, unit: str, inputs: Mapping[str, str]) -> Levels:
    """Return what holds on a day for a subject that names these rows, in the subject's unit.

    Of several editions of limits the one in force that began last counts.
    """
    if not ids:
        return Levels(fault=NoLevelError("no_level_named"))
    fault: NoLevelError | None = None
    found: list[tuple[date, Row]] = []
    for level_id in ids:
        row = library.levels.get(level_id)
        if row is None:
            fault = NoLevelError("unknown_level", level_id, level_id)
            continue
        edition = library.edition(row)
        if edition is not None and _holds(edition, day):
            found.append((edition["valid_from"], row))
    graded = [pair for pair in found if any(row_level is not None for row_level in _printed(pair[1]))]
    listed = [pair for pair in found if pair not in graded]
    levels = Levels(fault=fault or NoLevelError("no_standard_in_force"))
    if graded:
        levels = _limits(max(graded, key=lambda pair: pair[0])[1], library, unit, inputs)
    for _, row in listed:
        if row["unit"] == unit:
            levels = _with_list(levels, row, library)
    return levels


def _holds(edition: Row, day: date) -> bool:
    return edition["valid_from"] <= day and (edition["valid_to"] is None or day < edition["valid_to"])


def _printed(row: Row) -> tuple[Level, Level, Level]:
    return row["level_1"], row["level_2"], row["level_3"]


def _limits(row: Row, library: Library, unit: str, inputs: Mapping[str, str]) -> Levels:
    standards = (str(row["standard"]),)
    try:
        limits, confidences = corrected(_printed(row), library.corrections.get(row["level_id"], ()), inputs)
        if row["level_id"] in library.pumps:
            limits = pumps.efficiencies(library.pumps[row["level_id"]], _printed(row), inputs)
        if row["unit"] != unit:
            raise NoLevelError("unit_differs", str(row["unit"]), str(row["unit"]))
    except NoLevelError as fault:
        return Levels(better=row["better"], standards=standards, fault=fault)
    edition = library.edition(row)
    assert edition is not None, "it is in force"
    told = (row["confidence"], edition["confidence"], *confidences)
    return Levels(limits, None, None, row["better"], standards, told)


def _with_list(levels: Levels, row: Row, library: Library) -> Levels:
    edition = library.edition(row)
    assert edition is not None, "it is in force"
    return Levels(
        levels.limits,
        row["benchmark_level"],
        row["baseline_level"],
        levels.better,
        (*levels.standards, str(edition["standard"])),
        (*levels.confidences, row["confidence"], edition["confidence"]),
        levels.fault,
    )


def corrected(
    limits: tuple[Level, Level, Level], corrections: Sequence[Row], inputs: Mapping[str, str]
) -> tuple[tuple[Level, Level, Level], tuple[str, ...]]:
    """Return the limits with the standard's corrections in their order, and how sure these are.

    Raises NoLevelError where an input is missing, is no number, or the correction is not reckoned here.
    """
    for correction in sorted(corrections, key=lambda row: row["place"]):
        names = correction["name_zh"], correction["name_en"]
        if correction["kind"] == "not_implemented":
            raise NoLevelError("correction_not_implemented", *names)
        if correction["input"] not in inputs:
            raise NoLevelError("missing_input", *names)
        limits = tuple(  # type: ignore[assignment]
            None if limit is None else _correct(limit, place, correction, inputs)
            for place, limit in enumerate(limits, start=1)
        )
    return limits, tuple(correction["confidence"] for correction in corrections)


def _correct(limit: Decimal, place: int, correction: Row, inputs: Mapping[str, str]) -> Decimal:
    kind, told = correction["kind"], inputs[correction["input"]]
    coefficient = correction[f"coefficient_{place}"]
    if kind == "needed":
        return limit
    if kind in ("where", "times_where"):
        if told != correction["choice"]:
            return limit
        return Decimal(limit + coefficient if kind == "where" else limit * coefficient)
    value = _number(told, correction)
    if kind == "altitude":
        return limit * _thin_air(value, correction, inputs) if place == 3 else limit
    if kind == "per_unit":
        return limit + Decimal(coefficient * (value - correction["base"]))
    below = min(correction["most"], max(Decimal(0), correction["base"] - value))
    return limit + Decimal(coefficient * below)


def _thin_air(altitude_m: Decimal, correction: Row, inputs: Mapping[str, str]) -> Decimal:
    """GB 16780-2021 5.3 formula (1): above 1,500 m, by the pressure of the air in Pa."""
    if altitude_m <= correction["base"]:
        return _ONE
    if "pressure_pa" not in inputs:
        raise NoLevelError("missing_input", "环境大气压（Pa）", "pressure of the air in Pa")
    return _AIR[0] - _AIR[1] * _number(inputs["pressure_pa"], correction) / _SEA_LEVEL_PA


def _number(told: str, correction: Row) -> Decimal:
    try:
        return Decimal(told)
    except InvalidOperation:
        raise NoLevelError("missing_input", correction["name_zh"], correction["name_en"]) from None
