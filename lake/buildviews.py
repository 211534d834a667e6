"""The views and tables that fill a build: what was received and referred to, what is published, what is rebuilt."""

from collections.abc import Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lake import commits, periods, rawfiles, shifts
from lake.manifest import Manifest
from lake.schemas import BATCH, QUARANTINE
from lake.store import Lake

_RECEIVED = (
    "point_id, reading_at, cast(value as decimal(18, 6)) as value, unit, status, known_at, batch_id, position, month"
)
_READING = (
    "point_id varchar, reading_at timestamptz, value decimal(18, 6), unit varchar, status varchar, "
    "known_at timestamptz, batch_id varchar, position bigint, month date, source varchar"
)


def received(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    versions: Mapping[str, int],
    read_days: pa.Table | None,
    as_of: datetime | None,
) -> dict[str, int]:
    """Make raw.reading, raw.batch and quarantine.reading; return the versions of the quarantine tables.

    `read_days` (point_id, day in UTC) are the readings that are needed: all where there is none.
    """
    con.execute("create schema raw; create schema quarantine")
    if read_days is None:
        _view(con, "raw.reading", _all_readings(lake, versions, None, as_of), _READING)
    else:
        months = {day.replace(day=1) for day in pc.unique(read_days["day"]).to_pylist()}
        con.execute(f"create table raw.reading ({_READING})")
        con.register("read_day", read_days)
        for part in _all_readings(lake, versions, months, as_of):
            con.execute(
                f"insert into raw.reading select received.* from ({part}) as received inner join read_day "
                "on received.point_id = read_day.point_id and cast(received.reading_at as date) = read_day.day"
            )
        con.unregister("read_day")
    arrived = "" if as_of is None else f" where received_at <= {_instant(as_of)}"
    batches = [name for name in lake.tables("raw") if name.endswith("__batch")]
    files = [path for name in batches for path in lake.files("raw", name)]
    _view(con, "raw.batch", [f"select * from {parquet(files)}{arrived}"] if files else [], _declared(BATCH))
    refused = {name: lake.delta("quarantine", name).version() for name in lake.tables("quarantine")}
    files = [path for name, version in refused.items() for path in lake.files("quarantine", name, version)]
    _view(
        con, "quarantine.reading", [f"select * from {parquet(files)}{arrived}"] if files else [], _declared(QUARANTINE)
    )
    return refused


def _all_readings(
    lake: Lake, versions: Mapping[str, int], months: set[date] | None, as_of: datetime | None
) -> list[str]:
    known = "" if as_of is None else f" where known_at <= {_instant(as_of)}"
    parts = []
    for name, version in versions.items():
        files = [
            path for path in lake.files("raw", name, version) if months is None or rawfiles.month_of(path) in months
        ]
        if files:
            source = name.removesuffix("__reading")
            parts.append(f"select {_RECEIVED}, '{source}' as source from {parquet(files, 'month')}{known}")
    return parts


def reference(con: duckdb.DuckDBPyConnection, lake: Lake, as_of: datetime | None) -> dict[str, datetime]:
    """Make ref.<thing>, the current rows of each thing; return the knowledge time of each snapshot.

    A thing that nobody knew yet at `as_of` has no rows.
    """
    con.execute("create schema ref")
    times = lake.snapshot_times(as_of)
    for thing in lake.snapshot_times():
        table = lake.delta("ref", thing)
        files = [commits.local(uri) for uri in table.file_uris()] if thing in times else []
        columns = _declared(pa.schema(table.schema().to_arrow()))
        selected = f"select * from {parquet(files)} where known_at = {_instant(times[thing])}" if files else ""
        _view(con, f'ref."{thing}"', [selected] if files else [], columns)
    return times


def published(
    con: duckdb.DuckDBPyConnection, marts: Path, last: Manifest | None, kept: Set[str], since: date | None
) -> None:
    """Make meta.mart_files, published.<schema>__<table> and, for the marts that are kept, <schema>.<table> itself.

    Of the others only the months from `since` on are shown: what a profile can look at, and no more files.
    """
    con.execute("create schema meta; create schema published")
    con.execute("create table meta.replaced (mart varchar, path varchar)")
    con.execute(
        "create table meta.built (schema_name varchar, table_name varchar, partition_by varchar, described varchar)"
    )
    con.execute("create table meta.mart_files (mart varchar, month date, path varchar)")
    rows = [
        (name, str(rawfiles.month_of("/" + path)), str(marts / name.replace(".", "/") / path))
        for name, mart in (last.marts if last else {}).items()
        if mart.partition_by
        for path in mart.files
    ]
    if rows:
        con.executemany("insert into meta.mart_files values (?, ?, ?)", rows)
    for name, mart in (last.marts if last else {}).items():
        schema, table = name.split(".")
        looked_at = since if mart.partition_by and name not in kept else None
        chosen = [path for path in mart.files if looked_at is None or rawfiles.month_of("/" + path) >= looked_at]
        paths = [str(marts / schema / table / path) for path in chosen]
        columns = ", ".join(f'"{column}"' for column in mart.columns)
        parts = [f"select {columns} from {parquet(paths, mart.partition_by)}"] if paths else []
        shape = "" if paths else _declared(pa.schema(DeltaTable(marts / schema / table).schema().to_arrow()))
        _view(con, f'published."{schema}__{table}"', parts, shape)
        if name in kept:
            con.execute(f'create schema if not exists "{schema}"')
            con.execute(f'create view "{schema}"."{table}" as select * from published."{schema}__{table}"')
    latest = last.marts.get("energy.readings_latest") if last else None
    files = [str(marts / "energy" / "readings_latest" / path) for path in latest.files] if latest else []
    columns = (
        "point_id varchar, first_reading_at timestamptz, reading_at timestamptz, value decimal(18, 6), status varchar, "
        "known_at timestamptz, source varchar, received_at timestamptz"
    )
    _view(con, "meta.published_latest", [f"select * from {parquet(files)}"] if files else [], columns)


