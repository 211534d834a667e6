"""Rows of the marts of the running month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from methods.budgets.course import Days
from methods.estimate import month
from methods.estimate.lines import NOTHING, Source, Told
from methods.estimate.month import Course, Total
from methods.estimate.tables import KEPT, STATES
from methods.forecast import conformal, months
from methods.forecast.known import Numbers

Row = dict[str, object]
#: Of past months that an interval needs, and whose errors a typical one is told of.
_LEAST = 3


@dataclass(frozen=True)
class Place:
    """The site: names of organisations, who is below whom, units of carriers, and budgets of months."""

    organizations: Mapping[str, Mapping[str, Any]]
    below: Mapping[str, set[str]]
    names: Mapping[tuple[str, str | None], Mapping[str, Any]]
    units: Mapping[tuple[str, str | None], str]
    budgets: Mapping[tuple[str, str, date], tuple[str, Decimal]]


@dataclass(frozen=True)
class Account:
    """One organisation's account: its columns of the course, its totals, and by whole month what it came to."""

    organization_id: str
    basis: str
    columns: Sequence[int]
    total: Total
    actual: Mapping[date, float]


def accounts(found: Course, told: Mapping[Source, Told], place: Place, today: date) -> list[Account]:
    """Return the accounts; an organisation with members is the sum of theirs, without what they sold each other."""
    made = []
    for organization in sorted(place.organizations):
        members = place.below.get(organization, set()) - {organization}
        for basis in sorted({one.basis for one in found.sources}):
            mine = [one for one in told if one.basis == basis and _counts(one, organization, members)]
            columns = [
                column
                for column, one in enumerate(found.sources)
                if one.basis == basis and _counts(one, organization, members)
            ]
            if not columns:
                continue
            known_from = months.following(min(min(told[one].months) for one in mine), 2)
            total = month.total(found, columns, known_from)
            made.append(Account(organization, basis, columns, total, _actual(mine, told, today)))
    return made


def _counts(source: Source, organization: str, members: set[str]) -> bool:
    return (
        source.organization_id in members and not source.is_internal
        if members
        else (source.organization_id == organization)
    )


def _actual(sources: Sequence[Source], told: Mapping[Source, Told], today: date) -> dict[date, float]:
    """Return the emissions of the whole months that have every kind of source that the month before had."""
    kinds: dict[date, set[tuple[str, str]]] = {}
    sums: dict[date, float] = {}
    for source in sources:
        for one in told[source].months:
            kinds.setdefault(one, set()).add((source.organization_id, source.source_category))
            sums[one] = sums.get(one, 0.0) + told[source].emissions(one)
    return {
        one: amount
        for one, amount in sums.items()
        if months.following(one) <= today + timedelta(1) and kinds[one] >= kinds.get(months.following(one, -1), set())
    }


def estimates(account: Account, first: date, today: date, place: Place) -> Iterator[Row]:
    """Yield the account as seen at the end of each day of this month and the last, and of some days of earlier ones."""
    expected = account.total.expected
    for number in range(len(expected)):
        day = first + timedelta(number)
        since = months.following(today.replace(day=1), -1)
        if (day >= since or day.day in KEPT) and isfinite(expected[number]):
            yield _estimate(account, first, number, today, place)


