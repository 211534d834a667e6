"""What would have been the best day: the latest days once more through the dispatch model, before the publication."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from methods.dispatch.plant import Plant
    from methods.dispatch.run import Inputs

SCHEDULE, SAVINGS = "energy.dispatch_schedule", "energy.dispatch_savings"
MARTS = (SCHEDULE, SAVINGS, "energy.dispatch_prices", "energy.dispatch_gains")
KEYS = keys(MARTS)
_PARENTS = ("energy.intervals", "carbon.emissions_monthly", "reference.tariffs")


def dispatch_asset() -> dg.AssetsDefinition:
    """Return the step that puts the best day beside the real one."""
    return step("dispatch", MARTS, test_all, parents=_PARENTS, owner="team:data")


def test_all(work: Work) -> dict[str, int]:
    """Make the marts: the days whose inputs changed are solved again, the others stay; return the rows of each."""
    from methods.dispatch import rows  # numerical; a process that only draws the graph does without it

    assert work.build is not None, "the marts were built"
    made: dict[str, pa.Table] = {mart: schema.empty_table() for mart, schema in rows.MARTS.items()}
    if work.site.dispatch:
        with connected(work.build.database, engine=work.build.engine) as connection:
            made = of_latest_days(
                connection, work.site.dispatch, work.site.settings.timezone, work.site.settings.interval_minutes
            )
    return written(work, made)


def of_latest_days(
    connection: "DuckDBPyConnection", settings: Mapping[str, Any], timezone: str, interval_minutes: int
) -> dict[str, pa.Table]:
    """Return the marts from the marts of a build, and from what is published of days that did not change."""
    from methods.dispatch import plant as plants
    from methods.dispatch import rows, run

    plant = plants.of(settings)
    before = _published(connection)
    kept = (
        {row["local_date"]: row["inputs"] for row in before[SAVINGS].select(["local_date", "inputs"]).to_pylist()}
        if before
        else {}
    )
    inputs = _inputs(connection, plant, ZoneInfo(timezone), interval_minutes)
    found, same = run.back_test(plant, inputs, kept)
    made = {}
    for mart, schema in rows.MARTS.items():
        table = pa.Table.from_pylist(found[mart], schema=schema)
        if same:
            stays = [row for row in before[mart].to_pylist() if row["local_date"] in same]
            table = pa.concat_tables([table, pa.Table.from_pylist(stays, schema=schema)])
        made[mart] = table.sort_by([(name, "ascending") for name in schema.names[:5]])
    return made


def _published(connection: "DuckDBPyConnection") -> dict[str, pa.Table]:
    """Return the marts as they are published, nothing before the first time or where their columns are others."""
    from methods.dispatch import rows

    found = {}
    for mart, schema in rows.MARTS.items():
        name = mart.replace(".", "__")
        exists = (
            "select column_name from information_schema.columns where table_schema = 'published' and table_name = $1"
        )
        columns = [column for (column,) in connection.execute(exists, [name]).fetchall()]
        if sorted(columns) != sorted(schema.names):
            return {}
        found[mart] = connection.sql(f"select {', '.join(schema.names)} from published.{name}").to_arrow_table()
    return found


def _inputs(connection: "DuckDBPyConnection", plant: "Plant", zone: ZoneInfo, interval_minutes: int) -> "Inputs":
    import numpy as np

    from methods.dispatch.assemble import Given
    from methods.dispatch.plant import Purchase
    from methods.dispatch.run import BEFORE, Inputs
    from methods.dispatch.tariffs import Tariffs

    named = {"points": plant.points, "minutes": plant.step_minutes, "parts": plant.step_minutes // interval_minutes}
    ((last,),) = connection.execute(_LAST, {"points": plant.points}).fetchall()
    first = last - timedelta(days=plant.days + BEFORE) if last else date.min
    readings: dict[date, dict[str, Any]] = {}
    for day, point, values in connection.execute(_READINGS, {**named, "first": first}).fetchall():
        of_day = readings.setdefault(day, {})
        if None not in values:
            of_day[point] = np.array(values, dtype=float)
    months = sorted({day.replace(day=1) for day in readings})
    tariffs = Tariffs(engine.rows(connection, "select * from reference.tariffs"))
    purchases = {device.point: device for device in plant.devices.values() if isinstance(device, Purchase)}
    peaks = connection.execute(_PEAKS, {**named, "points": sorted(purchases), "first": first.replace(day=1)}).fetchall()
    given, limits = {}, {}
    for month in months:
        terms = {
            row["energy_unit_id"]: row
            for row in engine.rows(connection, _CONTRACTS, day=month)
            if row["price_cny_per_kw"]
        }
        price, limit = {}, {}
        for of_month, point, peak in peaks:
            device = purchases[point]
            term = terms.get(device.energy_unit_id or "")
            if of_month == month and term:
                contract = float(term["contract_kw"] or 0)
                price[device.id] = float(term["price_cny_per_kw"]) * term["times"]
                limit[device.id] = max(peak, contract)
        factors = connection.execute(_FACTORS, {"month": month}).fetchall()
        emissions = {
            (owner, carrier): float(f"{factor:.6g}") for owner, carrier, factor in factors if factor is not None
        }
        given[month], limits[month] = Given(tariffs, emissions, price), limit
    names = {row["id"]: (row["zh"], row["en"]) for row in engine.rows(connection, _NAMES)}
    return Inputs(readings, given, limits, names, zone)


_LAST = "select max(local_date) from energy.intervals where list_contains($points, point_id) and quantity is not null"
# The kW of each step, nothing where an interval of it is missing.
_STEPS = """
    with steps as (
        select month, local_date, point_id, epoch(period_start_at)::bigint // ($minutes * 60) as step,
            case when count(quantity) = $parts then sum(quantity)::double end * 60 / $minutes
            * any_value(case quantity_unit when 'kWh' then 1 when 'GJ' then 1 / 0.0036 end) as power_kw
        from energy.intervals
        where local_date >= $first and list_contains($points, point_id)
        group by all
    )
"""
_READINGS = f"""{_STEPS}
    select local_date, point_id, list(power_kw order by step) as powers from steps group by all order by all
"""
_PEAKS = f"""{_STEPS}
    select month, point_id, max(power_kw) as peak_kw
    from steps group by all having max(power_kw) is not null order by all
"""
# What a kW above the limit costs in the month: of a contract twice the price, as for its excess (above 105 %).
_CONTRACTS = """
    select energy_unit_id, price_cny_per_kw,
        case when demand_rule = 'contract_demand' then contract_kw * 1.05 end as contract_kw,
        case when demand_rule = 'contract_demand' then 2 else 1 end as times
    from ref.supply_contracts
    where demand_rule in ('contract_demand', 'max_demand') and coalesce(valid_from, $day) <= $day
        and coalesce(valid_to, $day + 1) > $day
    order by all
"""
# t CO2 per unit of fuel and, by location, of power: those of the accounts of the latest month up to this one.
_FACTORS = """
    select organization_id, carrier, max_by(tonnes, month) as factor
    from (
        select month, organization_id, carrier, sum(emissions_tco2)::double / sum(activity)::double as tonnes
        from carbon.emissions_monthly
        where gas = 'CO2' and activity > 0 and month <= $month and (
            (source_category = 'combustion' and basis = 'all')
            or (source_category = 'purchased_electricity' and basis = 'location')
        )
        group by all
    )
    group by all order by all
"""
_NAMES = """
    select organization_id as id, organization_name_zh as zh,
        coalesce(organization_name_en, organization_name_zh) as en
    from reference.organizations
"""
