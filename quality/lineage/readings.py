"""From a measured point and a month to the readings that carry it: deliveries as counts, their outermost readings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from lake.errors import LakeError
from quality.evidence.chain import Entry
from quality.lineage import proof
from quality.lineage.node import Node
from quality.lineage.place import Place

#: A register is read before and after the ends of a month; so far from them is still looked.
_AROUND = timedelta(days=1)


def instrument(place: Place, point: str) -> dict[str, Any]:
    """Return what a point is read from: meter, what it measures, unit and multiplier of the raw value."""
    return next(iter(place.rows(_INSTRUMENT, [point])), {})


def intervals(place: Place, point: str, month: date) -> Node:
    """Return the intervals of a point in a month, of what quality they are, and the deliveries they were made of."""
    told = place.rows(_INTERVALS, [point, month])[0]
    return Node("intervals", f"{point}/{month:%Y-%m}", told, of_point(place, point, month))


def of_point(place: Place, point: str, month: date) -> tuple[Node, ...]:
    """Return a node for each delivery that has readings of a point in a local month."""
    look_ahead(place, [point], month)
    found = place.brought[point, month]
    alike = groupby(found, key=lambda row: (row["table_name"], row["batch_id"]))
    nodes = [(min(row["first_at"] for row in rows), rows) for rows in (list(rows) for _, rows in alike)]
    return tuple(_delivery(place, rows) for _, rows in sorted(nodes, key=lambda one: one[0]))


def look_ahead(place: Place, points: Sequence[str], month: date) -> None:
    """Look at the readings of several points at once: what `of_point` will be asked."""
    unseen = sorted({point for point in points if (point, month) not in place.brought})
    place.brought.update({(point, month): [] for point in unseen})
    for row in deliveries(place, unseen, month) if unseen else ():
        place.brought[row["point_id"], month].append(row)


def deliveries(place: Place, points: Sequence[str], month: date) -> list[dict[str, Any]]:
    """Return what each delivery brought of each point in a local month, by table, point, delivery and UTC month.

    With the first and the last reading of it: two readings of a register are the energy between them.
    """
    first, last = bounds(month, place.inputs.timezone)
    parts, values = [], {"points": list(points), "first": first, "last": last, "until": place.until}
    for number, table in enumerate(place.reading_files):
        files = _files(place, table, first, last)
        if files:
            parts.append(f"select {_COLUMNS}, 'raw/{table}' as table_name from {_FILES.format(number)}")
            values[f"files_{number}"] = files
    return place.raw(_DELIVERIES.format(" union all ".join(parts)), values) if parts else []


def received(
    place: Place, table: str, point: str, batch: str, within: tuple[datetime, datetime]
) -> list[dict[str, Any]]:
    """Return the readings of a point that a delivery brought between two instants, as they came in, by time."""
    files = _files(place, table.removeprefix("raw/"), *within)
    values = {"files": files, "point": point, "batch": batch, "first": within[0], "last": within[1]}
    return place.raw(_RECEIVED, values) if files else []


def bounds(month: date, timezone: str) -> tuple[datetime, datetime]:
    """Return the instants at which a local month begins and ends, in UTC."""
    zone, following = ZoneInfo(timezone), after(month)
    begin, end = (datetime(one.year, one.month, 1, tzinfo=zone) for one in (month, following))
    return begin.astimezone(UTC), end.astimezone(UTC)


def after(month: date) -> date:
    """Return the first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def entries_of(place: Place, row: Mapping[str, Any]) -> list[Entry]:
    """Return the entries of the chain that have what a delivery brought in a UTC month."""
    known = place.entries.get((str(row["table_name"]), str(row["batch_id"])), [])
    return [entry for entry in known if entry.month == row["utc_month"]]


def _files(place: Place, table: str, first: datetime, last: datetime) -> list[str]:
    months = {(first - _AROUND).date().replace(day=1), first.date().replace(day=1), last.date().replace(day=1)}
    return [file for month in sorted(months) for file in place.reading_files.get(table, {}).get(month, [])]


