"""The bench's site folder: every meter in a unit of its own, a tariff of three bands, two deliveries of readings."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.faults.cases import FAULTS, Event, Planted, Setting
from bench.faults.plant import DAY_MINUTES, truth
from bench.faults.readings import DAY_US

ZONE = ZoneInfo("Asia/Shanghai")
#: A 30-day month without a public event in it; profiles look back over the eight weeks before.
MONTH_BEGIN = date(2025, 6, 1)
HISTORY_DAYS = 56
#: Band, first and last local minute of the day, price in CNY per kWh: the shape of a Jiangsu industrial tariff.
BANDS = (
    ("valley", 0, 480, 0.31),
    ("peak", 480, 660, 1.05),
    ("flat", 660, 1020, 0.62),
    ("peak", 1020, 1320, 1.05),
    ("flat", 1320, 1440, 0.62),
)
_INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Plant:
    """The planted meters by id, what fault each has, and the month in microseconds since 1970."""

    meters: Mapping[str, Planted]
    fault_of: Mapping[str, str]
    month: tuple[int, int]
    first_day: date


def plant(meters: int, days: int, seed: int, faults: Sequence[str] = tuple(FAULTS)) -> Plant:
    """Plant the faults in turn into so many meters; the same seed gives the same readings."""
    begin = datetime(MONTH_BEGIN.year, MONTH_BEGIN.month, MONTH_BEGIN.day, tzinfo=ZONE)
    first = begin - timedelta(days=HISTORY_DAYS)
    month = (_us(begin), _us(begin) + days * DAY_US)
    planted, fault_of = {}, {}
    for number in range(meters):
        chance = np.random.default_rng([seed, number])
        fault = faults[number % len(faults)]
        # A minute more than the month: the last reading of a meter that is read late lies behind its end.
        true = truth(chance, _us(first), first.weekday(), HISTORY_DAYS + days + 1, number // len(faults) + number)
        setting = Setting(chance, true, number // len(faults), month, cut_us=month[1] - DAY_US)
        meter_id = f"meter_{number:04d}"
        planted[meter_id], fault_of[meter_id] = FAULTS[fault](setting), fault
    return Plant(planted, fault_of, month, MONTH_BEGIN)


def write(made: Plant, folder: Path) -> Path:
    """Write the site folder, without readings."""
    folder.mkdir(parents=True)
    (folder / "site.yaml").write_text(
        "id: faults\nname_zh: 故障试验\nname_en: Planted faults\ntimezone: Asia/Shanghai\ngrid_region: JS\n", "utf-8"
    )
    (folder / "sources.yaml").write_text(
        "sources:\n  logger: {kind: files, path: readings/*.parquet, decimals: 2}\n", "utf-8"
    )
    (folder / "readings").mkdir()
    names = list(made.meters)
    _table(folder / "organizations.csv", "organization_id,name_zh", [("works", "工厂")])
    units = [("root", "works", "", "site", "全厂"), *((f"unit_{one}", "works", "root", "line", one) for one in names)]
    _table(folder / "energy_units.csv", "energy_unit_id,organization_id,parent_id,kind,name_zh", units)
    _table(
        folder / "meters.csv",
        "meter_id,energy_unit_id,carrier,ct_ratio",
        [(one, f"unit_{one}", "electricity_grid", f"{planted.ratio:g}") for one, planted in made.meters.items()],
    )
    _table(
        folder / "points.csv",
        "point_id,meter_id,quantity,kind,unit,register_size,physical_max,source",
        [_point(one, number, planted) for number, (one, planted) in enumerate(made.meters.items())],
    )
    _table(
        folder / "meter_events.csv",
        "meter_id,event_at,event,final_register,initial_register,new_ratio",
        [_event(one, event) for one, planted in made.meters.items() for event in planted.events],
    )
    _table(
        folder / "allocations.csv",
        "energy_unit_id,carrier,point_id",
        [(f"unit_{one}", "electricity_grid", f"{one}_ep") for one in names],
    )
    _table(
        folder / "tariffs.csv",
        "energy_unit_id,carrier,band,start_time,end_time,price_cny_per_unit",
        [("root", "electricity_grid", band, _clock(begin), _clock(end), price) for band, begin, end, price in BANDS],
    )
    return folder


def deliver(made: Plant, folder: Path, *, is_late: bool) -> int:
    """Drop a delivery of readings, in order of arrival, and return how many it holds."""
    point, at, value, known = [], [], [], []
    for number, planted in enumerate(made.meters.values()):
        sent = planted.readings.where(planted.readings.is_late == is_late)
        point.append(np.full(len(sent.at_us), number, np.int32))
        at.append(sent.at_us)
        value.append(sent.value)
        known.append(sent.known_us)
    order = np.argsort(np.concatenate(known), kind="stable")
    names = pa.array([f"{one}_ep" for one in made.meters])
    table = pa.table(
        {
            "point_id": pa.DictionaryArray.from_arrays(pa.array(np.concatenate(point)[order]), names),
            "reading_at": pa.array(np.concatenate(at)[order], pa.int64()).cast(_INSTANT),
            "value": pa.array(np.concatenate(value)[order]),
            "known_at": pa.array(np.concatenate(known)[order], pa.int64()).cast(_INSTANT),
        }
    )
    pq.write_table(table, folder / "readings" / ("second.parquet" if is_late else "first.parquet"))
    return int(table.num_rows)


def prices(made: Plant) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the price of each quarter of an hour of the month in CNY per kWh."""
    by_minute = np.empty(DAY_MINUTES)
    for _, begin, end, price in BANDS:
        by_minute[begin:end] = price
    days = (made.month[1] - made.month[0]) // DAY_US
    return np.tile(by_minute[::15], days)


def _point(meter_id: str, number: int, planted: Planted) -> tuple[object, ...]:
    is_known = planted.is_rated or number % 3 > 0  # the plate cannot always be read
    most = f"{planted.truth.rated_kw * 1.1:.0f}" if is_known else ""
    return (f"{meter_id}_ep", meter_id, "active_energy_import", "register", "kWh", f"{planted.size:g}", most, "logger")


def _event(meter_id: str, event: Event) -> tuple[object, ...]:
    at = datetime.fromtimestamp(event.at_us / 1e6, UTC).astimezone(ZONE).isoformat()
    numbers = (event.final_register, event.initial_register, event.new_ratio)
    return (meter_id, at, event.event, *("" if number is None else f"{number:.2f}" for number in numbers))


def _table(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _us(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000
