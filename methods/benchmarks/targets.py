"""Energy-saving targets of a year: what was reached, and the points of each part by the rule that the site names."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from methods.benchmarks import words
from methods.benchmarks.tables import ASSESSMENT

Row = dict[str, Any]
_WHOLE_YEAR = 12


def assessed(targets: Iterable[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return a row for each target, and one for the total of each unit and year that several parts are scored of.

    A target has `actual`, `actual_unit`, `months_count` and the names of its place beside the columns of targets.csv.
    """
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for step in sorted(steps, key=lambda row: (row["rule"], row["place"])):
        rules.setdefault(step["rule"], []).append(step)
    parts = [_part(target, rules) for target in targets]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for part in parts:
        groups.setdefault((part["year"], part["organization_id"], part["energy_unit_id"]), []).append(part)
    scored = [group for group in groups.values() if sum(bool(row["rule"]) for row in group) > 1]
    totals = [_total(group, rules["result"]) for group in scored]
    return [*parts, *totals]


def _part(target: Mapping[str, Any], rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> Row:
    names = words.INDICATORS[target["indicator"], target["basis"]]
    row = dict.fromkeys(ASSESSMENT.names) | {name: target[name] for name in ASSESSMENT.names if name in target}
    row |= {"indicator_name_zh": names[0], "indicator_name_en": names[1], "target_unit": target["unit"]}
    if target["rule"] == "told":
        score = target["value"]
        row |= {"target": target["full_score"], "actual": score, "outcome_name_zh": "人工评定"}
        return row | {"outcome_name_en": "scored by a person"} | _points(score, target["full_score"])
    row |= {"target": target["value"], "cumulative_target": target["cumulative_value"]}
    if target["actual"] is not None and target["actual_unit"] == target["unit"]:
        row |= _reached(target)
    fault = _fault(target)
    if fault:
        return row | _without(fault)
    step = next(step for step in rules[target["rule"]] if _holds(step, row))
    row |= {f"outcome_name_{language}": step[f"name_{language}"] for language in ("zh", "en")}
    return row | _points(target["full_score"] * step["points"] / step["full_points"], target["full_score"])


def _reached(target: Mapping[str, Any]) -> Row:
    actual, most, planned = target["actual"], target["value"], target["cumulative_value"]
    return {
        "deviation_ratio": actual / most - 1 if most else None,
        "annual_met": actual <= most,
        "cumulative_met": None if planned is None else actual <= planned,
    }


def _fault(target: Mapping[str, Any]) -> str | None:
    """Return why a target cannot be scored."""
    asked = {
        "no_actual": target["actual"] is None,
        "unit_differs": target["actual_unit"] != target["unit"],
        "year_not_over": target["months_count"] < _WHOLE_YEAR,
        "no_rule": not target["rule"] or target["full_score"] is None,
        "no_cumulative": target["rule"] == "unit_energy" and target["cumulative_value"] is None,
    }
    return next((code for code, holds in asked.items() if holds), None)


def _holds(step: Mapping[str, Any], row: Row) -> bool:
    """Return whether a step is what happened: both answers as it asks, and no further beyond the target."""
    for name in ("annual_met", "cumulative_met"):
        if step[name] is not None and step[name] != row[name]:
            return False
    most = step["exceeded_to_ratio"]
    return most is None or row["actual"] <= row["target"] * (1 + most)


def _points(score: Decimal, full: Decimal | None) -> Row:
    return {"score": score, "full_score": full, "score_ratio": score / full if full else None}


def _without(code: str) -> Row:
    zh, en = words.UNSCORED[code]
    return {"null_reason": code, "null_reason_name_zh": zh, "null_reason_name_en": en}


def _total(parts: Sequence[Row], grades: Sequence[Mapping[str, Any]]) -> Row:
    """Return the total of a unit's year: the points, and the grade they make out of a hundred.

    A unit whose intensity reached neither the year's nor the cumulative target has not met its targets, whatever
    its points: the veto of the assessment rules.
    """
    scored = [part for part in parts if part["rule"]]
    row = dict.fromkeys(ASSESSMENT.names) | {name: scored[0][name] for name in ASSESSMENT.names[:8]}
    zh, en = words.INDICATORS["total", None]
    row |= {"indicator": "total", "indicator_name_zh": zh, "indicator_name_en": en, "target_unit": "points"}
    full = sum((part["full_score"] or Decimal(0) for part in scored), Decimal(0))
    if any(part["score"] is None for part in scored) or not full:
        return row | {"full_score": full} | _without("part_missing")
    score: Decimal = sum((part["score"] for part in scored), Decimal(0))
    row |= _points(score, full)
    missed = any(part["annual_met"] is False and part["cumulative_met"] is False for part in scored)
    found = grades[-1] if missed else next(grade for grade in grades if score * 100 >= grade["points"] * full)
    result = found["step_id"].removeprefix("result-")
    row |= {f"outcome_name_{language}": found[f"name_{language}"] for language in ("zh", "en")}
    return row | {"result": result, "result_name_zh": found["name_zh"], "result_name_en": found["name_en"]}
