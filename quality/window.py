"""The bounded look back of the detectors, opened as views of one connection."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

#: Every look back ends: a little more than a year for what is true of a point, eight weeks for how it behaves.
DAYS = 400
BEHAVIOUR_DAYS = 56

_COLUMNS = "point_id, reading_at, cast(value as decimal(18, 6)) as value, status, known_at, batch_id, month"
_EMPTY = (
    "select null::varchar as source, null::varchar as point_id, null::timestamptz as reading_at, "
    "null::decimal(18, 6) as value, null::varchar as status, null::timestamptz as known_at, null::varchar as batch_id, "
    "null::date as month where false"
)


def open_window(
    connection: "DuckDBPyConnection",
    batches: "pa.Table",
    new: Mapping[str, Sequence[str]],
    recent: Mapping[str, Sequence[str]],
) -> None:
    """Make the views new_batch, new_reading, recent_reading and behaviour_reading from the raw files of each source."""
    connection.register("new_batch", batches)
    behaviour = {source: _newest(paths) for source, paths in recent.items()}
    for name, files in (("new_reading", new), ("recent_reading", recent), ("behaviour_reading", behaviour)):
        connection.execute(f"create or replace temp view {name} as {_readings(files)}")


def open_known(connection: "DuckDBPyConnection") -> None:
    """Make recent_reading and behaviour_reading from the readings of the build itself: what was known at a time."""
    connection.execute(
        "create or replace temp view recent_reading as select source, point_id, reading_at, value, status, known_at, "
        "batch_id, month from raw.reading "
        f"where reading_at > (select max(reading_at) from raw.reading) - interval {DAYS} day"
    )
    open_behaviour(connection)


def open_behaviour(connection: "DuckDBPyConnection") -> None:
    """Make behaviour_reading from recent_reading: the months of the last eight weeks of each source."""
    connection.execute(
        "create or replace temp view behaviour_reading as select readings.* from recent_reading as readings "
        "inner join (select source, max(month) as month from recent_reading group by source) as newest "
        f"on readings.source = newest.source and readings.month >= newest.month - interval {BEHAVIOUR_DAYS} day"
    )


def _newest(paths: Sequence[str]) -> list[str]:
    """Return the files of the months with the last eight weeks before the newest month, and of that month."""
    months = {path: date.fromisoformat(path.rpartition("/month=")[2][:10]) for path in paths}
    first = max(months.values(), default=date.min)
    return [path for path, month in months.items() if month >= first - timedelta(days=BEHAVIOUR_DAYS)]


def _readings(files: Mapping[str, Sequence[str]]) -> str:
    parts = [
        f"select '{source}' as source, {_COLUMNS} from read_parquet([{_listed(paths)}], hive_partitioning = true, "
        "hive_types = {'month': date})"
        for source, paths in files.items()
        if paths
    ]
    return " union all by name ".join(parts) or _EMPTY


def _listed(paths: Sequence[str]) -> str:
    return ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
