"""Energy baselines of baselines.csv and what they verify; nothing where the site declares none."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets import readings
from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from lake.periods import next_month
from methods.baselines import rows
from methods.baselines.model import Periods, Wanted
from methods.baselines.rows import Baseline

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OUTDOOR, BASELINES = "energy.outdoor_daily", "energy.baselines"
TERMS, SAVINGS = "energy.baseline_terms", "energy.baseline_savings_monthly"
MARTS = (OUTDOOR, BASELINES, TERMS, SAVINGS)
KEYS = keys(MARTS)
_PARENTS = (
    "energy.comprehensive_units_monthly",
    "energy.consumption_daily",
    "energy.intensity_monthly",
    "quality.completeness_daily",
)
#: Hours with a reading that a day's mean needs, and the share of a month's days whose mean is known that it needs.
_HOURS, _DAYS = 18, 0.9
OUTDOOR_DAILY = pa.schema(
    [
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("point_id", pa.string(), nullable=False),
        pa.field("organization_id", pa.string()),
        pa.field("temperature_degc", pa.decimal128(9, 3)),
        pa.field("hours_count", pa.int32()),
    ]
)
Temperatures = Mapping[tuple[str, date], float]


def baselines_asset() -> dg.AssetsDefinition:
    """Return the step that verifies savings, before the publication."""
    return step("baselines", MARTS, verify_all, parents=_PARENTS, owner="team:energy")


def verify_all(work: Work) -> dict[str, int]:
    """Make the marts, all months anew; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        told = engine.rows(connection, _BASELINES)
        outdoor = _outdoor(work, connection, told)
        known = {
            (row["point_id"], row["local_date"]): float(row["temperature_degc"])
            for row in outdoor.to_pylist()
            if row["temperature_degc"] is not None
        }
        made = rows.tables([_baseline(connection, row, known) for row in told])
    inside = set(MARTS) - {BASELINES, SAVINGS}
    return written(work, dict(zip(MARTS, (outdoor, *made), strict=True)), inside=inside)