def _estimate(account: Account, first: date, number: int, today: date, place: Place) -> Row:
    day, total = first + timedelta(number), account.total
    of, guess = day.replace(day=1), float(account.total.expected[number])
    errors = month.past_errors(total.expected, account.actual, first, number)
    low, high = _bounds(errors)
    version, budget = place.budgets.get((account.organization_id, account.basis, of), (None, None))
    whole = months.following(of) - timedelta(1)
    actual = account.actual.get(of, NOTHING)
    chance = NOTHING
    if budget is not None and len(errors) >= _LEAST and guess > 0:
        chance = conformal.chance_above(errors, np.ones(len(errors)), float(budget) / guess - 1)
    measured, reckoned = float(total.measured[number]), float(total.reckoned[number])
    return {
        "as_of_date": day,
        **_names(account, place),
        "month": of,
        "days_left": (whole - day).days,
        "measured_tco2e": _number(measured),
        "reckoned_tco2e": _number(reckoned),
        "to_date_tco2e": _number(measured + reckoned),
        "expected_p10_tco2e": _number(guess * (1 + low)),
        "expected_p50_tco2e": _number(guess),
        "expected_p90_tco2e": _number(guess * (1 + high)),
        "estimated_ratio": _number(1 - measured / guess if guess else NOTHING),
        "actual_tco2e": _number(actual),
        "error_ratio": _number(guess / actual - 1 if actual else NOTHING),
        "typical_error_ratio": _number(float(np.median(np.abs(errors))) if len(errors) >= _LEAST else NOTHING),
        "tested_count": len(errors),
        "budget_version": version,
        "budget_tco2e": budget,
        "budget_ratio": _number(guess / float(budget) - 1 if budget else NOTHING),
        "breach_probability": _number(chance),
        "is_latest": day == today,
        "is_current_month": of == today.replace(day=1),
    }


def _bounds(errors: Numbers) -> tuple[float, float]:
    """Return the ends of the interval of 80 %, NaN where the past months are too few for it."""
    column = errors.reshape(-1, 1)
    if not len(errors):
        return NOTHING, NOTHING
    return float(conformal.quantile(column, conformal.LOW)[0]), float(conformal.quantile(column, conformal.HIGH)[0])


def sources(found: Course, days: Days, account: Account, today: date, place: Place) -> Iterator[Row]:
    """Yield the sources of an account by day: this month to its end, as it is expected, and the month before."""
    begin = max((months.following(today.replace(day=1), -1) - found.first).days, 0)
    for column in account.columns:
        of = _of_source(found, account, column, place)
        state = "measured" if found.is_measured[column] else "reckoned"
        amounts = np.nan_to_num(days.amounts[:, found.drivers[column]])
        for number in range(begin, len(found.day)):
            cell = _cell(state, float(amounts[number]), float(found.rate[number, column]))
            yield from _of_day(found.first + timedelta(number), today, of, cell)
        rate = float(found.rate[-1, column])
        for ahead, tonnes in enumerate(found.ahead[:, column]):
            cell = _cell("expected", float(tonnes / rate) if rate else 0.0, rate)
            yield from _of_day(today + timedelta(ahead + 1), today, of, cell)


def _of_source(found: Course, account: Account, column: int, place: Place) -> Row:
    source = found.sources[column]
    unit = place.units.get((source.energy_unit_id, source.carrier))
    return {
        **_names(account, place),
        "source_category": source.source_category,
        "carrier": source.carrier,
        "member_id": source.organization_id,
        "is_internal": source.is_internal,
        **place.names.get((source.source_category, source.carrier), {}),
        "quantity_unit": unit if found.is_measured[column] else "tce",
    }


def _cell(state: str, amount: float, rate: float) -> Row:
    if not isfinite(rate):
        return {}
    return {
        "state": state,
        "state_name_zh": STATES[state][0],
        "state_name_en": STATES[state][1],
        "quantity": _number(amount),
        "factor_tco2e_per_unit": Decimal(f"{rate:.12f}"),
        "emissions_tco2e": _number(amount * rate),
    }


def _of_day(day: date, today: date, of: Row, cell: Row) -> Iterator[Row]:
    """Yield the row of a source's day, none where the source has no rate then."""
    if cell:
        month_of = day.replace(day=1)
        yield {
            **of,
            **cell,
            "local_date": day,
            "month": month_of,
            "is_current_month": month_of == today.replace(day=1),
        }


def _names(account: Account, place: Place) -> Row:
    told = place.organizations[account.organization_id]
    return {
        "organization_id": account.organization_id,
        "organization_name_zh": told["organization_name_zh"],
        "organization_name_en": told["organization_name_en"],
        "organization_level": told["level"],
        "basis": account.basis,
    }


def _number(value: float) -> Decimal | None:
    """Return a reckoned number with the digits that it is told with, None where there is none."""
    return Decimal(f"{value:.6f}") if isfinite(value) else None
