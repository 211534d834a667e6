"""The site that is measured: one works of many metered units in shops of twenty, priced by band, in one zone."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
#: The first local day. Not the first of a month, so that a day after a year falls into a month that has begun.
FIRST_DAY = date(2025, 1, 16)
SOURCE = "bench"
#: Decimal places of a register: hundredths of a kilowatt-hour.
DECIMALS = 2
#: Counts at which a register begins again at zero: nine digits, two of them behind the point.
REGISTER_COUNTS = 1_000_000_000
_PER_SHOP = 20

_SITE = """\
id: bench
name_zh: 测量厂
name_en: Bench works
timezone: Asia/Shanghai
grid_region: JS
interval_minutes: 15
"""
_SOURCES = f"sources:\n  {SOURCE}: {{kind: files, path: none/*.csv, decimals: {DECIMALS}, timezone: Asia/Shanghai}}\n"
_BANDS = {
    "1-6;9-12": "valley 00:00 08:00 0.3139; flat 08:00 10:00 0.6418; peak 10:00 12:00 1.0347; flat 12:00 17:00 0.6418; "
    "peak 17:00 22:00 1.0347; flat 22:00 24:00 0.6418",
    "7-8": "valley 00:00 08:00 0.3139; flat 08:00 14:00 0.6418; sharp 14:00 16:00 1.2416; flat 16:00 17:00 0.6418; "
    "peak 17:00 22:00 1.0347; flat 22:00 24:00 0.6418",
}
#: Prices rise in the middle of the year, so that the price is one valid at the date.
_RISE, _RISEN_ON = 1.02, date(2025, 6, 1)


def points(meters: int) -> list[str]:
    """Return the ids of the points, in order."""
    return [f"p_{number:05}" for number in range(meters)]


def instant(day: int) -> datetime:
    """Return the instant at which a local day begins, counted from the first."""
    first = FIRST_DAY + timedelta(days=day)
    return datetime(first.year, first.month, first.day, tzinfo=ZONE)


def write(folder: Path, meters: int, grid_year: int = 2023) -> Path:
    """Write the site folder and return it; CO2 of power is that of `grid_year`."""
    (folder / "none").mkdir(parents=True, exist_ok=True)
    shops = range((meters + _PER_SHOP - 1) // _PER_SHOP)
    shop_rows = [f"shop_{shop:03},works,works,workshop,{shop} 车间,Shop {shop}" for shop in shops]
    files = {
        "site.yaml": [_SITE.rstrip()],
        "sources.yaml": [_SOURCES.rstrip()],
        "organizations.csv": ["organization_id,parent_id,name_zh,name_en", "works,,测量厂,Bench works"],
        "energy_units.csv": [
            "energy_unit_id,organization_id,parent_id,kind,name_zh,name_en",
            "works,works,,site,全厂,Whole works",
            *shop_rows,
            *(f"u_{n:05},works,shop_{n // _PER_SHOP:03},equipment,{n} 号设备,Unit {n}" for n in range(meters)),
        ],
        "meters.csv": [
            "meter_id,energy_unit_id,carrier,accuracy_class,ct_ratio",
            *(f"m_{n:05},u_{n:05},electricity_grid,0.5S,1" for n in range(meters)),
        ],
        "points.csv": [
            "point_id,meter_id,quantity,kind,unit,multiplier,register_size,physical_max,source",
            *(
                f"{point},m_{n:05},active_energy_import,register,kWh,1,{REGISTER_COUNTS // 10**DECIMALS},4000,{SOURCE}"
                for n, point in enumerate(points(meters))
            ),
        ],
        "allocations.csv": [
            "energy_unit_id,carrier,point_id,role",
            *(f"u_{n:05},electricity_grid,{point},purchase" for n, point in enumerate(points(meters))),
        ],
        "factor_rules.csv": [
            "kind,data_year,valid_from,adopted_on,reason",
            f"grid,{grid_year},2024-01-01,2026-01-05,a published year stands in for later ones",
            "electricity_equivalent,2024,2025-01-01,2026-01-05,the latest published figure stands in for later years",
        ],
        "tariffs.csv": ["energy_unit_id,carrier,band,start_time,end_time,months,price_cny_per_unit,valid_from,valid_to"]
        + [row for months, bands in _BANDS.items() for row in _prices(months, bands)],
    }
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _prices(months: str, bands: str) -> list[str]:
    rows = []
    for band, start, end, price in (text.split() for text in bands.split(";")):
        for rise, validity in ((1.0, f",{_RISEN_ON}"), (_RISE, f"{_RISEN_ON},")):
            rows.append(f"works,electricity_grid,{band},{start},{end},{months},{float(price) * rise:.6f},{validity}")
    return rows
