"""What people entered and others approved, as raw rows.

raw/<source>__<entity> holds the rows of every approved version of a sheet, raw/<source>__entry one line for each
version, written after its rows, which says who stands for it and which workbook it was filled from. A sheet is what one
organisation declares of one kind for one month. Its latest version is the whole of that: it stands in the place of what
the site's file says for the same organisation and month. An answer of a supplier is a sheet by itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lake import commits, tablerows
from lake.batch import Batch, Kept
from lake.schemas import BATCH, REFUSED, UTC
from lake.store import Lake

#: raw/<source>__entry: one row per approved version of a sheet.
ENTRY = pa.schema(
    [
        pa.field("entry_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("known_at", UTC, nullable=False),  # the instant of its approval
        pa.field("entered_by", pa.string(), nullable=False),
        pa.field("submitted_at", UTC, nullable=False),
        pa.field("reviewed_by", pa.string(), nullable=False),
        pa.field("reviewed_at", UTC),
        pa.field("approved_by", pa.string(), nullable=False),
        pa.field("reason", pa.string()),  # why it corrects the version before
        pa.field("attachments", pa.string(), nullable=False),  # JSON: name -> payload hash
        pa.field("workbook_name", pa.string()),  # the file that it was filled from; null where it was typed
        pa.field("workbook_hash", pa.string()),  # that file in payloads/
        pa.field("batch_id", pa.string(), nullable=False),
    ]
)
#: What every row of an entity carries beside the declared columns of its file.
_STAMP = pa.schema(
    [
        pa.field("entry_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("known_at", UTC, nullable=False),
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("workbook_hash", pa.string()),  # null where the row was typed, or changed after the workbook came
        pa.field("workbook_line", pa.int64()),
    ]
)
READINGS = "readings"
#: Each of these sheets is one answer of a supplier and has an id of its own.
ANSWERS = "supplier_footprints"


@dataclass(frozen=True)
class FilledFrom:
    """The workbook that a version was filled from, kept as a payload.

    `lines` has the workbook's line for each row of the version, None for a row that says something else.
    """

    name: str
    payload_hash: str
    sent_by: str
    sent_at: datetime
    lines: Sequence[int | None]


@dataclass(frozen=True)
class Approved:
    """An approved version; `rows` are typed as the file of its entity declares, readings as READING."""

    entry_id: str
    version: int
    entity: str
    organization_id: str
    month: date
    known_at: datetime
    entered_by: str
    submitted_at: datetime
    reviewed_by: str
    approved_by: str
    reason: str | None
    attachments: Mapping[str, str]
    rows: pa.Table
    reviewed_at: datetime | None = None
    workbook: FilledFrom | None = None

    def payload(self) -> bytes:
        """Return the version as it is kept verbatim: the same bytes for the same version."""
        said = {**asdict(self), "rows": self.rows.to_pylist()}
        return json.dumps(said, ensure_ascii=False, sort_keys=True, default=str, indent=1).encode()


def land(lake: Lake, source: str, entry: Approved, decimals: int = 6) -> str:
    """Take an approved version into raw exactly once and return the hash of its payload; safe to be repeated.

    The payload first, then the rows, then the line of the version, which makes the rows count.
    """
    with lake.writing(source):
        kept = lake.keep(entry.payload(), ".json")
        if entry.entity == READINGS:
            origin = f"{entry.entry_id}/{entry.version}"
            at, refused = entry.known_at, REFUSED.empty_table()
            lake.land(Batch(source, origin, kept, ".json", at, entry.rows, refused, decimals, known_at=at))
        else:
            _land_rows(lake, source, entry, kept)
        if not _has(lake.path("raw", f"{source}__entry"), kept.digest):
            _append(lake.path("raw", f"{source}__entry"), _line(entry, kept))
    return kept.digest


def _land_rows(lake: Lake, source: str, entry: Approved, kept: Kept) -> None:
    path, count = lake.path("raw", f"{source}__{entry.entity}"), entry.rows.num_rows
    if not _has(path, kept.digest):
        lines = entry.workbook.lines if entry.workbook else [None] * count
        stamps = [
            [entry.entry_id] * count,
            [entry.version] * count,
            range(count),
            [entry.known_at] * count,
            [kept.digest] * count,
            [None if line is None or entry.workbook is None else entry.workbook.payload_hash for line in lines],
            lines,
        ]
        rows = entry.rows
        for field, values in zip(_STAMP, stamps, strict=True):
            rows = rows.append_column(field, pa.array(values, field.type))
        _append(path, rows)
    batches = lake.path("raw", f"{source}__batch")
    if not _has(batches, kept.digest):
        counts = {"rows_read": count, "rows_landed": count, "rows_repeated": 0, "rows_refused": 0}
        batch = {
            "batch_id": kept.digest,
            "source": source,
            "entity": entry.entity,
            "origin": f"{entry.entry_id}/{entry.version}",
            "payload_hash": kept.digest,
            "payload_bytes": kept.size_bytes,
            "received_at": entry.known_at,
            "cursor": None,
        }
        _append(batches, pa.Table.from_pylist([{**batch, **counts}], BATCH))


def _line(entry: Approved, kept: Kept) -> pa.Table:
    said = {name: getattr(entry, name) for name in ENTRY.names if hasattr(entry, name)}
    own = {
        "rows": entry.rows.num_rows,
        "attachments": json.dumps(dict(entry.attachments), ensure_ascii=False, sort_keys=True),
        "workbook_name": entry.workbook.name if entry.workbook else None,
        "workbook_hash": entry.workbook.payload_hash if entry.workbook else None,
        "batch_id": kept.digest,
    }
    return pa.Table.from_pylist([{**said, **own}], ENTRY)


def _has(path: Path, batch_id: str) -> bool:
    if not DeltaTable.is_deltatable(str(path)):
        return False
    return bool(tablerows.read(path, ["batch_id"], [("batch_id", "=", batch_id)]).num_rows)


def _append(path: Path, rows: pa.Table) -> None:
    commits.open_or_create(path, rows.schema)
    if rows.num_rows:
        commits.append(path, rows, may_widen=True)


def latest(lake: Lake, source: str) -> pa.Table:
    """Return the line of the latest approved version of each sheet; columns of ENTRY."""
    path = lake.path("raw", f"{source}__entry")
    if not DeltaTable.is_deltatable(str(path)):
        return ENTRY.empty_table()
    frame = _frame(lines(lake, source)).sort("version").unique("entry_id", keep="last", maintain_order=True)
    return frame.to_arrow().cast(ENTRY)


def lines(lake: Lake, source: str) -> pa.Table:
    """Return the line of every approved version; columns of ENTRY, null where it was written before they were there."""
    found = tablerows.read(lake.path("raw", f"{source}__entry"))
    for field in ENTRY:
        if field.name not in found.column_names:
            found = found.append_column(field, pa.nulls(found.num_rows, field.type))
    return found.select(ENTRY.names)


def rows(lake: Lake, source: str, entity: str) -> pa.Table | None:
    """Return the rows of the latest versions of an entity, with entry_id, version and position; None without any."""
    path = lake.path("raw", f"{source}__{entity}")
    if not DeltaTable.is_deltatable(str(path)):
        return None
    counted = latest(lake, source).select(["batch_id"])["batch_id"]
    found = tablerows.read(path)
    return found.filter(pc.is_in(found["batch_id"], counted)).sort_by(
        [("entry_id", "ascending"), ("position", "ascending")]
    )


def merged(lake: Lake, source: str, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the site's tables with what was approved in the place of what the files say for the same months.

    A row from a sheet says so in one more column, `entry`, as <entry_id>/<version>.
    """
    together, current = dict(tables), latest(lake, source)
    for entity in sorted(set(current["entity"].to_pylist()) & tables.keys()):
        entered = rows(lake, source, entity)
        assert entered is not None, "a line is written after its rows"
        sheets = _frame(current.filter(pc.equal(current["entity"], entity))).select("organization_id", of_month="month")
        name = pc.binary_join_element_wise(entered["entry_id"], pc.cast(entered["version"], pa.string()), "/")
        together[entity] = in_place(entity, tables[entity], sheets, entered, name.cast(pa.string()))
    return together


