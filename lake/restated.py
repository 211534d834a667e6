"""The history of restatements: an append-only table beside the marts, which may be built anew from what is known now.

A row enters it when the publication that made it is one. A run that dies before leaves nothing; one that dies after
leaves the row in the mart, from where the next run takes it.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake import commits, manifest, tablerows
from lake.store import Lake

MART = "evidence.restatements"
_TABLE = "restatements"


def read(lake: Lake, schema: pa.Schema) -> pa.Table:
    """Return what was ever published, in the order that it was."""
    if not lake.exists("evidence", _TABLE):
        return schema.empty_table()
    rows = tablerows.read(_place(lake)).cast(schema)
    return rows.sort_by(
        [("publication", "ascending"), ("restatement_id", "ascending"), ("cause_position", "ascending")]
    )


def keep(lake: Lake) -> int:
    """Append what the publication that holds has beyond the history; return how many rows that are."""
    last = manifest.last(lake.area("marts"))
    mart = last.marts.get(MART) if last else None
    if mart is None or not mart.rows:
        return 0
    folder = lake.path("marts", MART.replace(".", "/"))
    shown = pa.concat_tables([pq.read_table(folder / path) for path in mart.files])
    kept = read(lake, shown.schema)
    new = shown.filter(pc.invert(pc.is_in(shown["restatement_id"], value_set=kept["restatement_id"])))
    if new.num_rows:
        commits.open_or_create(_place(lake), shown.schema)
        commits.append(_place(lake), new)
    return int(new.num_rows)


def _place(lake: Lake) -> Path:
    return lake.path("evidence", _TABLE)
