"""Alerts: what the rules of alert_rules.csv find in the marts of a build, told once while it lasts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from exchange.outbox import WAITING
from lake import engine
from lake.engine import connected
from methods.alerts.rows import ALERTS
from methods.alerts.subjects import Named, Place, watched
from quality import calibrations, tables
from quality.detectors import channels as detector

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART = "energy.alerts"
KEYS = keys((MART,))
_PARENTS = (
    "energy.consumption_hourly",
    "energy.consumption_daily",
    "energy.cost_bands_monthly",
    "energy.cost_bands_daily",
    "carbon.emissions_monthly",
    "energy.budget_status_monthly",
    "carbon.budget_status_monthly",
    "carbon.emissions_estimate_daily",
    "quality.completeness_daily",
    "quality.completeness_by_organization_daily",
    "energy.readings_latest",
)


def alerts_asset(folder: Path) -> dg.AssetsDefinition:
    """Return the step that looks at what the rules watch, before the publication; `folder` has the outbox."""
    return step("alerts", (MART,), partial(alert_all, folder=folder), parents=_PARENTS, owner="team:energy")


def alert_all(work: Work, folder: Path) -> dict[str, int]:
    """Make the mart, from all that is known; return its rows. A site without rules has none, at no cost."""
    if work.site.channels and work.as_of is None:
        work.findings += detector.detect(_waiting(work, folder))
    assert work.build is not None, "the marts were built"
    table = ALERTS.empty_table()
    if work.site.tables["alert_rules"].num_rows:
        with connected(work.build.database, engine=work.build.engine) as connection:
            table = of_rules(connection, work.site.settings.timezone)
    return written(work, {MART: table})


def _waiting(work: Work, folder: Path) -> Iterator[tuple[str, int, str, str]]:
    """Yield the channels whose notices failed and wait, as the outbox tells it before this run."""
    from exchange import channels

    for found in channels.standings(folder, work.site):
        if found.oldest_waiting_at and found.last_answer:
            yield found.uplink, found.counts[WAITING], found.oldest_waiting_at, found.last_answer


def of_rules(connection: "DuckDBPyConnection", zone: str) -> pa.Table:
    """Return the alerts of the rules in ref.alert_rules from the marts of a build, in the site's zone."""
    from methods.alerts import run
    from methods.alerts import watched as statements

    if not tables.exists(connection, "ref.alert_rules"):  # a look back to before there were any
        return ALERTS.empty_table()
    rules = engine.rows(connection, "select * from ref.alert_rules order by rule_id, valid_from nulls first")
    place = _place(connection)
    quantities = sorted({str(rule["quantity"]) for rule in rules})
    needed = {name: statements.NEEDS.get(name, ()) for name in quantities}
    looked_at = [name for name in quantities if all(tables.exists(connection, mart) for mart in needed[name])]
    found = {name: _watched(connection, name, rules, place, zone) for name in looked_at}
    ((now,),) = connection.sql("select max(reading_at) from energy.readings_latest").fetchall()
    known = run.Known(
        place=place,
        carriers=_carriers(connection),
        days=_days(connection),
        acknowledged=engine.rows(connection, f"select * from {_SAID}") if tables.exists(connection, _SAID) else (),
        now=now,
        zone=ZoneInfo(zone),
    )
    return run.alerts(rules, found, known)


def _watched(
    connection: "DuckDBPyConnection", quantity: str, rules: Sequence[Mapping[str, Any]], place: Place, zone: str
) -> pa.Table:
    """Return what the rules of a quantity watch, by rule, series and period."""
    from methods.alerts.watched import STATEMENTS

    who = [row for row in watched(rules, place) if rules[row["rule_number"]]["quantity"] == quantity]
    connection.register("alert_subjects", pa.Table.from_pylist(who, _SUBJECTS))
    if quantity == "calibration_days_left":
        due = calibrations.due("select distinct local_date as day from quality.completeness_daily")
        connection.execute(f"create or replace temp table due as {due}", {"timezone": zone})
    sql = f"select * from ({STATEMENTS[quantity]}) order by rule_number, series, local_date, starts_at"
    table: pa.Table = connection.sql(sql, params={"zone": zone} if "$zone" in sql else None).to_arrow_table()
    connection.unregister("alert_subjects")
    return table


