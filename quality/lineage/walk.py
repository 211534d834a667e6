"""The one number that somebody asks about, found in its mart, and the walk back from it."""

import re
from collections.abc import Mapping
from typing import Any

from lake.errors import LakeError
from quality.lineage import emissions
from quality.lineage.node import Node
from quality.lineage.place import Place

_WALKS = {emissions.MART: emissions.of_line}
_MONTH = re.compile(r"\d{4}-\d{2}")
_MOST_NAMED = 12


def back(place: Place, mart: str, asked: Mapping[str, str]) -> Node:
    """Return the tree of the row that the columns' values name.

    Raises LakeError where the mart has no walk, a column is not one of it, or not exactly one row is named.
    """
    if mart not in _WALKS:
        raise LakeError(f"{mart}: no walk back from it yet; choose one of {', '.join(_WALKS)}")
    names = [row["column_name"] for row in place.rows(f"describe {mart}")]
    for column in asked:
        if column not in names:
            raise LakeError(f"{mart} has no column {column}; choose among {', '.join(names)}")
    meant = {column: f"{value}-01" if _MONTH.fullmatch(value) else value for column, value in asked.items()}
    where = " and ".join(f'cast("{column}" as varchar) = ?' for column in meant) or "true"
    found = place.rows(f"select * from {mart} where {where} order by all limit 1000", list(meant.values()))
    if len(found) != 1:
        raise LakeError(_not_one(mart, found, meant))
    return _WALKS[mart](place, found[0])


def _not_one(mart: str, found: list[dict[str, Any]], meant: Mapping[str, str]) -> str:
    said = ", ".join(f"{column}={value}" for column, value in meant.items())
    if not found:
        return f"{mart}: no row has {said}; `nengtan sql` shows what there is"
    varying = [name for name in found[0] if len({str(row[name]) for row in found}) > 1]
    keys = [
        name
        for name in ("month", "organization_id", "basis", "source_category", "gas", "carrier", "method_term")
        if name in varying
    ]
    listed = "; ".join(" ".join(f"{name}={row[name]}" for name in keys) for row in found[:_MOST_NAMED])
    return f"{mart}: {len(found)} rows have {said}; add one of {', '.join(keys or varying)}: {listed}"
