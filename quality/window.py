"""The bounded look back of the detectors, opened as views of one connection."""

from collections.abc import Mapping, Sequence
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
    """Make the views new_batch, new_reading and recent_reading from the raw files of each source."""
    connection.register("new_batch", batches)
    connection.execute(f"create or replace temp view new_reading as {_readings(new)}")
    connection.execute(f"create or replace temp view recent_reading as {_readings(recent)}")


def open_known(connection: "DuckDBPyConnection") -> None:
    """Make recent_reading from the readings of the build itself, which holds what was known at a time."""
    connection.execute(
        "create or replace temp view recent_reading as select source, point_id, reading_at, value, status, known_at, "
        "batch_id, month from raw.reading "
        f"where reading_at > (select max(reading_at) from raw.reading) - interval {DAYS} day"
    )


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
