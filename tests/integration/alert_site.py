"""A works with a leak, a budget that is overrun and a meter whose calibration ends: marts made by hand, rules as data.

`zone` is the site's; ref/ and the marts have the columns that the rules' statements read.
"""

from datetime import UTC, date, datetime
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

ZONE = "Asia/Shanghai"
FIRST, LAST = date(2025, 3, 1), date(2025, 7, 31)
LEAK_ON = date(2025, 6, 17)
EXPIRES_ON = date(2025, 6, 20)
_BLANK = {
    "organization_id": None, "carrier": None, "measure": None, "comparison": "above", "clear_value": None,
    "for_hours": 0, "severity": "medium", "notify": "p1;review", "channel": "mail;hook", "escalate_after_hours": None,
    "escalate_notify": None, "escalate_channel": None, "message_zh": None, "message_en": None, "valid_from": None,
    "valid_to": None,
}  # fmt: skip


def rule(rule_id: str, kind: str, subject: str, quantity: str, limit: float, **more: Any) -> dict[str, Any]:
    """Return one row of alert_rules.csv."""
    told = {"rule_id": rule_id, "kind": kind, "subject": subject, "quantity": quantity, "limit_value": limit}
    return _BLANK | told | more


LEAK = rule("leak", "leak", "*", "night_minimum", 0.3, carrier="fresh_water", for_hours=48, escalate_after_hours=24)
BUDGET = rule("budget", "budget", "works", "budget_month_ratio", 1)
METER = rule("meter", "calibration", "*", "calibration_days_left", 0, comparison="below")
RULES = (LEAK, BUDGET, METER)


def opened(
    rules: tuple[dict[str, Any], ...] | pa.Table = RULES, *, until: date = LAST, repaired_on: date | None = None
) -> duckdb.DuckDBPyConnection:
    """Return an engine with the marts as they are when the data reaches to the end of a day."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for schema in ("ref", "reference", "energy", "carbon", "quality"):
        connection.execute(f"create schema {schema}")
    _make(connection, "ref.alert_rules", rules if isinstance(rules, pa.Table) else _table(rules))
    for statement in _SITE.split(";"):
        if statement.strip():
            connection.execute(statement)
    days = {"$until": until, "$first": FIRST, "$leak_on": LEAK_ON, "$repaired_on": repaired_on or date.max}
    for statement in (_HOURS, *_DAYS.split(";"), *_BUDGETS.split(";")):
        connection.execute(reduce(lambda text, day: text.replace(day[0], f"date '{day[1]}'"), days.items(), statement))
    return connection


def midnight(day: date) -> datetime:
    """Return the beginning of a day on the site's clock."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def _table(rules: tuple[dict[str, Any], ...]) -> pa.Table:
    schema = {"for_hours": pa.float64(), "limit_value": pa.float64(), "clear_value": pa.float64()}
    schema |= {"escalate_after_hours": pa.float64(), "valid_from": pa.date32(), "valid_to": pa.date32()}
    fields = [pa.field(name, schema.get(name, pa.string())) for name in RULES[0]]
    return pa.Table.from_pylist(list(rules), pa.schema(fields))


