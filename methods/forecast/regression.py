"""A regression of daily amounts on what is known of each day, seen from several days of the past at once.

Least squares with weights that halve in a year and a small ridge; what the last four weeks were above or below it is
carried on and halves every four weeks. Nothing later than the day it is seen from enters a forecast.
"""

import numpy as np

from methods.forecast.known import SEASONAL, Numbers

#: Days after which a day weighs half; of the recent deviation, days that it is measured on and halves in.
_MEMORY = 365
RECENT = 28
#: The ridge on each column, and the wall that keeps the season out until a whole year is known.
_RIDGE, _CONSTANT, _SEASON, _WALL = 0.1, 1e-9, 10.0, 1e12
#: Known days that a forecast needs.
LEAST = 28
Origins = list[int]


def forecast(values: Numbers, known: Numbers, origins: Origins, horizon: int) -> Numbers:
    """Return what each series was expected to be after each origin: origins × series × horizon days.

    `values` is days × series in any unit, NaN where a day is not known; `known` has at least days + horizon rows of the
    same first day. An origin is the number of days that are known then. NaN where a series has fewer than 28 days.
    """
    found = np.full((len(origins), values.shape[1], horizon), np.nan)
    seen: dict[bytes, list[int]] = {}
    for series in range(values.shape[1]):
        seen.setdefault(np.isfinite(values[:, series]).tobytes(), []).append(series)
    for together in seen.values():  # series known on the same days share their matrices
        found[:, together] = _together(values[:, together], known, origins, horizon)
    return found


def _together(values: Numbers, known: Numbers, origins: Origins, horizon: int) -> Numbers:
    days = len(values)
    is_known = np.isfinite(values[:, 0])
    filled = np.where(is_known[:, None], values, 0.0)
    weights = is_known * 2.0 ** ((np.arange(days) - days) / _MEMORY)
    rows = known[:days]
    left = np.cumsum(np.einsum("d,di,dj->dij", weights, rows, rows), axis=0)
    right = np.cumsum(np.einsum("d,di,ds->dis", weights, rows, filled), axis=0)
    counts = np.concatenate([[0], np.cumsum(is_known)])
    found = np.full((len(origins), values.shape[1], horizon), np.nan)
    for place, origin in enumerate(origins):
        if counts[origin] < LEAST:
            continue
        scale = 2.0 ** ((days - origin + 1) / _MEMORY)
        ridge = np.full(known.shape[1], _RIDGE)
        ridge[0] = _CONSTANT
        ridge[-SEASONAL:] = _SEASON if counts[origin] >= _MEMORY else _WALL
        slopes = np.linalg.solve(left[origin - 1] * scale + np.diag(ridge), right[origin - 1] * scale)
        recent = slice(max(0, origin - RECENT), origin)
        deviation = (values[recent] - known[recent] @ slopes)[is_known[recent]]
        carried = np.median(deviation, axis=0) if len(deviation) else np.zeros(values.shape[1])
        fading = 0.5 ** (np.arange(horizon) / RECENT)
        found[place] = (known[origin : origin + horizon] @ slopes).T + carried[:, None] * fading
    return found


def seasonal_naive(values: Numbers, origins: Origins, horizon: int, season: int = 7) -> Numbers:
    """Return the last known season repeated: origins × series × horizon, in the unit of `values` (days × series)."""
    found = np.full((len(origins), values.shape[1], horizon), np.nan)
    for place, origin in enumerate(origins):
        if origin >= season:
            last = values[origin - season : origin].T
            found[place] = last[:, np.arange(horizon) % season]
    return found


def after(values: Numbers, origins: Origins, horizon: int) -> Numbers:
    """Return what came after each origin: origins × series × horizon, NaN where it is not known."""
    longer = np.vstack([values, np.full((horizon, values.shape[1]), np.nan)])
    return np.stack([longer[origin : origin + horizon].T for origin in origins])
