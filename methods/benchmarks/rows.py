"""The rows of energy.benchmarks_monthly: each subject and month beside the levels that hold for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from methods.benchmarks import grading, levels, words
from methods.benchmarks.boundary import Boundaries, Inside, together
from methods.benchmarks.fault import NoLevelError
from methods.benchmarks.levels import Levels, Library
from methods.benchmarks.tables import BENCHMARKS

Row = dict[str, Any]
_ONE = Decimal(1)
_WORTH = ("gap_tce_calorific", "gap_cny")


@dataclass(frozen=True)
class Plant:
    """What all subjects are looked at with: months that are whole, the boundaries, the library, sure or recalled."""

    months: Sequence[date]
    boundaries: Boundaries
    library: Library
    energy_confidence: Mapping[tuple[date, str], str]


def of_products(subject: Row, head: Row, plant: Plant) -> Iterable[Row]:
    """Yield the rows of a product or process: the month's own, and the twelve months that end with it."""
    before: list[Inside] = []
    for month in plant.months:
        inside = plant.boundaries.of(subject["subject_id"], month)
        before = [*before[-11:], inside]
        rolling = together(before)
        held = levels.on(month, subject["levels"], plant.library, subject["unit"], subject["inputs"])
        row = _head(subject, head, month, held) | {
            "actual": None if inside.fault else inside.amount / inside.output,
            "output": inside.output or None,
            "output_unit": subject["unit"].partition("/")[2],
            "rolling_months_count": len(before),
            "rolling_actual": None if rolling.fault else rolling.amount / rolling.output,
            "missing_ratio": inside.missing_ratio,
        }
        if not inside.fault:
            row |= _graded("", inside.amount, inside.output, held) | _gaps(inside, held, row["actual"])
        if not rolling.fault:
            row |= _graded("rolling_", rolling.amount, rolling.output, held)
            row |= _ratios(row["rolling_actual"], held)
            told = _gaps(rolling, held, row["rolling_actual"])
            row |= {f"rolling_{name}": told.get(name) for name in _WORTH}
        fault = NoLevelError(inside.fault) if inside.fault else held.fault
        sure = plant.energy_confidence.get((month, subject["energy_unit_id"])) if "kWh" not in subject["unit"] else None
        yield _finished(row, fault, held, sure)


def of_device(subject: Row, head: Row, energy: Mapping[date, Inside], plant: Plant) -> Iterable[Row]:
    """Yield the rows of a device from the month it was installed in: what its plate says beside the levels.

    What the best level would have saved is that of each month by the standard of that month.
    """
    actual = subject["efficiency"]
    saved: list[Row] = []
    for month in plant.months:
        if subject["installed_on"] is not None and subject["installed_on"].replace(day=1) > month:
            continue
        held = levels.on(month, subject["levels"], plant.library, subject["unit"], subject["inputs"])
        row = _head(subject, head, month, held) | {"actual": actual, "rolling_actual": actual}
        fault = held.fault
        if actual is None:
            fault = NoLevelError("no_efficiency")
        else:
            for prefix in ("", "rolling_"):
                row |= _graded(prefix, actual, _ONE, held)
            row |= _ratios(actual, held) | _saved(actual, held, energy.get(month), subject["unit"])
            saved = [*saved[-11:], row]
            row |= {f"rolling_{name}": _sum(one[name] for one in saved) for name in _WORTH}
            if row.get("grade"):
                row["is_below_access"] = row["grade"] == "beyond_3"
        yield _finished(row, fault, held, None)