def _outdoor(work: Work, connection: "DuckDBPyConnection", told: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return the daily means of the thermometers that baselines name."""
    points = sorted({row["temperature_point_id"] for row in told if row["temperature_point_id"]})
    found = readings.latest(work, connection, points)
    if found is None:
        return OUTDOOR_DAILY.empty_table()
    zone = work.site.settings.timezone
    hours = found.filter("status = 'good'").aggregate(
        f"point_id, date_trunc('hour', timezone('{zone}', reading_at)) as hour, avg(value)::decimal(18, 9) as mean"
    )
    days = hours.aggregate(
        "point_id, hour::date as local_date, "
        f"case when count(*) >= {_HOURS} then avg(mean)::decimal(9, 3) end as mean, count(*) as hours_count"
    )
    owners = {row["point_id"]: row["organization_id"] for row in engine.rows(connection, _OWNERS)}
    return pa.Table.from_pylist(
        [
            {
                "local_date": day,
                "month": day.replace(day=1),
                "point_id": point,
                "organization_id": owners[point],
                "temperature_degc": mean,
                "hours_count": count,
            }
            for point, day, mean, count in days.order("point_id, local_date").fetchall()
        ],
        OUTDOOR_DAILY,
    )


def _baseline(connection: "DuckDBPyConnection", told: Mapping[str, Any], known: Temperatures) -> Baseline:
    """Return a baseline with the whole months or days of its unit that have all that it asks for."""
    products = told["products"].split(";") if told["products"] else []
    is_daily = told["grain"] == "day"
    wanted = Wanted(products, told["working_days"], told["heating"], told["cooling"], is_daily)
    made = engine.rows(connection, _MADE, organization=told["organization_id"], products=products)
    outputs = {(row["product_id"], row["month"]): float(row["quantity"]) for row in made}
    used = engine.rows(
        connection,
        _OF_CARRIER if told["carrier"] else _COMPREHENSIVE,
        unit=told["energy_unit_id"],
        **({"carrier": told["carrier"], "is_daily": is_daily} if told["carrier"] else {}),
    )
    free, busy = _calendar(connection)
    kept = []
    for row in used:
        days = _days(row["start"], is_daily=is_daily)
        degrees = [known[told["temperature_point_id"], day] for day in days if _has(told, known, day)]
        if any((product, row["start"]) not in outputs for product in products):
            continue
        if (told["heating"] or told["cooling"]) and len(degrees) < _DAYS * len(days):
            continue
        working = sum((day.weekday() < 5 and day not in free) or day in busy for day in days)
        kept.append((row, len(days), working, degrees))
    periods = Periods(
        starts=[row["start"] for row, *_ in kept],
        energy=np.array([float(row["energy"]) for row, *_ in kept]),
        cost=np.array([float(row["cost"] or 0) for row, *_ in kept]),
        outputs={name: np.array([outputs[name, row["start"]] for row, *_ in kept]) for name in products},
        days=np.array([float(count) for _, count, *_ in kept]),
        working_days=np.array([float(working) for *_, working, _ in kept]),
        temperatures=[np.array(degrees) for *_, degrees in kept],
    )
    return Baseline(told, wanted, periods, {row["product_id"]: row["quantity_unit"] for row in made})


def _has(told: Mapping[str, Any], known: Temperatures, day: date) -> bool:
    return (told["temperature_point_id"], day) in known


def _days(start: date, *, is_daily: bool) -> list[date]:
    end = start + timedelta(days=1) if is_daily else next_month(start)
    return [start + timedelta(days=number) for number in range((end - start).days)]


def _calendar(connection: "DuckDBPyConnection") -> tuple[set[date], set[date]]:
    """Return the holidays of the whole site, and the weekend days on which it works."""
    found: dict[str, set[date]] = {"holiday": set(), "working": set()}
    for row in engine.rows(connection, _CALENDAR):
        found[row["day_type"]].add(row["local_date"])
    return found["holiday"], found["working"]


_BASELINES = """
    select baselines.* exclude (name_zh, name_en), baselines.name_zh as baseline_name_zh,
        coalesce(baselines.name_en, baselines.name_zh) as baseline_name_en,
        units.organization_id, units.organization_name_zh, units.organization_name_en,
        organizations.level as organization_level, units.energy_unit_name_zh, units.energy_unit_name_en
    from ref.baselines as baselines
    inner join reference.energy_units as units using (energy_unit_id)
    inner join reference.organizations as organizations using (organization_id)
    order by baseline_id
"""
_OWNERS = "select point_id, organization_id from reference.points"
_CALENDAR = """
    select distinct local_date, day_type from ref.calendar
    where energy_unit_id is null and local_date is not null and day_type in ('holiday', 'working')
"""
_MADE = """
    select distinct product_id, month, quantity, quantity_unit from energy.intensity_monthly
    where basis = 'product' and convention = 'calorific' and quantity is not null
        and organization_id = $organization and list_contains($products, product_id)
"""
# A month counts where each of its days is there.
_WHOLE = """
    select month from quality.completeness_daily group by month
    having count(distinct local_date) = day(last_day(month))
"""
_COMPREHENSIVE = f"""
    with whole as ({_WHOLE})

    select month as start, comprehensive_energy_tce_calorific as energy, cost_cny as cost
    from energy.comprehensive_units_monthly inner join whole using (month)
    where energy_unit_id = $unit and comprehensive_energy_tce_calorific is not null
    order by start
"""
# What is used: bought, generated and recovered less what is passed on; days without a gap, months of such days alone.
_OF_CARRIER = f"""
    with whole as ({_WHOLE}),

    days as (
        select local_date, month,
            sum(case when role in ('sale', 'internal_sale') then -energy_tce_calorific else energy_tce_calorific end)
                as energy,
            sum(case when role in ('sale', 'internal_sale') then 0 else cost_cny end) as cost
        from energy.consumption_daily inner join whole using (month)
        where energy_unit_id = $unit and (carrier = $carrier or starts_with(carrier, $carrier || '_'))
        group by local_date, month
        having max(missing_ratio) = 0 and count(energy_tce_calorific) = count(*)
    )

    select case when $is_daily then local_date else month end as start, sum(energy) as energy, sum(cost) as cost
    from days
    group by start
    having $is_daily or count(*) = day(last_day(start))
    order by start
"""
