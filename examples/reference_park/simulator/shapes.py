"""The few shapes that every model of a works is made of: noise, stops, schedules, batches."""

import zlib
from collections.abc import Iterable

import numpy as np
import polars as pl

from examples.reference_park.simulator.clock import QUARTERS, Mask, Series


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one part of the park: a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def drift(random: np.random.Generator, size: int, hours: float, deviation: float) -> Series:
    """Return noise around zero that remembers about `hours`, with the given standard deviation."""
    alpha = 1 - np.exp(-0.25 / hours)
    spread_of_mean = np.sqrt(alpha / (2 - alpha))
    white = random.standard_normal(size)
    white[0] *= spread_of_mean  # so that the first quarter hour is as calm as the others
    return pl.Series(white).ewm_mean(alpha=alpha, adjust=False).to_numpy() * deviation / spread_of_mean


def lagged(series: Series, hours: float) -> Series:
    """Return the series after a store that empties with a time constant of `hours`; nothing is lost in it."""
    alpha = 1 - np.exp(-0.25 / hours)
    return pl.Series(series).ewm_mean(alpha=alpha, adjust=False).to_numpy()


def trips(random: np.random.Generator, size: int, days_between: float, hours_down: tuple[float, float]) -> Mask:
    """Return the quarter hours lost to unplanned stops."""
    down = np.zeros(size, dtype=bool)
    for begin in np.flatnonzero(random.random(size) < 1 / (days_between * QUARTERS)):
        down[begin : begin + int(random.uniform(*hours_down) * 4)] = True
    return down


def ramp(running: Mask, hours: float) -> Series:
    """Return 0..1: how far a machine that just started has come to its full load."""
    index = np.arange(running.size)
    last_stop = np.maximum.accumulate(np.where(running, -(10**9), index))
    return np.where(running, np.minimum(1.0, (index - last_stop) / (hours * 4)), 0.0)


def since_start(running: Mask, hours: float) -> Mask:
    """Return the first `hours` after each start."""
    return running & (ramp(running, hours) < 1.0)


def between(hour: Series, *spans: tuple[float, float]) -> Mask:
    """Return the quarter hours inside one of the spans of local hours."""
    inside = np.zeros(hour.size, dtype=bool)
    for begin, end in spans:
        inside |= (hour >= begin) & (hour < end)
    return inside


def by_day(series: Series) -> Series:
    """Return the daily sums."""
    daily: Series = series.reshape(-1, QUARTERS).sum(axis=1)
    return daily


def spread(daily: Series, on: Mask) -> Series:
    """Share each day's total equally among its quarter hours of `on` (among all where none is)."""
    table = on.reshape(-1, QUARTERS)
    table = np.where(table.any(axis=1, keepdims=True), table, True)
    shared: Series = (table * (daily / table.sum(axis=1))[:, None]).ravel()
    return shared


def cheapest_first(hours: Series, order: tuple[tuple[float, float], ...]) -> Mask:
    """Return when a machine runs that needs `hours` each day and takes the hours in the given order."""
    quarter_hour = (np.arange(QUARTERS) + 0.5) / 4
    rank = np.full(QUARTERS, QUARTERS)
    place = 0
    for begin, end in order:
        inside = (quarter_hour >= begin) & (quarter_hour < end)
        rank[inside] = place + np.arange(inside.sum())
        place += int(inside.sum())
    return (rank[None, :] < (hours * 4)[:, None]).ravel()


def events(amount: Series, size: float) -> Series:
    """Return the amount as portions of `size`: drums, trucks, sections, each in the quarter hour it is due."""
    portions = np.floor(np.cumsum(amount) / size)
    return np.diff(portions, prepend=0.0) * size


def deliveries(amount: Series, by_day_hours: Mask, truck: float = 32.0) -> Series:
    """Return what trucks bring in the open hours so that each day's amount arrives."""
    return events(spread(by_day(amount), by_day_hours), truck)


def total(parts: Iterable[Series]) -> Series:
    """Return the sum of at least one series."""
    return np.sum(np.stack(list(parts)), axis=0)


def reactive(active: Series, power_factor: Series) -> Series:
    """Return reactive energy that belongs to active energy at a power factor."""
    return active * np.tan(np.arccos(power_factor))
