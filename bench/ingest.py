"""How fast readings are taken in, exactly once and hashed: files by the product's pull, MQTT by its collector.

A rate is the number of readings sent divided by the seconds until the last of them is committed; what lands is counted
and must be every fact once. Called as a program it takes a site's files in: `python -m bench.ingest SITE LAKE`.
"""

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from bench import ingest_mqtt, site
from bench.landing import Delivery
from bench.measure import child
from bench.readings import Registers
from bench.size import Size
from ingestion.pull import pull
from lake.errors import NengtanError
from lake.schemas import UTC
from lake.site.load import read_site
from lake.store import Lake

_FILE_READINGS = 2_000_000
_FORMATS = ("parquet", "csv")


def measured(size: Size) -> dict[str, float]:
    """Return the medians of readings per second, and per CPU second, which other load does not change."""
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="nengtan_bench_") as made:
        folder = Path(made)
        sent = {kind: _site(folder / kind, kind, size) for kind in _FORMATS}
        for turn in range(size.repeats):
            for kind, (readings, facts) in sent.items():
                told = child([sys.executable, "-m", "bench.ingest", folder / kind, folder / f"{kind}_lake_{turn}"])
                took = json.loads(told.output)
                _check(took, readings, facts, kind)
                rates.setdefault(f"ingest.{kind}_readings_per_s", []).append(readings / took["wall_s"])
                rates.setdefault(f"ingest.{kind}_readings_per_cpu_s", []).append(readings / took["cpu_s"])
                rates.setdefault(f"ingest.{kind}_files_left", []).append(took["files"])
            mqtt = ingest_mqtt.readings_per_s(folder / f"mqtt_{turn}")
            rates.setdefault("ingest.mqtt_readings_per_s", []).append(mqtt)
    return {name: statistics.median(found) for name, found in rates.items()}


def take_in(place: Path, lake_folder: Path) -> dict[str, float]:
    """Take every file of a site in, and again under other names: the first time is timed, the second adds nothing."""
    loaded, lake = read_site(place, {}), Lake(str(lake_folder))
    lake.batches(site.SOURCE)  # what the libraries load when they are first used is not what is measured
    wall, cpu = time.monotonic(), time.process_time()
    landed = sum(one.rows_landed for one in pull(lake, loaded))
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    for file in sorted((place / "readings").iterdir()):
        file.rename(file.with_stem(f"again_{file.stem}"))
    again = sum(one.rows_landed for one in pull(lake, loaded))
    for file in sorted((place / "readings").iterdir()):
        file.rename(file.with_stem(file.stem.removeprefix("again_")))
    return {"wall_s": wall, "cpu_s": cpu, "landed": landed, "landed_again": again, "files": files_left(lake)}


def files_left(lake: Lake) -> int:
    """Return how many files the partition with the most of them is left with."""
    parents = [Path(file).parent for name in lake.tables("raw") for file in lake.files("raw", name)]
    return max(Counter(parents).values())


def _check(took: dict[str, float], readings: int, facts: int, kind: str) -> None:
    if took["landed"] != facts or took["landed_again"]:
        told = f"{took['landed']:,} of {facts:,} facts landed, {took['landed_again']:,} of them twice"
        raise NengtanError(f"bench ingest: {kind}: {told} ({readings:,} readings sent)")


def _site(folder: Path, kind: str, size: Size) -> tuple[int, int]:
    """Write the site and its files in order of arrival; return how many readings they hold and how many facts."""
    site.write(folder, size.meters)
    (folder / "readings").mkdir()
    (folder / "sources.yaml").write_text(
        f"sources:\n  {site.SOURCE}: {{kind: files, path: readings/*.{kind}, decimals: {site.DECIMALS}}}\n", "utf-8"
    )
    registers, names = Registers(size.meters, size.seed), pa.array(site.points(size.meters))
    days = max(1, _FILE_READINGS // (size.meters * 96))
    readings = facts = 0
    for first in range(0, size.days, days):
        sent = registers.days(first, min(days, size.days - first))
        sent = sent.where(np.argsort(sent.reading_us, kind="stable"))  # as a logger writes: time by time
        readings, facts = readings + len(sent), facts + _facts(sent)
        _write(folder / "readings" / f"from_{first:04}.{kind}", sent, names, kind)
    return readings, facts


def _facts(sent: Delivery) -> int:
    """Return how many different (point, time, value) a delivery holds."""
    order = np.lexsort((sent.counts, sent.reading_us, sent.point))
    rows = [column[order] for column in (sent.point, sent.reading_us, sent.counts)]
    return 1 + int(np.count_nonzero(np.any([np.diff(column) != 0 for column in rows], axis=0)))


def _write(file: Path, sent: Delivery, names: pa.Array, kind: str) -> None:
    table = pa.table(
        {
            "point_id": pa.DictionaryArray.from_arrays(sent.point.astype(np.int32), names),
            "reading_at": pa.array(sent.reading_us).cast(UTC),
            "value": sent.counts / 10**site.DECIMALS,
        }
    )
    if kind == "parquet":
        pq.write_table(table, file)
        return
    text = pc.strftime(table["reading_at"].cast(pa.timestamp("s", "UTC")), "%Y-%m-%dT%H:%M:%SZ")
    table = table.set_column(1, "reading_at", text).set_column(0, "point_id", table["point_id"].cast(pa.string()))
    arrow_csv.write_csv(table, file, arrow_csv.WriteOptions(quoting_style="none"))


if __name__ == "__main__":
    print(json.dumps(take_in(Path(sys.argv[1]), Path(sys.argv[2]))))
