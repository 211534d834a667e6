"""The kiln's stack station: hourly means of what left the kiln, with the marks of a real station, and its gaps."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from examples.reference_park.simulator.clock import Series
from examples.reference_park.simulator.meters import SCALE
from examples.reference_park.simulator.park import Park
from examples.reference_park.simulator.shapes import drift, generator

AREA_M2, AMBIENT_KPA = 14.5, 100.9
CO2_PER_COAL, CO2_PER_CLINKER = 2.19, 0.528  # t/t: what truly leaves, near what the guideline counts
CO2_KG_PER_M3 = 44.0095 / 22.414
BIAS = 1.012  # of the speed: within what a comparison with the reference method allows
HOUR = 4  # quarter hours


def _hours(series: Series) -> Series:
    return series.reshape(-1, HOUR).sum(axis=1)


def simulate(park: Park, seed: int) -> dict[str, Series]:
    """Return the hourly means of the station by point: percent, m/s, °C, kPa, percent."""
    random = generator(seed, "stack")
    coal = park.flows["cem_coal_burner_m"] + park.flows["cem_coal_calciner_m"]
    mass = _hours(coal) * CO2_PER_COAL + _hours(park.flows["cem_clinker_m"]) * CO2_PER_CLINKER
    size = mass.size
    share = 24.5 + drift(random, size, 12, 0.9)
    moisture = 9.0 + drift(random, size, 24, 0.5)
    temperature = 104 + drift(random, size, 6, 5)
    pressure = -0.35 + drift(random, size, 3, 0.05)
    dry = mass * 1000 / (share / 100 * CO2_KG_PER_M3)
    wet = dry / (1 - moisture / 100) / (273.15 / (273.15 + temperature)) / ((AMBIENT_KPA + pressure) / 101.325)
    return {
        "cem_stack_co2_x": share * (1 + drift(random, size, 2, 0.004)),
        "cem_stack_speed_x": wet / 3600 / AREA_M2 * BIAS * (1 + drift(random, size, 2, 0.006)),
        "cem_stack_temperature_x": temperature,
        "cem_stack_pressure_x": pressure,
        "cem_stack_humidity_x": moisture,
    }


def marks(park: Park, seed: int) -> list[str | None]:
    """Return the mark of each hour; None where the platform received nothing."""
    clinker = _hours(park.flows["cem_clinker_m"])
    random = generator(seed, "stack marks")
    found: list[str | None] = ["good" if made > 0 else "stopped" for made in clinker]
    for hour in range(9, len(found), 24 * 7):  # zero and span every week
        found[hour] = "bad_calibration" if found[hour] == "good" else found[hour]
    for start in np.flatnonzero(random.random(len(found)) < 1 / (24 * 20)):
        length, mark = int(random.integers(2, 9)), ("bad_fault", None)[int(random.integers(0, 2))]
        found[start : start + length] = [mark] * len(found[start : start + length])
    for start in np.flatnonzero(random.random(len(found)) < 1 / (24 * 70)):
        found[start : start + 31] = ["bad_maintenance"] * len(found[start : start + 31])
    return found


def write(park: Park, seed: int, out: Path) -> int:
    """Write one file per month below `out`/stack: point_id, reading_at (the end of the hour), value, status."""
    folder = out / "stack"
    folder.mkdir(parents=True, exist_ok=True)
    told = marks(park, seed)
    kept = [place for place, mark in enumerate(told) if mark is not None]
    ends = pl.Series(park.clock.instants[HOUR::HOUR]).dt.replace_time_zone("UTC")
    frames = [
        pl.DataFrame(
            {
                "point_id": point,
                "reading_at": ends.gather(kept),
                "value": np.round(series[kept], SCALE),
                "status": [told[place] for place in kept],
            }
        )
        for point, series in simulate(park, seed).items()
    ]
    rows = pl.concat(frames)
    month = (pl.col("reading_at") + timedelta(hours=8) - timedelta(microseconds=1)).dt.strftime("%Y-%m")
    for (name,), of_month in rows.with_columns(month=month).group_by("month", maintain_order=True):
        of_month.drop("month").write_parquet(folder / f"{name}.parquet")
    return rows.height
