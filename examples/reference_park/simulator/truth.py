"""The ground truth beside the exports: true flows, shown registers, and month totals by unit and carrier."""

from pathlib import Path

import numpy as np
import polars as pl

from examples.reference_park.simulator.clock import Series
from examples.reference_park.simulator.meters import Point, Steps, metered
from examples.reference_park.simulator.park import Park, table

README = Path(__file__).with_name("truth_readme.md")


def _month_sums(park: Park, series: Series) -> Series:
    starts = np.flatnonzero(np.diff(park.clock.months, prepend=np.datetime64("1900-01", "M")))
    return np.add.reduceat(series, starts)


def points_monthly(park: Park, all_points: list[Point], values: dict[str, Steps]) -> pl.DataFrame:
    """Return each amount point's months, true and as metered."""
    months = np.unique(park.clock.months).astype("datetime64[D]")
    frames = []
    for point in all_points:
        if point.kind not in ("register", "interval"):
            continue
        unit = {"MWh": "kWh", "Mvarh": "kvarh"}.get(point.unit, point.unit)
        columns = {
            "month": months,
            "quantity_true": _month_sums(park, park.flows[point.point_id]),
            "quantity_metered": _month_sums(park, metered(values[point.point_id], point)),
        }
        frames.append(pl.DataFrame(columns).with_columns(point_id=pl.lit(point.point_id), unit=pl.lit(unit)))
    return pl.concat(frames).with_columns(pl.col("month").cast(pl.Date))


def monthly(by_point: pl.DataFrame) -> pl.DataFrame:
    """Apply allocations.csv: what each unit took of each carrier in each local month."""
    valid_from = pl.col("valid_from").str.to_date().is_null() | (pl.col("month") >= pl.col("valid_from").str.to_date())
    valid_to = pl.col("valid_to").str.to_date().is_null() | (pl.col("month") < pl.col("valid_to").str.to_date())
    weight = pl.col("sign").cast(pl.Float64) * pl.col("share").cast(pl.Float64)
    keys = ["month", "energy_unit_id", "carrier", "use_type", "role", "unit"]
    return (
        table("allocations")
        .join(by_point, on="point_id")
        .filter(valid_from & valid_to)
        .group_by(keys)
        .agg([(pl.col(name) * weight).sum() for name in ("quantity_true", "quantity_metered")])
        .sort(keys)
    )


def write(park: Park, all_points: list[Point], values: dict[str, Steps], out: Path) -> pl.DataFrame:
    """Write all of it and return the month totals."""
    folder = out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_bytes(README.read_bytes())
    instants = pl.Series(park.clock.instants).dt.replace_time_zone("UTC")
    flows = {name: series.astype(np.float32) for name, series in sorted(park.flows.items())}
    pl.DataFrame({"period_start_at": instants[:-1], **flows}).write_parquet(
        folder / "flows.parquet", row_group_size=4096
    )
    by_point = points_monthly(park, all_points, values)
    by_point.write_parquet(folder / "points_monthly.parquet")
    totals = monthly(by_point)
    totals.write_parquet(folder / "monthly.parquet")
    registers = {p.point_id: values[p.point_id] * float(p.step) for p in all_points}
    frame = pl.DataFrame({"reading_at": instants, **registers})
    frame.with_columns(pl.exclude("reading_at").round(4)).write_parquet(
        folder / "registers.parquet", row_group_size=4096
    )
    return totals