def ranked(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with the place of each among the like units of its month, the one that needs least first."""
    found = list(rows)
    groups: dict[tuple[Any, Any], list[Row]] = {}
    for row in found:
        if row["rank_group"] and row["rolling_actual"] is not None:
            groups.setdefault((row["month"], row["rank_group"]), []).append(row)
    for group in groups.values():
        for row in group:
            row["rank"] = 1 + sum(other["rolling_actual"] < row["rolling_actual"] for other in group)
            row["rank_count"] = len(group)
    return found


def _head(subject: Row, head: Row, month: date, held: Levels) -> Row:
    kind = words.KINDS[subject["subject_kind"]]
    return dict.fromkeys(BENCHMARKS.names) | {
        **head,
        "month": month,
        "subject_kind": subject["subject_kind"],
        "subject_kind_name_zh": kind[0],
        "subject_kind_name_en": kind[1],
        "subject_id": subject["subject_id"],
        "subject_name_zh": subject["name_zh"],
        "subject_name_en": subject["name_en"] or subject["name_zh"],
        "actual_unit": subject["unit"],
        "gap_unit": subject["unit"],
        "benchmark_level": held.benchmark,
        "baseline_level": held.baseline,
        "limit_1": held.limits[0],
        "limit_2": held.limits[1],
        "limit_3": held.limits[2],
        "standard": "; ".join(held.standards) or None,
        "better": held.better,
        "is_counted": subject["is_counted"],
        "rank_group": subject["rank_group"],
        "reason": subject["reason"],
    }


def _graded(prefix: str, amount: Decimal, output: Decimal, held: Levels) -> Row:
    grade = grading.grade(amount, held.limits, output, held.better)
    position = grading.position(amount, (held.benchmark, held.baseline), output, held.better)
    row: Row = {f"{prefix}grade": grade, f"{prefix}position": position}
    for name, code, told in (("grade", grade, grading.GRADES), ("position", position, grading.POSITIONS)):
        if code:
            row |= {f"{prefix}{name}_name_{language}": told[code][at] for at, language in enumerate(("zh", "en"))}
    return row


def _gaps(inside: Inside, held: Levels, actual: Decimal) -> Row:
    """Return how far from the best and from the limit, and what the way to the best is in energy and money.

    A gap is positive where the level is missed. Beyond the best there is nothing to save: the gap in tce and CNY is 0.
    """
    row = _distances(actual, held)
    gap = row.get("gap")
    if gap is None:
        return row
    if not inside.amount:
        return row
    share = max(gap, Decimal(0)) * inside.output / inside.amount
    return row | {
        "gap_tce_calorific": abs(share) * abs(inside.energy_tce),
        "gap_cny": share * inside.cost_cny if share >= 0 else None,
    }


def _saved(actual: Decimal, held: Levels, energy: Inside | None, unit: str) -> Row:
    """Return what a device of the best level would have saved of the energy its unit used in the month.

    A loss in kW is that of every hour; `energy.output` are then the hours and its amount the electricity in kWh.
    """
    row = _distances(actual, held)
    best = held.best
    if best is None or energy is None or not actual:
        return row
    if unit == "kW":
        if not energy.amount or not energy.output:
            return row
        share = max(actual - best, Decimal(0)) * energy.output / energy.amount
    else:
        need = best / actual if held.better == "lower" else actual / best
        share = max(_ONE - need, Decimal(0))
    return row | {"gap_tce_calorific": share * energy.energy_tce, "gap_cny": share * energy.cost_cny}


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _distances(actual: Decimal, held: Levels) -> Row:
    sign = 1 if held.better == "lower" else -1
    return {
        name: None if level is None else (actual - level) * sign
        for name, level in (("gap", held.best), ("limit_gap", held.limit))
    }


def _ratios(actual: Decimal, held: Levels) -> Row:
    """Return the energy needed, and that which the limit allows, as a share of what the best needs; none below zero."""
    best, limit = held.best, held.limit
    if best is None or best <= 0 or actual <= 0:
        return {}
    lower = held.better == "lower"
    row: Row = {"best_ratio": actual / best if lower else best / actual}
    if limit is not None and limit > 0:
        row["limit_ratio"] = limit / best if lower else best / limit
    return row


def _finished(row: Row, fault: NoLevelError | None, held: Levels, energy_confidence: str | None) -> Row:
    if held.confidences:
        row["level_confidence"] = min(held.confidences)  # recalled sorts before verified
        row["confidence"] = min([*held.confidences, *([energy_confidence] if energy_confidence else [])])
    if fault is not None:
        zh, en = words.REASONS[fault.code]
        row |= {
            "null_reason": fault.code,
            "null_reason_name_zh": f"{zh}：{fault.zh}" if fault.zh else zh,
            "null_reason_name_en": f"{en}: {fault.en}" if fault.en else en,
        }
    return row
