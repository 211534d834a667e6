"""What one delivery brought of one point for a line of the accounts: every reading, and how it was sealed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from quality.evidence.chain import Entry
from quality.lineage import carried, proof, readings
from quality.lineage.place import Place


@dataclass(frozen=True)
class Delivered:
    """The readings in the order of their time, the instrument, and the proofs that lead to the signed head."""

    table: str
    point: Mapping[str, Any]
    readings: Sequence[Mapping[str, Any]]
    proofs: Sequence[Mapping[str, Any]]


def of_line(place: Place, lineage_id: str, point_id: str, batch_id: str) -> Delivered | None:
    """Return what a delivery brought of a point; None where the line does not rest on it."""
    told = place.rows(_RESTS_ON, [lineage_id, point_id, batch_id])
    if not told:
        return None
    table = str(told[0]["table_name"])
    point = {"point_id": point_id, "month": told[0]["month"], **readings.instrument(place, point_id)}
    within = min(row["first_at"] for row in told), max(row["last_at"] for row in told)
    found = readings.received(place, table, point_id, batch_id, within)
    entries = {entry.chain_position: entry for row in told for entry in readings.entries_of(place, row)}
    proofs = [proof.of_reading(place, one, {**row, "point_id": point_id}) for one, row in _first_of(entries, found)]
    return Delivered(table, point, found, proofs)


def _first_of(
    entries: Mapping[int, Entry], found: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Entry, Mapping[str, Any]]]:
    """Give each entry with the first of the readings that it has."""
    for entry in entries.values():
        mine = [row for row in found if row["reading_at"].astimezone(UTC).date().replace(day=1) == entry.month]
        if mine:
            yield entry, mine[0]


_RESTS_ON = f"""
    select month, table_name, rests_on_id as batch_id, first_at, last_at,
        cast(date_trunc('month', last_at) as date) as utc_month
    from {carried.MART}
    where rests_on_kind = 'delivery' and lineage_id = $1 and point_id = $2 and rests_on_id = $3
    order by last_at
"""
