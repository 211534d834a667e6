"""Meters: from what truly flows to what each instrument shows, with its class error and its display.

A meter's error is constant and lies within its class. Values are counted in steps of the point's resolution, so a
register is an integer number of steps, modulo its size.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from examples.reference_park.simulator.clock import Series
from examples.reference_park.simulator.park import Park, table
from examples.reference_park.simulator.shapes import generator

Steps = npt.NDArray[np.int64]
SCALE = 4  # decimals of a value as received
STACK = "cement_stack"  # the station tells hours with marks, and is no meter of quarter hours (stack.py)


@dataclass(frozen=True)
class Point:
    """A point of points.csv with what its meter's row says about it."""

    point_id: str
    organization_id: str
    kind: str
    unit: str
    source: str
    address: str
    step: Decimal  # resolution of the received value
    size: int | None  # register size in steps
    scale: float  # kWh, kvarh, t, m3, GJ … of one received unit: the models know no MWh
    error: float  # relative, constant


def points(seed: int) -> list[Point]:
    """Read the site's points that show quarter hours, each with its meter's constant error."""
    rows = (
        table("points")
        .join(table("meters").rename({"energy_unit_id": "unit_id"}), on="meter_id")
        .join(table("energy_units"), left_on="unit_id", right_on="energy_unit_id")
        .filter(pl.col("source") != STACK)
    )
    return [_point(row, seed) for row in rows.sort("point_id").iter_rows(named=True)]


def _point(row: dict[str, str], seed: int) -> Point:
    electric = row["kind"] != "state" and row["quantity"].startswith(("active", "reactive"))
    ratio = float(row["ct_ratio"]) * float(row["pt_ratio"]) if electric and row["ratios_applied"] == "false" else 1.0
    step = Decimal(row["resolution"])
    limit = float(row["accuracy_class"].rstrip("S")) / 100
    error = generator(seed, f"meter {row['meter_id']}").uniform(-0.6, 0.6) * limit
    return Point(
        row["point_id"],
        row["organization_id"],
        row["kind"],
        row["unit"],
        row["source"],
        row["address"] or row["point_id"],
        step,
        int(Decimal(row["register_size"]) / step) if row["register_size"] else None,
        float(row["multiplier"]) * ratio * (1000.0 if row["unit"] in ("MWh", "Mvarh") else 1.0),
        error if row["kind"] != "state" else 0.0,
    )


def shown(park: Park, point: Point, seed: int) -> Steps:
    """Return what the point shows at every instant of the clock, in steps; interval points show 0 at the first."""
    unit = float(point.step) * point.scale  # physical quantity of one step
    if point.kind == "register":
        return _register(park.flows[point.point_id] * (1 + point.error) / unit, point, seed)
    if point.kind == "interval":
        amount = park.flows[point.point_id] * (1 + point.error) / unit
        return np.concatenate([[0], np.rint(amount).astype(np.int64)])
    level = park.levels[point.point_id] * (1 + point.error) / unit
    steps: Steps = np.rint(np.concatenate([level[:1], level])).astype(np.int64)
    return steps


def _register(steps: Series, point: Point, seed: int) -> Steps:
    yearly = max(float(steps.mean()) * 35_040, 1.0)
    already = generator(seed, f"register {point.point_id}").uniform(0.4, 5.0) * yearly
    first = int(already) if point.size is None else int(already) % point.size
    total: Steps = first + np.floor(np.concatenate([[0.0], np.cumsum(steps)])).astype(np.int64)
    return total if point.size is None else total % point.size


def advance(values: Steps, point: Point) -> Steps:
    """Return the steps between neighbouring readings of a register, across roll-overs."""
    moved: Steps = np.diff(values)
    if point.size is not None:
        moved[moved < 0] += point.size
    return moved


def metered(values: Steps, point: Point) -> Series:
    """Return the physical amount per quarter hour that the readings of a register or interval point say."""
    steps = advance(values, point) if point.kind == "register" else values[1:]
    return steps.astype(np.float64) * (float(point.step) * point.scale)


def received(values: Steps, point: Point) -> Steps:
    """Return the values as received, scaled to `SCALE` decimals."""
    return values * int(point.step.scaleb(SCALE))


def as_frame(all_points: list[Point]) -> pl.DataFrame:
    """Return the points as a small table for those who play or test them."""
    names = ("point_id", "organization_id", "kind", "unit", "source", "address")
    return pl.DataFrame({name: [getattr(point, name) for point in all_points] for name in names})