def _make(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("made", table)
    connection.execute(f"create table {name} as select * from made")
    connection.unregister("made")


_SITE = f"""
    create table reference.energy_units as select * from (values
        ('works', 'works', null, '示范厂', 'Works', false), ('pumps', 'works', 'works', '泵站', 'Pump house', false)
    ) as units (energy_unit_id, organization_id, parent_id, energy_unit_name_zh, energy_unit_name_en, is_residual);
    create table ref.energy_units as select energy_unit_id, organization_id from reference.energy_units;
    create table reference.organizations as select 'works' as organization_id, '示范厂' as organization_name_zh,
        'Works' as organization_name_en, 'works' as root_energy_unit_id;
    create table ref.organization_closure as select 'works' as ancestor, 'works' as descendant;
    create table ref.unit_closure as select * from (values
        ('works', 'works', 0), ('pumps', 'pumps', 0), ('works', 'pumps', 1)
    ) as closure (ancestor, descendant, distance);
    create table reference.points as select 'water_v' as point_id, 'works' as organization_id,
        'pumps' as energy_unit_id, '泵站' as energy_unit_name_zh, 'Pump house' as energy_unit_name_en,
        'fresh_water' as carrier;
    create table reference.carriers as select 'fresh_water' as carrier, '新水' as carrier_name_zh,
        'fresh water' as carrier_name_en, 'medium' as carrier_group, '耗能工质' as carrier_group_name_zh,
        'medium' as carrier_group_name_en;
    create table energy.consumption_monthly as select 'pumps' as energy_unit_id, 'fresh_water' as carrier,
        'medium' as carrier_group;
    create table ref.meters as select * from (values
        ('water', 'pumps', date '2024-06-21', date '{EXPIRES_ON}'), ('old', 'pumps', null, null)
    ) as meters (meter_id, energy_unit_id, calibrated_on, calibration_due_on);
    create table ref.meter_events (meter_id varchar, event varchar, event_at timestamptz);
    create table ref.calendar as select null::varchar as energy_unit_id, date '2025-05-01' as local_date,
        'holiday' as day_type;
    create table energy.intervals (point_id varchar, organization_id varchar, local_date date,
        period_start_at timestamptz, quantity double, quantity_unit varchar, quality varchar)
"""
#: Water of each hour: 5 m3 at night that wobble, 40 by day, and 4 more in each hour while it leaks.
_HOURS = """
    create table energy.consumption_hourly as
    with hours as (
        select day::date as local_date, hour::int as local_hour, date_diff('day', $first, day::date) as number
        from range($first::timestamp, $until + interval 1 day, interval 1 day) as days (day)
        cross join range(24) as hours (hour)
    ),

    flow as (
        select *, case when local_hour < 6 then 5.0 else 40.0 end + (number * 7 + local_hour) % 5 * 0.1
            + case when local_date >= $leak_on and local_date < $repaired_on then 4.0 else 0.0 end as quantity
        from hours
    )

    select timezone('Asia/Shanghai', local_date + to_hours(local_hour)) as period_start_at, local_date, local_hour,
        'works' as organization_id, 'pumps' as energy_unit_id, 'fresh_water' as carrier, 'medium' as carrier_group,
        'end_use' as role, quantity, 'm3' as quantity_unit, quantity * 0.0002 as energy_tce_calorific,
        quantity * 3 as cost_cny, 0.0 as estimated_ratio, 0.0 as missing_ratio
    from flow
"""
_DAYS = """
    create table energy.consumption_daily as
    select local_date, organization_id, energy_unit_id, carrier, carrier_group, role, sum(quantity) as quantity,
        any_value(quantity_unit) as quantity_unit, sum(energy_tce_calorific) as energy_tce_calorific,
        sum(cost_cny) as cost_cny, 0.0 as missing_ratio
    from energy.consumption_hourly group by all;
    create table quality.completeness_daily as
    select local_date, date_trunc('month', local_date)::date as month from energy.consumption_hourly group by all;
    create table energy.readings_latest as
    select (max(period_start_at) + interval 1 hour) as reading_at from energy.consumption_hourly
    where local_date <= $until
"""
#: 100 tce are planned for each month; June takes 111, which is passed on its 28th day.
_BUDGETS = """
    create table energy.budget_status_monthly as
    with months as (
        select unnest([date '2025-03-01', date '2025-04-01', date '2025-05-01', date '2025-06-01', date '2025-07-01'])
            as month
    ),

    seen as (
        select month, least(last_day(month), $until) as as_of_date,
            case when month = date '2025-06-01' then 3.7 else 3.0 end as tce_per_day
        from months where month <= $until
    )

    select 'works' as organization_id, 'works' as energy_unit_id, 'energy_calorific' as measure,
        null::varchar as carrier, month, 100.0 as budget,
        tce_per_day * (date_diff('day', month, as_of_date) + 1) as actual, 100.0 as budget_to_date,
        0.0 as actual_to_date, as_of_date, as_of_date = last_day(month) as is_complete,
        null::double as breach_probability
    from seen;
    create table carbon.budget_status_monthly as from energy.budget_status_monthly where false
"""