def _delivery(place: Place, rows: Sequence[dict[str, Any]]) -> Node:
    batch, name = str(rows[0]["batch_id"]), str(rows[0]["table_name"])
    first, last = min(rows, key=lambda row: row["first_at"]), max(rows, key=lambda row: row["last_at"])
    payload = Node("payload", batch, {"file": _payload(place, batch)})
    sealed = [entry_node(one) for row in rows for one in entries_of(place, row)]
    outermost = dict.fromkeys((_reading(place, first, "first"), _reading(place, last, "last")))
    told = {"table": name, "rows": sum(row["rows"] for row in rows)}
    return Node("delivery", batch, told, (*outermost, payload, *sealed))


def _reading(place: Place, row: dict[str, Any], which: str) -> Node:
    """Return the first or the last reading of a delivery, with the proof that it is in the signed log."""
    facts = {name: row[f"{which}_{name}"] for name in ("value", "position")}
    known = {"known_at": _at(row[f"{which}_known_at"])}
    one = {"point_id": row["point_id"], "reading_at": row[f"{which}_at"], "position": row[f"{which}_position"]}
    proofs = tuple(
        Node("proof", f"{entry.chain_position}/{row['point_id']}@{_at(row[f'{which}_at'])}", told)
        for entry in entries_of(place, row)
        for told in (proof.of_reading(place, entry, one),)
    )
    return Node("reading", f"{row['point_id']}@{_at(row[f'{which}_at'])}", facts | known, proofs)


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


_COLUMNS = (
    "point_id, reading_at, cast(value as decimal(18, 6)) as value, known_at, batch_id, position, month as utc_month"
)
_FILES = "read_parquet($files_{}, hive_partitioning = true, hive_types = {{'month': date}}, union_by_name = true)"
# The last reading at or before the month's begin stands beside those within it: a register tells by two readings.
_DELIVERIES = """
    with received as ({}),

    mine as (
        select * from received
        where point_id in (select unnest($points)) and reading_at >= $first::timestamptz - interval 1 day
            and reading_at <= $last::timestamptz and ($until::timestamptz is null or known_at <= $until::timestamptz)
    ),

    begun as (
        select point_id, max(reading_at) as begun_at from mine where reading_at <= $first::timestamptz group by point_id
    ),

    bounded as (
        select mine.* from mine left join begun using (point_id)
        where mine.reading_at >= coalesce(begun.begun_at, $first::timestamptz)
    )

    select table_name, point_id, batch_id, utc_month, count(*) as rows,
        min(reading_at) as first_at, arg_min(value, reading_at) as first_value,
        arg_min(position, reading_at) as first_position, arg_min(known_at, reading_at) as first_known_at,
        max(reading_at) as last_at, arg_max(value, reading_at) as last_value,
        arg_max(position, reading_at) as last_position, arg_max(known_at, reading_at) as last_known_at
    from bounded group by table_name, point_id, batch_id, utc_month
    order by table_name, point_id, batch_id, utc_month
"""
_RECEIVED = """
    select position, reading_at, value, unit, status, known_at
    from read_parquet($files, hive_partitioning = false, union_by_name = true)
    where point_id = $point and batch_id = $batch and reading_at between $first::timestamptz and $last::timestamptz
    order by reading_at, known_at, position
"""
_INSTRUMENT = """
    select meter_id, measured_quantity, kind, unit, multiplier, source, energy_unit_name_zh, energy_unit_name_en
    from reference.points where point_id = $1 limit 1
"""
_INTERVALS = """
    select count(*) as intervals, sum(quantity) as quantity, any_value(quantity_unit) as quantity_unit,
        count(*) filter (where quality = 'measured') as measured,
        count(*) filter (where quality = 'interpolated') as interpolated,
        count(*) filter (where quality = 'estimated') as estimated,
        count(*) filter (where quality = 'substituted') as substituted,
        count(*) filter (where quality = 'missing') as missing
    from energy.intervals where point_id = $1 and month = $2
"""