def in_place(entity: str, filed: pa.Table, sheets: pl.DataFrame, entered: pa.Table, name: pa.Array) -> pa.Table:
    """Return a file's rows with those of sheets in the place of their months.

    `sheets` has organization_id and of_month of each sheet, `entered` their rows, `name` of each row its sheet and
    version, which becomes the column `entry`.
    """
    declared = filed.schema
    if entity == ANSWERS:
        return _beside(filed, entered, name)
    kept = _frame(filed).with_columns(of_month=month_of(entity))
    kept = kept.join(sheets, on=["organization_id", "of_month"], how="anti", maintain_order="left")
    before = kept.select(declared.names).to_arrow().cast(declared)
    before = before.append_column("entry", pa.nulls(kept.height, pa.string()))
    return pa.concat_tables([before, entered.select(declared.names).cast(declared).append_column("entry", name)])


def _beside(filed: pa.Table, entered: pa.Table, name: pa.Array) -> pa.Table:
    """Return the answers of the file and those of sheets; of one id that of the sheet."""
    mine = pc.invert(pc.is_in(filed["supplier_footprint_id"], entered["supplier_footprint_id"].combine_chunks()))
    before = filed.filter(mine)
    before = before.append_column("entry", pa.nulls(before.num_rows, pa.string()))
    return pa.concat_tables(
        [before, entered.select(filed.schema.names).cast(filed.schema).append_column("entry", name)]
    )


def month_of(entity: str) -> pl.Expr:
    """Return the month that a row of an entity is declared for."""
    if entity == ANSWERS:
        return pl.col("received_on").dt.month_start()
    if entity == "lab_results":
        return pl.coalesce("month", pl.col("sampled_on").dt.month_start())
    if entity in ("allowances", "credits"):
        return pl.col("posted_on").dt.month_start()
    return pl.col("month")


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
