"""A month of the reference park as its meters show it: the amounts of each day, and what a wrong meter would show."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import polars as pl
import pyarrow as pa

from examples.reference_park.simulator import meters
from examples.reference_park.simulator.park import simulate, table

FIRST, DAYS, SEED = date(2025, 3, 1), 31, 1
_UNITS = {"MWh": "kWh"}


@cache
def _metered(first: date, count: int) -> dict[str, tuple[str, list[float]]]:
    park = simulate(first, count, SEED)
    wanted = set(table("flows")["point_id"].drop_nulls().to_list())
    return {
        point.point_id: (
            _UNITS.get(point.unit, point.unit),
            meters.metered(meters.shown(park, point, SEED), point).reshape(count, 96).sum(axis=1).tolist(),
        )
        for point in meters.points(SEED)
        if point.point_id in wanted
    }


def days(wrong: Mapping[str, float] | None = None, first: date = FIRST, count: int = DAYS) -> pa.Table:
    """Return point_id, local_date, quantity, quantity_unit, hours, intervals.

    `wrong` points read that share too much.
    """
    rows = [
        {
            "point_id": point,
            "local_date": first + timedelta(days=number),
            "quantity": amount * (1 + (wrong or {}).get(point, 0.0)),
            "quantity_unit": unit,
            "hours": 24.0,
            "intervals": 96,
        }
        for point, (unit, amounts) in _metered(first, count).items()
        for number, amount in enumerate(amounts)
    ]
    return pa.Table.from_pylist(rows)


def flows() -> pa.Table:
    """Return the park's flows.csv."""
    return table("flows").with_columns(pl.col("is_origin") == "true").to_arrow()


def instruments() -> pa.Table:
    """Return point_id, accuracy_class, kind and step (of the display, in the unit of `days`) of each point."""
    classes = table("points").join(table("meters"), on="meter_id").select("point_id", "accuracy_class")
    steps = {point.point_id: float(point.step) * point.scale for point in meters.points(SEED)}
    known = table("points").filter(pl.col("point_id").is_in(list(steps)))
    rows = known.select("point_id", "kind", pl.col("point_id").replace_strict(steps).alias("step"))
    return rows.join(classes, on="point_id").to_arrow()