def _place(connection: "DuckDBPyConnection") -> Place:
    """Return the site as rules see it."""
    units = engine.rows(connection, _UNITS)
    above: dict[str, list[str]] = {}
    for row in engine.rows(connection, "select * from ref.unit_closure where distance > 0 order by distance"):
        above.setdefault(row["descendant"], []).append(row["ancestor"])
    below: dict[str, set[str]] = {}
    for row in engine.rows(connection, "select ancestor, descendant from ref.organization_closure"):
        below.setdefault(row["ancestor"], set()).add(row["descendant"])
    used = engine.rows(
        connection, "select distinct energy_unit_id, carrier, carrier_group from energy.consumption_monthly"
    )
    return Place(
        named={
            "energy_units": _named(units),
            "organizations": _named(engine.rows(connection, _ORGANIZATIONS)),
            "points": _named(engine.rows(connection, _POINTS)),
            "meters": _named(engine.rows(connection, _METERS)),
        },
        below=below,
        residual={row["id"] for row in units if row["is_residual"]},
        used={(row["energy_unit_id"], row[word]) for row in used for word in ("carrier", "carrier_group")},
        above=above,
    )


def _named(rows: Iterable[Mapping[str, Any]]) -> dict[str, Named]:
    return {
        row["id"]: Named(
            row["organization_id"], row["energy_unit_id"], row["name_zh"], row["name_en"], is_point="is_point" in row
        )
        for row in rows
    }


def _days(connection: "DuckDBPyConnection") -> dict[str, dict[date, str]]:
    found: dict[str, dict[date, str]] = {}
    for row in engine.rows(connection, _DAYS):
        found.setdefault(row["energy_unit_id"] or "", {})[row["local_date"]] = row["day_type"]
    return found


def _carriers(connection: "DuckDBPyConnection") -> dict[str, dict[str, str]]:
    rows = engine.rows(connection, "select distinct carrier, carrier_name_zh, carrier_name_en from reference.carriers")
    groups = engine.rows(
        connection,
        "select distinct carrier_group, carrier_group_name_zh, carrier_group_name_en from reference.carriers",
    )
    named = {row["carrier_group"]: (row["carrier_group_name_zh"], row["carrier_group_name_en"]) for row in groups}
    named |= {row["carrier"]: (row["carrier_name_zh"], row["carrier_name_en"]) for row in rows}
    return {carrier: {"zh": zh, "en": en} for carrier, (zh, en) in named.items()}


#: What people said of alerts in the entry portal.
_SAID = "ref.alert_acknowledgements"
_SUBJECTS = pa.schema(
    [
        pa.field("rule_number", pa.int32()),
        *[pa.field(name, pa.string()) for name in ("subject", "energy_unit_id", "carrier", "measure")],
    ]
)
_UNITS = """
    select energy_unit_id as id, organization_id, energy_unit_id, energy_unit_name_zh as name_zh,
        energy_unit_name_en as name_en, is_residual
    from reference.energy_units order by energy_unit_id
"""
_ORGANIZATIONS = """
    select organization_id as id, organization_id, root_energy_unit_id as energy_unit_id,
        organization_name_zh as name_zh, organization_name_en as name_en
    from reference.organizations order by organization_id
"""
#: A point and an instrument are called by the unit they measure, with the id that stands on them.
_POINTS = """
    select point_id as id, organization_id, energy_unit_id, energy_unit_name_zh || ' ' || point_id as name_zh,
        energy_unit_name_en || ' ' || point_id as name_en, true as is_point
    from reference.points order by point_id
"""
_METERS = """
    select meters.meter_id as id, units.organization_id, meters.energy_unit_id,
        units.energy_unit_name_zh || ' ' || meters.meter_id as name_zh,
        units.energy_unit_name_en || ' ' || meters.meter_id as name_en
    from ref.meters as meters inner join reference.energy_units as units using (energy_unit_id)
    order by meters.meter_id
"""
_DAYS = """
    select energy_unit_id, local_date, max(day_type) as day_type from ref.calendar
    where local_date is not null and day_type is not null group by energy_unit_id, local_date
"""
