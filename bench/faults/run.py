"""`nengtan bench faults`: plant, let the product take two deliveries in, compare."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import product
from bench.faults import measure, site
from bench.faults.cases import FAULTS
from bench.size import Size
from lake.errors import NengtanError

#: The fault whose cost by time of use is told.
_COSTED = "outage_catchup"
_FEWEST_DAYS = 8


@dataclass(frozen=True)
class Faults:
    """What was found of every meter, and the intervals not labelled after the first delivery."""

    found: Sequence[measure.Found]
    unlabelled_at_first: Mapping[str, int]

    def flat(self) -> dict[str, float]:
        """Return the flat object of `--json`: of each fault its worst meter, counts added up."""
        groups: dict[str, list[measure.Found]] = defaultdict(list)
        for one in self.found:
            groups[one.fault].append(one)
        told: dict[str, float] = {}
        for fault in (fault for fault in FAULTS if fault in groups):
            mine = groups[fault]
            told[f"faults.{fault}.energy_error_ratio"] = max(one.energy_error_ratio for one in mine)
            at_first = sum(self.unlabelled_at_first.get(one.meter_id, 0) for one in mine)
            told[f"faults.{fault}.unlabelled_intervals"] = at_first + sum(one.unlabelled for one in mine)
            if fault == _COSTED:
                told[f"faults.{fault}.cost_error_ratio"] = max(one.cost_error_ratio for one in mine)
            if not all(one.is_bounded for one in mine):
                told[f"faults.{fault}.outside_range"] = sum(not one.is_inside for one in mine)
            if fault == "clean":
                told["faults.clean.falsely_labelled_intervals"] = sum(one.falsely_labelled for one in mine)
        return told


def measured(size: Size) -> dict[str, float]:
    """Return the error of each fault; nothing here is timed, so there is nothing to repeat."""
    if size.days < _FEWEST_DAYS:
        raise NengtanError(f"bench faults: {size.days} days hold no fault and its surroundings; give {_FEWEST_DAYS}")
    with tempfile.TemporaryDirectory(prefix="nengtan_bench_") as folder:
        return faults(Path(folder), size).flat()


def faults(folder: Path, size: Size, names: Sequence[str] = tuple(FAULTS), *, at_once: bool = False) -> Faults:
    """Plant faults in turn into the meters, let the product take both deliveries in, and compare what it published.

    `size.days` is the month that is compared; eight weeks of history lie before it. Both deliveries come `at_once`
    where what is published between them is not asked for.
    """
    plant = site.plant(size.meters, size.days, size.seed, names)
    place, lake = site.write(plant, folder / "site"), folder / "lake"
    site.deliver(plant, place, is_late=False)
    at_first: dict[str, int] = {}
    if not at_once:
        product.run(place, lake)
        at_first = measure.labelled_at_first(plant, lake / "marts.duckdb")
    site.deliver(plant, place, is_late=True)
    product.run(place, lake)
    return Faults(measure.found(plant, lake / "marts.duckdb"), at_first)
