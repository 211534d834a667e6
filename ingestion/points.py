"""The points of one source: which address of the upstream is which point of the site."""

import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal

import polars as pl
import pyarrow as pa

_LOOSE = re.compile(r"[\s._\-\ufeff]+")


@dataclass(frozen=True)
class Points:
    """Columns address, point_id, unit, register_size (decimal as text; null where the point is no register)."""

    frame: pl.DataFrame

    def addresses(self) -> list[str]:
        """Return the known addresses, in order."""
        return list(self.frame["address"].unique(maintain_order=True))

    def fingerprint(self) -> str:
        """Return a hash that changes when a reading could be understood otherwise."""
        rows = self.frame.select("address", "point_id", "unit", "register_size").sort("address", "point_id").rows()
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def of_source(points: pa.Table, source: str, *, by_id: bool = False) -> Points:
    """Return the points of points.csv that arrive through a source; an empty address is the point's id.

    `by_id` adds every other point of the site under its id, for files that name points themselves: an export of a
    historian holds what arrives elsewhere today.
    """
    frame = pl.DataFrame(points.select(["point_id", "kind", "unit", "register_size", "source", "address"]))
    mine = frame.filter(pl.col("source") == source)
    if by_id:
        others = frame.filter(
            (pl.col("source") != source).fill_null(True), ~pl.col("point_id").is_in(mine["address"].implode())
        )
        mine = pl.concat([mine, others.with_columns(address=pl.lit(None, pl.String))])
    address = pl.when(pl.col("address").str.strip_chars() == "").then(None).otherwise(pl.col("address"))
    size = pl.when(pl.col("kind") == "register").then(pl.col("register_size"))
    return Points(
        mine.select(
            pl.coalesce(address, pl.col("point_id")).alias("address"),
            "point_id",
            "unit",
            size.cast(pl.String).alias("register_size"),
        )
    )


def scaled_sizes(points: Points, decimals: int) -> pl.DataFrame:
    """Return address, point_id, unit and the register size as a scaled integer."""
    sizes = [None if size is None else _scaled(Decimal(size), decimals) for size in points.frame["register_size"]]
    return points.frame.with_columns(pl.Series("register_size", sizes, dtype=pl.Int64))


def loosely(name: str) -> str:
    """Return a column name without what people vary: case, spaces, byte order mark, dots, dashes, underscores."""
    return _LOOSE.sub("", name).casefold()


def _scaled(size: Decimal, decimals: int) -> int | None:
    scaled = int(size * 10**decimals)
    return scaled if scaled < 2**63 else None
