"""What runs of the product cost on a year of readings, beside one SQL script that does the same on the same files."""

import logging
import math
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import bare, product, site, storage
from bench.measure import Cost, child, interleaved, median_cpu_s
from bench.size import Size
from lake.errors import NengtanError

LOG = logging.getLogger("nengtan")
_JUDGED = re.compile(r"judged in ([\d.]+) CPU-s")
_SAME = 1e-9
#: Another published year of the grid's factor: what a republished factor looks like to a site.
_RESTATED_YEAR = 2022


@dataclass(frozen=True)
class _Runs:
    """The costs of each kind of run, in the order in which they were made."""

    full: list[Cost]
    nothing: list[Cost]
    script: list[Cost]
    day: list[Cost]
    late: list[Cost]
    factor: list[Cost]


def measured(size: Size) -> dict[str, float]:
    """Return the figures of the contract; raises NengtanError where product and script disagree."""
    with tempfile.TemporaryDirectory(prefix="nengtan_bench_") as made:
        place = _Place(Path(made), size)
        variants = place.variants()
        runs = place.runs(min(variants, key=lambda name: variants[name]))
        smaller = max(size.meters // 10, 1)
        growth = _growth(Path(made) / "smaller", Size(smaller, size.days, size.seed), runs) if size.meters > 1 else None
        stored = storage.bytes_per_reading(place.folder / "lake")
    tried = {f"speed.script_{name}_cpu_s": cpu_s for name, cpu_s in variants.items()}
    grown = {"speed.growth_exponent": growth} if growth is not None else {}
    return {**_figures(runs), **tried, **grown, **stored}


def _figures(runs: _Runs) -> dict[str, float]:
    nothing, script = median_cpu_s(runs.nothing), median_cpu_s(runs.script)
    full = _unjudged(runs.full) - nothing
    with_checks = median_cpu_s(runs.full) - nothing
    return {
        "speed.cpu_ratio": full / script,
        "speed.cpu_ratio_with_checks": with_checks / script,
        "speed.full_cpu_s": median_cpu_s(runs.full),
        "speed.full_wall_s": statistics.median(cost.wall_s for cost in runs.full),
        "speed.script_cpu_s": script,
        "speed.script_peak_memory_mb": max(cost.peak_mb for cost in runs.script),
        "speed.nothing_new_cpu_s": nothing,
        "speed.nothing_new_wall_s": statistics.median(cost.wall_s for cost in runs.nothing),
        "speed.peak_memory_mb": max(cost.peak_mb for cost in runs.full),
        "speed.one_day_cpu_share": (_unjudged(runs.day) - nothing) / full,
        "speed.one_day_cpu_share_with_checks": (median_cpu_s(runs.day) - nothing) / with_checks,
        "speed.late_rows_cpu_share": (_unjudged(runs.late) - nothing) / full,
        "speed.late_rows_cpu_share_with_checks": (median_cpu_s(runs.late) - nothing) / with_checks,
        "speed.factor_restatement_cpu_share": (_unjudged(runs.factor) - nothing) / full,
        "speed.factor_restatement_cpu_share_with_checks": (median_cpu_s(runs.factor) - nothing) / with_checks,
    }


def _unjudged(costs: Iterable[Cost]) -> float:
    """Return the median of the CPU seconds without those of the checks, which a run tells of itself."""
    return statistics.median(cost.cpu_s - sum(map(float, _JUDGED.findall(cost.log))) for cost in costs)


class _Place:
    """A folder with the site, its raw lake, and copies of that lake in which the runs are made."""

    def __init__(self, folder: Path, size: Size) -> None:
        """Make the readings and build them once, so that everything that is kept between runs is there."""
        self.folder, self._size = folder, size
        LOG.info("%s meters, %s days: making the readings", f"{size.meters:,}", size.days)
        product.make_site(folder, size)
        self.built = product.twin(folder / "lake", folder / "built")
        product.run(folder / "site", self.built)
        bare.export_factors(self.built / "marts.duckdb", folder / "factors")

    def variants(self) -> dict[str, float]:
        """Return the CPU seconds of every variant of the script."""
        return {name: _told(f"script, {name}", partial(self.script, name))().cpu_s for name in bare.VARIANTS}

    def runs(self, fastest: str) -> _Runs:
        """Make every kind of run in turn, and compare what came out; of the script the fastest variant."""
        kinds = {
            "full": self.full,
            "nothing": self.nothing,
            "script": lambda: self.script(fastest),
            "day": lambda: self._after("day.npz", self._size.days),
            "late": lambda: self._after("late.npz", self._size.days),
            "factor": self._restated,
        }
        costs = interleaved(self._size.repeats, {name: _told(name, run) for name, run in kinds.items()})
        difference = bare.largest_difference(self.built / "marts.duckdb", self.folder / "script")
        if not difference <= _SAME:
            raise NengtanError(f"bench speed: the month totals differ from the script's by {difference:.2g}")
        return _Runs(**costs)

    def nothing(self) -> Cost:
        """A run that finds nothing new."""
        return product.run(self.folder / "site", self.built)

    def full(self) -> Cost:
        """A run on a lake that holds readings and nothing else."""
        return product.run(self.folder / "site", product.twin(self.folder / "lake", self.folder / "full"))

    def script(self, variant: str) -> Cost:
        """A variant of the script, from the same files."""
        out = self.folder / "script"
        shutil.rmtree(out, ignore_errors=True)
        places = [self.folder / name for name in ("site", "lake", "factors")]
        return child([sys.executable, "-m", "bench.bare", *places, out, variant])

    def _after(self, arrives: str, day: int) -> Cost:
        """A run after something more has arrived."""
        lake = product.twin(self.built, self.folder / "more")
        child(
            [
                sys.executable,
                "-m",
                "bench.readings",
                "land",
                lake,
                self.folder / arrives,
                str(self._size.meters),
                str(day),
            ]
        )
        return product.run(self.folder / "site", lake)

    def _restated(self) -> Cost:
        """A run after the site has adopted another published factor of the grid."""
        changed = site.write(self.folder / "restated", self._size.meters, _RESTATED_YEAR)
        return product.run(changed, product.twin(self.built, self.folder / "more"))


def _told(name: str, run: Callable[[], Cost]) -> Callable[[], Cost]:
    """Return the run, telling what it cost."""

    def telling() -> Cost:
        cost = run()
        LOG.info("%s: %.1f CPU-s, %.1f s, %.0f MB", name, cost.cpu_s, cost.wall_s, cost.peak_mb)
        return cost

    return telling


def _growth(folder: Path, size: Size, runs: _Runs) -> float:
    """Return the exponent of the CPU of a rebuild over the number of meters, against a tenth of them: 1 is linear."""
    place = _Place(folder, size)
    costs = interleaved(size.repeats, {"nothing": place.nothing, "full": place.full})
    small = _unjudged(costs["full"]) - median_cpu_s(costs["nothing"])
    large = _unjudged(runs.full) - median_cpu_s(runs.nothing)
    return math.log10(large / small)
