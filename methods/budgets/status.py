"""How each budget stands by month: the version in force, the amount, the year to date, and where the year lands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import isfinite

from methods.budgets import versions
from methods.budgets.versions import Line
from methods.forecast import landing
from methods.forecast.landing import Landing
from methods.forecast.outlook import Seen

Row = dict[str, object]
_MONTHS = 12


@dataclass(frozen=True)
class Budgeted:
    """One thing that is budgeted: its names (the first columns of the marts), its unit and what every version says.

    actual: by month the amount so far and whether the month is whole; seen: by month how its year looked then.
    """

    names: Mapping[str, object]
    unit: str | None
    lines: tuple[Line, ...]
    actual: Mapping[date, tuple[Decimal, bool]]
    seen: Mapping[date, Seen]


def rows(thing: Budgeted, today: date, tested: tuple[float, int]) -> Iterable[Row]:
    """Yield a row for each month of the years that a version names; `tested` is the back-test of the landings."""
    for year in sorted({line.month.year for line in thing.lines}):
        yield from _of_year(thing, year, today, tested)


def _of_year(thing: Budgeted, year: int, today: date, tested: tuple[float, int]) -> Iterable[Row]:
    months = [date(year, number, 1) for number in range(1, _MONTHS + 1)]
    now, drafts = versions.in_force(thing.lines, today), versions.drafts(thing.lines, today)
    whole = [month in thing.actual and thing.actual[month][1] for month in months]
    truth = sum((thing.actual[month][0] for month in months), Decimal(0)) if all(whole) else None
    for place, month in enumerate(months):
        so_far = months[: place + 1]
        line, draft, seen = now.get(month), drafts.get(month), thing.seen.get(month)
        actual, is_complete = thing.actual.get(month, (None, False))
        budget = line.quantity if line else None
        budget_to_date = _sum(now[one].quantity if one in now else None for one in so_far)
        reached = None if actual is None else _sum(thing.actual.get(one, (None, False))[0] for one in so_far)
        known = versions.in_force(thing.lines, seen.on) if seen else now
        year_budget = _sum(known[one].quantity if one in known else None for one in months)
        lands = seen.landing if seen else None
        yield {
            **thing.names,
            "year": year,
            "month": month,
            "budget_version": line.version if line else None,
            "budget": budget,
            "approved_by": line.approved_by if line else None,
            "approved_on": line.approved_on if line else None,
            "reason": line.reason if line else None,
            "draft_version": draft.version if draft else None,
            "draft_budget": draft.quantity if draft else None,
            "actual": actual,
            "actual_unit": thing.unit,
            "is_complete": is_complete,
            "deviation": _less(actual, budget) if is_complete else None,
            "deviation_ratio": _ratio(actual, budget) if is_complete else None,
            "budget_to_date": budget_to_date,
            "actual_to_date": reached,
            "deviation_to_date": _less(reached, budget_to_date) if all(whole[: place + 1]) else None,
            "year_budget": year_budget,
            "as_of_date": seen.on if seen else None,
            **_landing(lands),
            "landing_actual": truth,
            "landing_deviation": _less(_number(lands.p50) if lands else None, year_budget),
            "landing_deviation_ratio": _ratio(_number(lands.p50) if lands else None, year_budget),
            "breach_probability": _chance(seen, year_budget),
            "landing_coverage_ratio": _number(tested[0]),
            "landing_test_count": tested[1],
            **_path(thing, month, reached, today),
            "is_latest": month == today.replace(day=1),
            "is_current_year": year == today.year,
        }


def _landing(found: Landing | None) -> Row:
    if found is None:
        return dict.fromkeys(("landing_p10", "landing_p50", "landing_p90"))
    return {f"landing_{name}": _number(getattr(found, name)) for name in ("p10", "p50", "p90")}


def _path(thing: Budgeted, month: date, reached: Decimal | None, today: date) -> Row:
    """Return where the year stands at the end of the month: what was, or the interval of what is expected."""
    current = thing.seen.get(today.replace(day=1))
    if current and month in current.path:
        return {f"to_date_{name}": _number(getattr(current.path[month], name)) for name in ("p10", "p50", "p90")}
    return dict.fromkeys(("to_date_p10", "to_date_p50", "to_date_p90"), reached)


def _chance(seen: Seen | None, budget: Decimal | None) -> Decimal | None:
    if seen is None or budget is None:
        return None
    return _number(landing.chance_above(seen.landing, float(budget), seen.errors))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum, None where any part is missing."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _less(amount: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if amount is None or other is None else amount - other


def _ratio(amount: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return by what share of a budget an amount is above it; None where there is nothing to be a share of."""
    if amount is None or not other:
        return None
    return ((amount - other) / abs(other)).quantize(Decimal("0.000001"))


def _number(value: float) -> Decimal | None:
    """Return a reckoned number with the digits that it is told with, None where there is none."""
    return Decimal(f"{value:.4f}") if isfinite(value) else None
