"""What must hold of residual units: they have a parent and siblings, and nothing of their own."""

import polars as pl

from lake.site.csv_file import CsvFile


def check(files: dict[str, CsvFile]) -> None:
    """A residual unit is one leaf below a parent, without meters or allocations: its amounts are what is left over."""
    units = files["energy_units"]
    rows = units.frame()
    residual = rows.filter(pl.col("is_residual"))
    for row in residual.filter(pl.col("parent_id").is_null())["row"]:
        units.fault(row, "is_residual", "stands at a root unit, allowed: a unit below another one")
    below = residual.drop_nulls("parent_id").with_columns(first=pl.col("row").first().over("parent_id"))
    for row, first in below.filter(pl.col("row") != pl.col("first")).select("row", "first").iter_rows():
        units.fault(row, "is_residual", f"repeats line {units.lines[first]}, allowed: one residual unit below a parent")
    names = residual["energy_unit_id"].drop_nulls().to_list()
    for row, parent in rows.filter(pl.col("parent_id").is_in(names)).select("row", "parent_id").iter_rows():
        units.fault(row, "parent_id", f"{parent!r} is a residual unit, allowed: a unit that is measured")
    for name in ("meters", "allocations"):
        file = files[name]
        own = file.frame().filter(pl.col("energy_unit_id").is_in(names)).select("row", "energy_unit_id")
        for row, unit in own.iter_rows():
            message = f"{unit!r} is a residual unit, allowed: a unit that is measured"
            file.fault(row, "energy_unit_id", message)
