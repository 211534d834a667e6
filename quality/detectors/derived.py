"""Finds columns that are computed from another column of the same source and not measured.

A quantity y is computed from x where y = round(k x, d) in 99 of 100 rows. Each row allows the k between
(y - u/2) / x and (y + u/2) / x, u being the last digit of y; the k that most rows allow is found by one sweep over
the ends of these ranges, so neither rounding nor single exceptions mislead it.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Values = npt.NDArray[np.float64]

SHARE = 0.99
_SAMPLE_SHARE = 0.97
_SAMPLE_INSTANTS = 400
_MOST_POINTS = 300
_LEAST_ROWS, _LEAST_DISTINCT = 96, 4
_LARGEST = 40


@dataclass(frozen=True)
class Relation:
    """y = round(factor x, decimals) in `equal` of `rows` rows."""

    factor: Decimal
    decimals: int
    rows: int
    equal: int

    @property
    def share(self) -> float:
        """The share of rows in which it holds."""
        return self.equal / self.rows


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each computed column of each source with two points or more."""
    for (source,) in connection.execute("select distinct source from recent_reading order by source").fetchall():
        points, sample = _sample(connection, source)
        found: dict[str, tuple[str, Relation]] = {}
        for base, computed in _candidates(points, sample):
            relation = relation_of(*_pair(connection, source, base, computed))
            if relation and relation.share >= SHARE and relation.share > _share_of(found, computed):
                found[computed] = (base, relation)
        for computed, (base, relation) in found.items():
            if found.get(base, ("",))[0] != computed or computed > base:
                yield _finding(source, base, computed, relation)


def relation_of(x: Values, y: Values) -> Relation | None:
    """Return how y follows from x, or None where it does not follow from a factor and a rounding."""
    if len(y) < _LEAST_ROWS or len(np.unique(y)) < _LEAST_DISTINCT or len(np.unique(x)) < len(np.unique(y)) // 2:
        return None
    decimals = _decimals(y)
    # a tie may have been rounded either way, and a product of doubles is a little off
    half = 0.5 * 10.0**-decimals * (1 + 1e-6) + 1e-14 * float(np.abs(y).max())
    counted = x > 0
    if np.count_nonzero(y[counted]) < _LEAST_ROWS // 2:
        return None
    low, high = _swept((y[counted] - half) / x[counted], (y[counted] + half) / x[counted])
    factor = shortest(low, high)
    if factor <= 0:
        return None
    holds = np.abs(y - float(factor) * x) <= half
    if np.count_nonzero(holds & (y != 0)) < 0.95 * np.count_nonzero(y):
        return None
    return Relation(factor, decimals, len(y), int(np.count_nonzero(holds)))


def shortest(low: float, high: float) -> Decimal:
    """Return the number with the fewest digits between two numbers."""
    middle = Decimal((low + high) / 2)
    for digits in range(1, 16):
        candidate = Decimal(f"{middle:.{digits - 1}e}")
        if Decimal(low) <= candidate <= Decimal(high):
            return candidate.normalize()
    return middle


def _swept(low: Values, high: Values) -> tuple[float, float]:
    """Return the range around the factor that most rows allow: where all but one in a thousand of them agree."""
    ends = np.concatenate([low, high])
    steps = np.concatenate([np.ones(len(low)), -np.ones(len(high))])
    order = np.lexsort((-steps, ends))
    depth = np.cumsum(steps[order])
    best = int(np.argmax(depth))
    enough = depth >= depth[best] - len(low) / 1000
    first = best - int(np.argmin(enough[best::-1])) + 1 if not enough[: best + 1].all() else 0
    after = enough[best:]
    last = best + (int(np.argmin(after)) if not after.all() else len(after) - 1)
    return float(ends[order][first]), float(ends[order][last])


def _decimals(values: Values) -> int:
    """Return the decimal places that the values are given with; raw keeps six."""
    for places in range(6):
        if np.abs(values - np.round(values, places)).max() < 1e-7:
            return places
    return 6


def _share_of(found: dict[str, tuple[str, Relation]], computed: str) -> float:
    return found[computed][1].share if computed in found else 0.0


