"""Closure tables of the unit and organisation trees, so that roll-ups in SQL need no recursion."""

import polars as pl
import pyarrow as pa

from lake.errors import SiteError

CLOSURE = pa.schema(
    [
        pa.field("ancestor", pa.string(), nullable=False),
        pa.field("descendant", pa.string(), nullable=False),
        pa.field("distance", pa.int32(), nullable=False),
        pa.field("level", pa.int32(), nullable=False),
    ]
)


def organization_closure(organizations: pa.Table) -> pa.Table:
    """Return every ancestor and descendant of the organisations, each its own at distance 0.

    `level` is the depth of the descendant: 0 for the head of the site.
    """
    return _closure(organizations, "organization_id", {})


def unit_closure(units: pa.Table, organizations: pa.Table) -> pa.Table:
    """Return every ancestor and descendant of the energy units, each its own at distance 0.

    `level` is the depth of the descendant in the site: a root unit stands as deep as its organisation, so units of one
    level never contain each other, and the sum over one level counts nothing twice.
    """
    frame = _frame(organization_closure(organizations)).filter(pl.col("distance") == 0)
    depth = dict(frame.select("descendant", "level").iter_rows())
    owners = dict(_frame(units).select("energy_unit_id", "organization_id").iter_rows())
    return _closure(units, "energy_unit_id", {unit: depth.get(owner, 0) for unit, owner in owners.items()})


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _closure(table: pa.Table, key: str, offsets: dict[str, int]) -> pa.Table:
    edges = _frame(table).select(descendant=pl.col(key), above=pl.col("parent_id"))
    step = edges.select(ancestor="descendant", descendant="descendant").with_columns(distance=pl.lit(0, pl.Int32))
    steps = []
    parents = edges.drop_nulls("above").select(ancestor="descendant", above="above")
    while step.height:
        steps.append(step)
        if len(steps) > edges.height:
            raise SiteError(f"{key}: the tree has a circle; `nengtan check` names it")
        step = step.join(parents, on="ancestor").select(
            pl.col("above").alias("ancestor"), "descendant", (pl.col("distance") + 1).alias("distance")
        )
    closure = pl.concat(steps) if steps else step
    depth = closure.group_by("descendant").agg(level=pl.col("distance").max())
    offset = pl.col("descendant").replace_strict(offsets, default=0, return_dtype=pl.Int32) if offsets else pl.lit(0)
    closure = closure.join(depth, on="descendant").with_columns(level=(pl.col("level") + offset).cast(pl.Int32))
    return closure.sort("descendant", "distance").select(CLOSURE.names).to_arrow().cast(CLOSURE)
