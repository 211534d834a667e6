"""From a measured point and a month to the readings that carry it: deliveries as counts, their outermost readings."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lake import rawfiles
from lake.errors import LakeError
from quality.evidence.chain import Entry
from quality.lineage.node import Node
from quality.lineage.place import Place

#: A register is read before and after the ends of a month; so far from them is still looked.
_AROUND = timedelta(days=1)


def of_point(place: Place, point: str, month: date) -> tuple[Node, ...]:
    """Return a node for each delivery that has readings of a point in a local month, and the intervals made of them."""
    first, last = bounds(month, place.manifest.timezone)
    found: list[Node] = []
    for table in rawfiles.reading_tables(place.lake):
        version = place.manifest.raw.get(table)
        files = [] if version is None else _files(place, table, version, first, last)
        if files:
            found += [_delivery(place, table, row) for row in place.raw(_DELIVERIES, [files, point, first, last])]
    return tuple(found)


def bounds(month: date, timezone: str) -> tuple[datetime, datetime]:
    """Return the instants at which a local month begins and ends, in UTC."""
    zone = ZoneInfo(timezone)
    begin = datetime(month.year, month.month, 1, tzinfo=zone)
    after = (begin + timedelta(days=32)).replace(day=1)
    return begin.astimezone(UTC), after.astimezone(UTC)


def _files(place: Place, table: str, version: int, first: datetime, last: datetime) -> list[str]:
    months = {(first - _AROUND).date().replace(day=1), first.date().replace(day=1), last.date().replace(day=1)}
    at = version if place.lake.delta("raw", table).version() >= version else None
    return [file for file in place.lake.files("raw", table, at) if rawfiles.month_of(file) in months]


def _delivery(place: Place, table: str, row: dict[str, Any]) -> Node:
    batch, name = str(row["batch_id"]), f"raw/{table}"
    payload = Node("payload", batch, {"file": _payload(place, batch)})
    months = {row[at].astimezone(UTC).date().replace(day=1) for at in ("first_at", "last_at")}
    sealed = [entry_node(one) for one in place.entries.get((name, batch), []) if one.month in months]
    outermost = dict.fromkeys(_reading(row, which) for which in ("first", "last"))
    return Node("delivery", batch, {"table": name, "rows": row["rows"]}, (*outermost, payload, *sealed))


def _reading(row: dict[str, Any], which: str) -> Node:
    facts = {name: row[f"{which}_{name}"] for name in ("value", "position")}
    return Node(
        "reading", f"{row['point_id']}@{_at(row[f'{which}_at'])}", facts | {"known_at": _at(row[f"{which}_known_at"])}
    )


def entry_node(entry: Entry) -> Node:
    """Return an entry of the evidence chain as something that is rested on."""
    facts = {"table": entry.table_name, "month": entry.month, "rows": entry.rows, "root_hash": entry.root_hash}
    return Node("evidence", str(entry.chain_position), facts)


def _payload(place: Place, batch: str) -> str | None:
    try:
        return str(place.lake.payload(batch).relative_to(place.lake.root))
    except LakeError:
        return None


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# The last reading at or before the month's begin stands beside those within it: a register tells by two readings.
_DELIVERIES = """
    with mine as (
        select * from read_parquet($1, hive_partitioning = false)
        where point_id = $2 and reading_at >= $3::timestamptz - interval 1 day and reading_at <= $4::timestamptz
    ),
    bounded as (
        select * from mine where reading_at >= coalesce(
            (select max(reading_at) from mine where reading_at <= $3::timestamptz), $3::timestamptz)
    )
    select point_id, batch_id, count(*) as rows,
        min(reading_at) as first_at, arg_min(value, reading_at) as first_value,
        arg_min(position, reading_at) as first_position, arg_min(known_at, reading_at) as first_known_at,
        max(reading_at) as last_at, arg_max(value, reading_at) as last_value,
        arg_max(position, reading_at) as last_position, arg_max(known_at, reading_at) as last_known_at
    from bounded group by point_id, batch_id order by first_at, batch_id
"""