def _sample(connection: "DuckDBPyConnection", source: str) -> tuple[list[str], dict[str, Values]]:
    """Return the points of a source and their values at the instants of a sample that most of them share."""
    looked_at = connection.execute(
        "select distinct point_id from recent_reading where source = ? order by point_id limit ?",
        [source, _MOST_POINTS],
    ).fetchall()
    # the first and the last point, told in the text, let the engine leave out what files hold of the others
    first, last = (point.replace("'", "''") for (point,) in (looked_at[0], looked_at[-1]))
    known = f"source = '{source}' and point_id between '{first}' and '{last}'"
    instants = connection.execute(
        f"select max(readings) from (select count(*) as readings from recent_reading where {known} group by point_id)"
    ).fetchall()[0][0]
    rows = connection.execute(
        f"""
        with chosen as (
            select point_id, reading_at, max(value)::double as value
            from recent_reading
            where {known} and hash(reading_at) % {max(instants // _SAMPLE_INSTANTS, 1)} = 0
            group by point_id, reading_at
        ),
        shared as (
            select reading_at from chosen group by reading_at
            having count(*) > 1 order by count(*) desc, reading_at limit {_SAMPLE_INSTANTS}
        )
        select point_id, reading_at, value from chosen semi join shared using (reading_at)
        """
    ).fetchnumpy()
    names, row = np.unique(np.asarray(rows["point_id"]).astype(str), return_inverse=True)
    at, place = np.unique(np.asarray(rows["reading_at"]), return_inverse=True)
    sample = np.full((len(names), len(at)), np.nan)
    sample[row, place] = np.asarray(rows["value"], dtype=np.float64)
    return names.tolist(), dict(zip(names.tolist(), sample, strict=True))


def _candidates(points: list[str], sample: dict[str, Values]) -> Iterator[tuple[str, str]]:
    """Yield the pairs for which the relation holds in the sample."""
    if not points:
        return
    values = np.stack([sample[name] for name in points])
    largest = np.argsort(np.where(np.isnan(values), -np.inf, values), axis=1)[:, -_LARGEST:]
    for place, computed in enumerate(points):
        y = values[place]
        known = y[~np.isnan(y)]
        if len(known) < _LEAST_ROWS or len(np.unique(known)) < _LEAST_DISTINCT:
            continue
        for base in np.flatnonzero(_could(values, largest, y, _last_digit(known))):
            both = ~np.isnan(y) & ~np.isnan(values[base])
            relation = relation_of(values[base][both], y[both]) if base != place else None
            if relation and relation.share >= _SAMPLE_SHARE:
                yield points[base], computed


def _could(values: Values, largest: npt.NDArray[np.intp], y: Values, digit: float) -> npt.NDArray[np.bool_]:
    """Rule most bases (rows of `values`) out at once: what is computed lies on a line through zero, but for rounding.

    The slope is the middle one of those at the base's largest values, where rounding weighs least.
    """
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a base without a shared instant has no slope
        slopes = y[largest] / np.take_along_axis(values, largest, axis=1)
        slope = _middle(np.where(np.isfinite(slopes), slopes, np.nan))
        near = np.abs(y - slope[:, None] * values) <= 1.1 * digit + 1e-9 * np.abs(y)
        varies = np.nanmax(values, axis=1) > np.nanmin(values, axis=1)
    shared = np.count_nonzero(~np.isnan(values) & ~np.isnan(y), axis=1)
    possible: npt.NDArray[np.bool_] = (shared >= _LEAST_ROWS) & varies & (np.count_nonzero(near, axis=1) > 0.9 * shared)
    return possible


def _middle(values: Values) -> Values:
    """Return the median of each row, NaN left out: one sort of all rows, which has the NaN of a row at its end."""
    ordered, known = np.sort(values, axis=1), np.count_nonzero(~np.isnan(values), axis=1)
    ends = np.stack([np.maximum(known - 1, 0) // 2, known // 2 * (known > 0)], axis=1)
    middle: Values = np.take_along_axis(ordered, np.minimum(ends, values.shape[1] - 1), axis=1).mean(axis=1)
    return middle


def _last_digit(values: Values) -> float:
    return float(10.0 ** -_decimals(values))


def _pair(connection: "DuckDBPyConnection", source: str, base: str, computed: str) -> tuple[Values, Values]:
    """Return the values of both points at the instants of the window that they share."""
    rows = connection.execute(
        """
        with recent as (
            select point_id, reading_at, max_by(value, known_at)::double as value from recent_reading
            where source = $source and point_id in ($base, $computed)
            group by point_id, reading_at
        )
        select x.value as x, y.value as y
        from recent as x inner join recent as y using (reading_at)
        where x.point_id = $base and y.point_id = $computed
        """,
        {"source": source, "base": base, "computed": computed},
    ).fetchnumpy()
    return np.asarray(rows["x"], dtype=np.float64), np.asarray(rows["y"], dtype=np.float64)


def _finding(source: str, base: str, computed: str, relation: Relation) -> Finding:
    percent = f"{relation.share * 100:.2f}"
    formula = f"round({relation.factor:f} × {base}, {relation.decimals})"
    return Finding(
        kind="derived_column",
        kind_name_zh="计算列而非实测",
        kind_name_en="computed, not measured",
        severity="high",
        source=source,
        subject=computed,
        message_zh=f"{computed} 不是实测值：{percent} % 的读数等于 {formula}，不可作为排放或能耗的独立证据。",
        message_en=f"{computed} is computed, not measured: it equals {formula} in {percent} % of its readings; "
        "do not use it as independent evidence.",
        evidence={
            "base": base,
            "factor": f"{relation.factor:f}",
            "decimals": relation.decimals,
            "rows": relation.rows,
            "rows_equal": relation.equal,
        },
    )
