"""Landing a batch: payload, quarantine, readings, batch row, in this order, so that a kill between any two is harmless.

Each step is atomic and can be repeated: the payload is named by its hash, refused rows and readings that are already
there are left out, and only the batch row, written last, says that the batch is complete.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from lake import arrivals, commits, compaction, datafiles, payloads, quarantine, repeats, tablerows
from lake.batch import Batch, Landed, Part
from lake.raw_table import RawTable, RecentFiles
from lake.schemas import BATCH, REFUSED


@dataclass(frozen=True)
class Places:
    """Where the parts of one batch go."""

    payloads: Path
    readings: Path
    batches: Path
    quarantine: Path


def land(places: Places, batch: Batch, recent: RecentFiles) -> Landed:
    """Land one batch; the caller holds the source's lock."""
    raw = RawTable(places.readings, batch.decimals, recent)
    first = _parted(raw, batch, batch.readings)
    refused = quarantine.news(places.quarantine, batch, batch.refused)
    if batch.quiet and first.fresh.is_empty() and refused.num_rows == 0:
        return _Tally(batch).add(batch, first, refused).landed("", raw.commit())
    kept = payloads.keep(places.payloads, batch.payload, batch.suffix)
    tally, refusals = _Tally(batch), [refused]
    raw.stage(first.fresh, kept.digest)
    tally.add(batch, first, refused)
    for part in batch.more:
        split = _parted(raw, batch, part.readings)
        raw.stage(split.fresh, kept.digest)
        refusals.append(quarantine.news(places.quarantine, batch, part.refused))
        tally.add(part, split, refusals[-1])
    quarantine.append(places.quarantine, batch, _together(refusals), kept.digest)
    landed = tally.landed(kept.digest, raw.commit())
    _record(places, batch, landed, kept.size_bytes)
    return landed


def recorded(places: Places) -> pa.Table:
    """Return the batch rows in order of arrival."""
    if not DeltaTable.is_deltatable(str(places.batches)):
        return BATCH.empty_table()
    return tablerows.read(places.batches).sort_by("received_at")


def _parted(raw: RawTable, batch: Batch, readings: pa.Table) -> repeats.Split:
    rows = arrivals.ordered(readings, batch)
    return repeats.split(rows, raw.overlapping(rows))


def _together(refusals: list[pa.Table]) -> pa.Table:
    return pa.concat_tables([table.select(REFUSED.names) for table in refusals], promote_options="permissive")


class _Tally:
    """Counts what becomes of a batch, part by part."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._read = self._landed = self._repeated = self._refused = 0
        self._reasons: dict[str, int] = {}

    def add(self, part: Part | Batch, split: repeats.Split, refused: pa.Table) -> "_Tally":
        """Count a part: what was read of it, and what of that was new."""
        self._read += part.readings.num_rows + part.refused.num_rows
        self._landed += split.fresh.height
        self._refused += refused.num_rows
        self._repeated += split.repeated + part.refused.num_rows - refused.num_rows
        for reason, count in _counted(refused):
            self._reasons[reason] = self._reasons.get(reason, 0) + count
        return self

    def landed(self, batch_id: str, version: int) -> Landed:
        """Return the sum."""
        return Landed(
            source=self._batch.source,
            entity=self._batch.entity,
            origin=self._batch.origin,
            batch_id=batch_id,
            rows_read=self._read,
            rows_landed=self._landed,
            rows_repeated=self._repeated,
            rows_refused=self._refused,
            version=version,
            reasons=dict(sorted(self._reasons.items())),
        )


def _counted(refused: pa.Table) -> Iterator[tuple[str, int]]:
    if refused.num_rows:
        yield from pl.DataFrame(refused.select(["reason_code"])).group_by("reason_code").len().iter_rows()


def _record(places: Places, batch: Batch, landed: Landed, payload_bytes: int) -> None:
    row = {
        "batch_id": landed.batch_id,
        "source": batch.source,
        "entity": batch.entity,
        "origin": batch.origin,
        "payload_hash": landed.batch_id,
        "payload_bytes": payload_bytes,
        "received_at": batch.received_at,
        "rows_read": landed.rows_read,
        "rows_landed": landed.rows_landed,
        "rows_repeated": landed.rows_repeated,
        "rows_refused": landed.rows_refused,
        "cursor": batch.cursor,
    }
    table = commits.open_or_create(places.batches, BATCH)
    commits.commit(table, [datafiles.write(pa.Table.from_pylist([row], BATCH), places.batches, {})])
    compaction.tidy(table, ["received_at"])
