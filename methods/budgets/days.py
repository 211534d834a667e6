"""The rows of energy.forecast_daily: the next four weeks, and the last eight as they were expected a week before."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from math import isfinite

import numpy as np

from methods.budgets.course import Days
from methods.budgets.status import Budgeted, Row
from methods.forecast import daily, known, regression

_LOOKING_BACK = 8


def rows(found: Sequence[Budgeted], days: Days) -> Iterable[Row]:
    """Yield the rows of every budgeted thing but emissions; `found` are the first series of `days`, in order."""
    origins = daily.origins(days.count)
    if not origins:
        return
    expected = days.expected(origins, daily.HORIZON)
    naive = regression.seasonal_naive(days.usable, origins, daily.HORIZON)
    actual = regression.after(days.usable, origins, daily.HORIZON)
    tested = daily.tested(expected, naive, actual)
    for series, thing in enumerate(found):
        stops = known.has_stop(days.columns[days.keys[series].energy_unit_id])
        for place in range(max(0, len(origins) - 1 - _LOOKING_BACK), len(origins)):
            for ahead in range(daily.HORIZON if place == len(origins) - 1 else daily.WEEK):
                cell, week = (place, series, ahead), (series, ahead // daily.WEEK)
                if not np.isfinite(expected[cell]):
                    continue
                day = origins[place] + ahead
                yield {
                    "local_date": days.first + timedelta(days=day),
                    **thing.names,
                    "origin_date": days.first + timedelta(days=origins[place] - 1),
                    "days_ahead": ahead + 1,
                    "p10": _number(tested.low[cell]),
                    "p50": _number(tested.middle[cell]),
                    "p90": _number(tested.high[cell]),
                    "seasonal_naive": _number(naive[cell]),
                    "actual": _number(actual[cell]),
                    "actual_unit": thing.unit,
                    "is_planned_stop": bool(stops[day]),
                    "backtest_coverage": _number(tested.coverage[week]),
                    "backtest_error": _number(tested.error[week]),
                    "backtest_naive_error": _number(tested.naive_error[week]),
                    "backtest_days": int(tested.days[week]),
                }


def _number(value: float) -> Decimal | None:
    return Decimal(f"{value:.4f}") if isfinite(value) else None
