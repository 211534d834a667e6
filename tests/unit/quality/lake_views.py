"""A connection with the relations that suites and detectors look through, filled by hand."""

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from quality import window

START = datetime(2025, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def connection() -> duckdb.DuckDBPyConnection:
    """Return a database with empty relations."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute(
        "create schema ref; create schema raw; create schema energy; create schema quarantine; create schema quality"
    )
    con.execute(
        "create table recent_reading (source varchar, point_id varchar, reading_at timestamptz, value decimal(18, 6), "
        "status varchar, known_at timestamptz, batch_id varchar, month date)"
    )
    window.open_behaviour(con)
    con.execute(
        "create table ref.points (point_id varchar, meter_id varchar, kind varchar, source varchar, "
        "register_size decimal(18, 6), known_at timestamptz, physical_max decimal(18, 6))"
    )
    con.execute("create table ref.meters (meter_id varchar, energy_unit_id varchar, known_at timestamptz)")
    con.execute("create table ref.energy_units (energy_unit_id varchar, organization_id varchar, name_zh varchar)")
    con.execute("create table ref.allocations (point_id varchar, energy_unit_id varchar, carrier varchar)")
    con.execute("create table energy.readings_latest (point_id varchar)")
    return con


def point(con: duckdb.DuckDBPyConnection, name: str, kind: str = "register", size: float | None = None) -> None:
    """Add a point of source s."""
    con.execute("insert into ref.points values (?, ?, ?, 's', ?, now(), null)", [name, f"m_{name}", kind, size])
    con.execute("insert into ref.meters values (?, 'unit', now())", [f"m_{name}"])


def readings(con: duckdb.DuckDBPyConnection, name: str, values: list[float], *, source: str = "s") -> None:
    """Add quarter-hourly readings of a point."""
    at = [START + place * QUARTER for place in range(len(values))]
    added = pa.table(
        {
            "source": [source] * len(at),
            "point_id": [name] * len(at),
            "reading_at": at,
            "value": values,
            "month": [day.date().replace(day=1) for day in at],
        }
    )
    con.register("added", added)
    con.execute(
        "insert into recent_reading select source, point_id, reading_at, value, 'good', ?, 'b', month from added",
        [START],
    )
    con.unregister("added")