def work(con: duckdb.DuckDBPyConnection, pairs: pa.Table, zone: ZoneInfo) -> None:
    """Make meta.work, the points and local days to rebuild with their bounds, and meta.work_day, their days."""
    days: list[date] = sorted(pc.unique(pairs["local_date"]).to_pylist())
    bounds = [(periods.day_start(day, zone), periods.day_start(day + timedelta(days=1), zone)) for day in days]
    con.register("pairs", pairs)
    con.register(
        "days",
        pa.table(
            {
                "local_date": pa.array(days, pa.date32()),
                "from_us": pa.array([periods.microseconds(begin) for begin, _ in bounds], pa.int64()),
                "to_us": pa.array([periods.microseconds(end) for _, end in bounds], pa.int64()),
            }
        ),
    )
    con.execute(
        "create table meta.work as select pairs.point_id, pairs.local_date, "
        "cast(date_trunc('month', pairs.local_date) as date) as month, days.from_us, days.to_us, pairs.reason "
        "from pairs inner join days on pairs.local_date = days.local_date"
    )
    con.execute("create table meta.work_day as select distinct local_date, month from meta.work order by local_date")
    con.unregister("pairs")
    con.unregister("days")


def production_periods(con: duckdb.DuckDBPyConnection, hours: pa.Table) -> None:
    """Make meta.shift_unit, meta.shift_kind and meta.shift_hour: what calendar.csv says of the days of these hours."""
    known = con.execute("select count(*) from duckdb_columns() where schema_name = 'ref' and table_name = 'calendar'")
    calendar = _records(con, "select * from ref.calendar where shift is not null") if known.fetchall()[0][0] else []
    if calendar:
        calendar += _records(con, "select * from ref.calendar where shift is null")
    parents = {row["energy_unit_id"]: row["parent_id"] for row in _records(con, _PARENTS)} if calendar else {}
    made = shifts.of_days(calendar, parents, sorted(pc.unique(hours["local_date"]).to_pylist()))
    for name, table in (("shift_unit", made.units), ("shift_kind", made.kinds), ("shift_hour", made.hours)):
        con.register("made", table)
        con.execute(f"create table meta.{name} as select * from made")
        con.unregister("made")


_PARENTS = "select energy_unit_id, parent_id from ref.energy_units"


def _records(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = con.sql(query).to_arrow_table().to_pylist()
    return rows


def history(con: duckdb.DuckDBPyConnection, hours: pa.Table) -> None:
    """Make the calendar that profiles look back over: the hours to rebuild and eight weeks and a day before them."""
    con.register("hours", hours)
    con.execute(
        "create table meta.history_hour as select hour_number, local_date, local_hour, "
        "isodow(local_date) > 5 as is_weekend from hours order by hour_number"
    )
    con.unregister("hours")


def meta(
    con: duckdb.DuckDBPyConnection, hours: pa.Table, newest: datetime, interval_minutes: int, intervals: int
) -> None:
    """Make the calendar of what is rebuilt, the numbers that cut long stretches, and where knowledge ends."""
    con.register("hours", hours)
    con.execute("create table meta.calendar_hour as select * from hours order by hour_number")
    con.unregister("hours")
    con.execute("create table meta.month as select distinct month from meta.calendar_hour order by month")
    count = max(intervals, 1440) + 2 * 1440 // interval_minutes
    con.execute("create table meta.number as select range as n from range($count)", {"count": count})
    newest_us, length = periods.microseconds(newest), interval_minutes * 60_000_000
    con.execute(
        "create table meta.horizon as "
        "select cast($whole as bigint) as horizon_us, cast($newest as bigint) as newest_us",
        {"whole": newest_us // length * length, "newest": newest_us},
    )


def _view(con: duckdb.DuckDBPyConnection, name: str, parts: Sequence[str], columns: str) -> None:
    if parts:
        con.execute(f"create view {name} as {' union all by name '.join(parts)}")
    else:
        con.execute(f"create table {name} ({columns})")


def parquet(files: Sequence[str], partition: str | None = None) -> str:
    """Return the table function that reads the files, with the partition column that their paths hold."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    hive = (
        f", hive_partitioning = true, hive_types = {{'{partition}': date}}" if partition else ", union_by_name = true"
    )
    return f"read_parquet([{listed}]{hive})"


def nothing(schema: pa.Schema) -> str:
    """Return a query with the columns of the schema and no row."""
    nulls = ", ".join(f'cast(null as {_type(field.type)}) as "{field.name}"' for field in pa.schema(schema))
    return f"select {nulls} where false"


def _declared(schema: pa.Schema) -> str:
    return ", ".join(f'"{field.name}" {_type(field.type)}' for field in schema)


def _type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamptz"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "bigint" if pa.types.is_integer(kind) else "varchar"


def _instant(at: datetime) -> str:
    return f"timestamptz '{at.astimezone(UTC).isoformat(sep=' ')}'"
