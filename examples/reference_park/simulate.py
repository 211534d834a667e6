"""Simulate the reference park: historian exports, the day its servers will play, and the ground truth.

Example: python -m examples.reference_park.simulate --out build/reference_park --seed 1
"""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from examples.reference_park.simulator import business, historian, meters, park, stack, truth
from examples.reference_park.simulator.clock import QUARTERS


def simulate(out: Path, seed: int, start: date, end: date, *, write_site: bool = False) -> dict[str, int]:
    """Write history of [start, end), the recorded day `end`, and the truth of both; return row counts."""
    days = (end - start).days + 1
    happened = park.simulate(start, days, seed)
    points = meters.points(seed)
    steps = {point.point_id: meters.shown(happened, point, seed) for point in points}
    values = {point.point_id: meters.received(steps[point.point_id], point) for point in points}
    history = (days - 1) * QUARTERS
    rows = historian.write(happened.clock, history, points, values, out)
    day = historian.long_rows(happened.clock, points, values, history, happened.clock.size)
    pq.write_table(day, out / "recorded_day.parquet", compression="zstd")
    stack_rows = stack.write(happened, seed, out)
    if write_site:
        business.write(happened)
    truth.write(happened, points, steps, out)
    return {"points": len(points), "history_rows": rows, "day_rows": day.num_rows, "stack_rows": stack_rows}


def main() -> None:
    """Read the options, simulate, and say how much it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2024, 1, 1))
    parser.add_argument("--to", dest="end", type=date.fromisoformat, default=date(2026, 1, 1), help="the recorded day")
    parser.add_argument("--write-site", action="store_true", help="rewrite production.csv and finance.csv of the site")
    options = parser.parse_args()
    if options.end <= options.start:
        parser.error("--to must be later than --from")
    options.out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    counts = simulate(options.out, options.seed, options.start, options.end, write_site=options.write_site)
    sys.stderr.write(
        f"{counts['points']} points, {counts['history_rows']:,} rows of history, "
        f"{counts['day_rows']:,} rows of the recorded day in {time.monotonic() - begun:.1f} s\n"
    )


if __name__ == "__main__":
    main()
