"""What a project is seen beside: levels of its product, emissions per product, and the budgets of the year."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from methods.benchmarks import grading
from methods.projects.effects import Change

Row = dict[str, Any]
_SIX = Decimal("0.000001")
#: Kilograms of standard coal in a tonne of it.
_THOUSAND = Decimal(1000)


def energy(told: Mapping[str, Any], change: Change | None, subject: Mapping[str, Any] | None) -> Row:
    """Return the indicator of a benchmark subject before and after, and where it stands against the levels.

    The whole project counts as inside the subject's boundary. `subject` is its latest row of energy.benchmarks_monthly
    with `year_output`, the output of the twelve months that its rolling figure is of.
    """
    names = ("energy_intensity_before", "energy_intensity_after", "energy_intensity_unit")
    found: Row = {"subject_id": told["subject_id"], **dict.fromkeys(names), **_position("before", None)}
    found |= {"subject_name_zh": None, "subject_name_en": None, "benchmark_level": None, "baseline_level": None}
    found |= _position("after", None)
    if subject is None:
        return found
    levels = subject["benchmark_level"], subject["baseline_level"]
    before, output = subject["rolling_actual"], subject["year_output"]
    found |= {
        "subject_name_zh": subject["subject_name_zh"],
        "subject_name_en": subject["subject_name_en"],
        "benchmark_level": levels[0],
        "baseline_level": levels[1],
        "energy_intensity_unit": subject["actual_unit"],
        "energy_intensity_before": before,
    }
    amount = _amount(change, str(subject["actual_unit"]))
    if before is None or not output:
        return found
    better = subject["better"]
    found |= _position("before", grading.position(before * output, levels, output, better))
    if amount is not None and change is not None and output + change.output > 0:
        new = output + change.output
        used = before * output + amount
        found["energy_intensity_after"] = six(used / new)
        found |= _position("after", grading.position(used, levels, new, better))
    return found


def _amount(change: Change | None, unit: str) -> Decimal | None:
    """Return the change in what the indicator counts; None where that is another thing."""
    if change is None:
        return None
    if unit.startswith("kgce/"):
        return None if change.tce_calorific is None else change.tce_calorific * _THOUSAND
    return change.kwh if unit.startswith("kWh/") else None


def emissions(told: Mapping[str, Any], change: Change | None, outputs: Mapping[tuple[str, str], Row]) -> Row:
    """Return the statutory emissions of the organisation per product, of the last twelve months, before and after."""
    product = told["product_id"]
    names = ("emissions_intensity_before", "emissions_intensity_after", "emissions_intensity_unit", "output_unit")
    found: Row = {"product_id": product, "output_change": change.output if change else None, **dict.fromkeys(names)}
    year = outputs.get((told["organization_id"], product or ""))
    if year is None or not year["quantity"]:
        return found
    tonnes, quantity = year["emissions_tco2e"], year["quantity"]
    found |= {
        "output_unit": year["quantity_unit"],
        "emissions_intensity_unit": year["intensity_unit"],
        "emissions_intensity_before": six(tonnes / quantity),
    }
    added = change.tco2e["statutory"] if change else None
    if change is not None and added is not None and quantity + change.output > 0:
        found["emissions_intensity_after"] = six((tonnes + added) / (quantity + change.output))
    return found


def budgets(change: Change | None, known: Mapping[tuple[str, str], Decimal], organization: str) -> Row:
    """Return the budgets of the year of the project's organisation, and the change as a share of them."""
    energy_budget = known.get((organization, "energy_calorific"))
    carbon_budget = known.get((organization, "emissions_statutory"))
    energy_change = change.tce_calorific if change else None
    carbon_change = change.tco2e["statutory"] if change else None
    return {
        "energy_budget_tce_calorific": energy_budget,
        "energy_budget_ratio": _share(energy_change, energy_budget),
        "carbon_budget_tco2e": carbon_budget,
        "carbon_budget_ratio": _share(carbon_change, carbon_budget),
    }


def _position(when: str, position: str | None) -> Row:
    zh, en = grading.POSITIONS[position] if position else (None, None)
    word = f"position_{when}"
    return {word: position, f"{word}_name_zh": zh, f"{word}_name_en": en}


def _share(amount: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if amount is None or not whole else six(amount / whole)


def six(amount: Decimal | None) -> Decimal | None:
    """Return an amount with the six places that a mart has."""
    return None if amount is None else amount.quantize(_SIX)
