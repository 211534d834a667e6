"""That a reading is in the signed log: its block, the audit path to its entry's root, and on to the head's."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from quality.evidence import canonical, merkle, tables
from quality.evidence.chain import Entry, split
from quality.lineage.place import Place


def of_reading(place: Place, entry: Entry, reading: Mapping[str, Any]) -> dict[str, Any]:
    """Return the proof of one reading (point_id, reading_at, position): what is hashed, both paths, whether they hold.

    The block is hashed anew from the table as it is now, so that a reading that was changed since does not hold. Both
    paths are in hexadecimal, from the leaf upwards. Nothing but the place of the entry is told where single readings
    were named (a payload that was read again and gave more), or where the reading is not in the entry any more.
    """
    head = place.heads[-1]
    told: dict[str, Any] = {"entry": entry.chain_position, "rows": entry.rows, "root_hash": entry.root_hash}
    if entry.members is not None:
        return told
    if entry.chain_position not in place.held:
        place.held[entry.chain_position] = _rows(place, entry)
    rows, places = place.held[entry.chain_position]
    found = rows.with_row_index("row").filter(
        (pl.col("point_id").cast(pl.String) == reading["point_id"])
        & (pl.col("reading_at") == reading["reading_at"])
        & (pl.col("position") == reading["position"])
    )
    if not found.height:
        return {**told, "holds": False}
    block, sealed = int(found["row"][0]) // canonical.BLOCK_ROWS, split(entry.leaves, head.algorithm)
    mine = rows.slice(block * canonical.BLOCK_ROWS, canonical.BLOCK_ROWS)
    leaf = merkle.leaf(next(canonical.blocks(mine, places)), head.algorithm)
    path = merkle.paths(sealed, [block], head.algorithm)[block] if block < len(sealed) else []
    size = len(sealed)
    in_entry = block < size and merkle.root_of(leaf, block, size, path, head.algorithm).hex() == entry.root_hash
    entry_leaf, head_path = _in_log(place, entry)
    reached = merkle.root_of(entry_leaf, entry.chain_position, head.size, head_path, head.algorithm)
    return {
        **told,
        "block": block + 1,
        "blocks": size,
        "leaf": leaf.hex(),
        "block_path": [one.hex() for one in path],
        "entry_leaf": entry_leaf.hex(),
        "head_path": [one.hex() for one in head_path],
        "head": head.number,
        "head_root": head.root_hash,
        "holds": in_entry and reached.hex() == head.root_hash,
    }


def _rows(place: Place, entry: Entry) -> tuple[pl.DataFrame, int]:
    """Return the readings of an entry in canonical order, as its table has them, with the decimal places of values."""
    files = [
        file
        for month, found in place.reading_files.get(entry.table_name.removeprefix("raw/"), {}).items()
        if month == entry.month
        for file in found
    ]
    for batch, readings, places in tables.by_batch(files) if files else ():
        if batch == entry.batch_id:
            within = pl.col("position").is_between(entry.first_position, entry.last_position)
            return canonical.ordered(readings.filter(within)), places
    return pl.DataFrame(schema={"point_id": pl.String, "reading_at": pl.Datetime("us", "UTC"), "position": pl.Int64}), 0


def _in_log(place: Place, entry: Entry) -> tuple[bytes, list[bytes]]:
    algorithm = place.heads[-1].algorithm
    leaves = place.log
    return entry.leaf(algorithm), merkle.paths(leaves, [entry.chain_position], algorithm)[entry.chain_position]
