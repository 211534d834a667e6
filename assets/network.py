"""Reconciliation: the energy network of the rebuilt months, and how far each meter can be trusted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from lake import publication
from lake.engine import connected
from methods.reconciliation import tables
from methods.reconciliation.rows import Reconciled
from quality import tables as tables_of
from quality import trust
from quality.detectors import network as detector

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECONCILED, BALANCES, TRUST = "energy.intervals_reconciled", "quality.balances_daily", "quality.meter_trust"
MARTS = (RECONCILED, BALANCES, TRUST)
KEYS = keys(MARTS)
PAGES = {TRUST: tables_of.PAGE}
#: What they are made from. A changed one of the reference things restates every month.
_PARENTS = ("quality.completeness_daily", "energy.readings_latest")
_REFERENCE = ("flows", "meters", "points")


def network_asset() -> dg.AssetsDefinition:
    """Return the step between the checks of the models and the publication: it reconciles the network."""
    return step("network", MARTS, reconcile_all, parents=_PARENTS, owner="team:data", pages=PAGES)


def reconcile_all(work: Work) -> dict[str, int]:
    """Make the marts of the network and look for findings in them; return the rows of each."""
    made = _made(work)
    with work.looking() as connection:
        work.findings += detector.detect(connection)
    return made


def _made(work: Work) -> dict[str, int]:
    """Make the three marts: the months that this run rebuilds anew, the others as they are published."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        months = _months(work, connection)
        found = _reconciled(work, connection, months)
        owners = dict(connection.execute(_OWNERS).fetchall())
        measured = {row[:2]: row[2] for row in connection.execute(_MEASURED, {"months": months}).fetchall()}
        zone = ZoneInfo(work.site.settings.timezone)
        rows = {
            RECONCILED: tables.intervals(found.points, measured, owners, zone),
            BALANCES: tables.balances(found.imbalances, owners),
        }
        rows = {mart: _with_earlier(connection, mart, table, months) for mart, table in rows.items()}
        rows[BALANCES] = _named(connection, rows[BALANCES])
        errors = _with_earlier(connection, TRUST, tables.errors(found.errors), months, "point_id is not null")
        rows[TRUST] = trust.rows(connection, errors, work.site.settings.timezone)
    suspects = [row["key"] for row in found.errors if row["is_suspect"]]
    if suspects:
        LOG.info("the balances doubt %s", ", ".join(sorted({str(key) for key in suspects})))
    return written(work, rows, pages=PAGES, inside={RECONCILED})


def _months(work: Work, connection: "DuckDBPyConnection") -> list[object]:
    """Return the months to reconcile: those that are rebuilt, all where the network or a meter's class changed."""
    assert work.build is not None, "the marts were built"
    last = publication.last_manifest(work.lake)
    mart = last.marts.get(RECONCILED) if last else None
    changed = mart is None or last is None or _times(last.ref) != _times(work.build.inputs["ref"])
    source = "quality.completeness_daily" if changed else "meta.calendar_hour"
    return [month for (month,) in connection.execute(f"select distinct month from {source} order by 1").fetchall()]


def _times(things: object) -> list[object]:
    assert isinstance(things, dict), "a manifest names the snapshots it was made from"
    return [things.get(name) for name in _REFERENCE]


def _reconciled(work: Work, connection: "DuckDBPyConnection", months: Sequence[object]) -> Reconciled:
    flows = connection.sql("select * from ref.flows").to_arrow_table()
    if not flows.num_rows:
        return Reconciled()
    from methods.reconciliation import run  # a site without a network needs no numerical library

    meters = connection.sql(_INSTRUMENTS).to_arrow_table()
    days = connection.sql(
        _DAYS, params={"months": list(months), "minutes": work.site.settings.interval_minutes}
    ).to_arrow_table()
    return run.reconcile(flows, meters, days)


def _with_earlier(
    connection: "DuckDBPyConnection", mart: str, rows: pa.Table, months: Sequence[object], only: str = "true"
) -> pa.Table:
    """Return the rows with the published ones of the other months."""
    published = f'published."{mart.replace(".", "__")}"'
    if not tables_of.exists(connection, published.replace('"', "")):
        return rows
    names = ", ".join(rows.schema.names)
    earlier = connection.sql(
        f"select {names} from {published} where not list_contains($months, month) and {only} "
        "and month in (select month from quality.completeness_daily)",
        params={"months": list(months)},
    )
    return pa.concat_tables([earlier.to_arrow_table().cast(rows.schema), rows])


def _named(connection: "DuckDBPyConnection", balances: pa.Table) -> pa.Table:
    """Return the balances with the names of their nodes and carriers, as they are now."""
    connection.register("balances", balances)
    named: pa.Table = connection.sql(_NAMES).to_arrow_table()
    connection.unregister("balances")
    return named


_NAMES = """
    with parts as (
        select balance, unnest(string_split(balance, '+')) as node from (select distinct balance from balances)
    ),

    nodes as (
        select parts.balance,
            string_agg(coalesce(nodes.name_zh, units.name_zh, parts.node), ' + '
                order by parts.node) as balance_name_zh,
            string_agg(coalesce(nodes.name_en, nodes.name_zh, units.name_en, units.name_zh, parts.node), ' + '
                order by parts.node) as balance_name_en
        from parts
        left join ref.flow_nodes as nodes on parts.node = nodes.node_id
        left join ref.energy_units as units on parts.node = units.energy_unit_id
        group by parts.balance
    ),

    carriers as (
        select carrier, min(carrier_name_zh) as carrier_name_zh, min(carrier_name_en) as carrier_name_en
        from reference.carriers group by carrier
    )

    select balances.*, coalesce(carriers.carrier_name_zh, balances.carrier) as carrier_name_zh,
        coalesce(carriers.carrier_name_en, balances.carrier) as carrier_name_en,
        nodes.balance_name_zh, nodes.balance_name_en
    from balances
    inner join nodes using (balance)
    left join carriers using (carrier)
    order by balances.carrier, balances.balance, balances.local_date
"""
_OWNERS = """
    select points.point_id, units.organization_id
    from ref.points as points
    inner join ref.meters as meters using (meter_id)
    inner join ref.energy_units as units using (energy_unit_id)
"""
_INSTRUMENTS = """
    with amounts as (
        select point_id, any_value(quantity_unit) as unit from quality.completeness_daily
        where point_id in (select point_id from ref.flows) group by point_id
    )

    select points.point_id, meters.accuracy_class, points.kind,
        points.resolution::double * points.multiplier::double * coalesce(conversions.factor, 1)::double
        * case when meters.ratios_applied::boolean then 1 else meters.ct_ratio::double * meters.pt_ratio::double end
        as step
    from ref.points as points
    inner join ref.meters as meters using (meter_id)
    left join amounts using (point_id)
    left join ref.unit_conversions as conversions
        on conversions.from_unit = points.unit and conversions.to_unit = amounts.unit
"""
_MEASURED = """
    select point_id, local_date, quantity from quality.completeness_daily
    where quantity is not null and point_id in (select point_id from ref.flows) and list_contains($months, month)
"""
_DAYS = """
    select point_id, local_date, case when missing_count + estimated_count = 0 then quantity end as quantity,
        quantity_unit, expected * $minutes / 60.0::double as hours, expected as intervals
    from quality.completeness_daily
    where point_id in (select point_id from ref.flows) and list_contains($months, month)
"""
