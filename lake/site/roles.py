"""Fills in the role of allocation rows that name none: what a reader of the folder would assume."""

import polars as pl

from lake.site.csv_file import CsvFile

#: Carriers that come from the site itself where its root unit counts them.
_AT_THE_ROOT = {
    "electricity_pv": "own_generation",
    "electricity_wind": "own_generation",
    "electricity_waste_heat": "recovered",
}


def fill(files: dict[str, CsvFile]) -> None:
    """Give every allocation row a role: end_use below the root of an organisation, there purchase or its own power."""
    allocations, units = files["allocations"], files["energy_units"]
    if not allocations.table.num_rows:
        return
    rows, known = allocations.frame(), units.frame()
    roots = known.filter(pl.col("parent_id").is_null())["energy_unit_id"].to_list()
    at_root = pl.col("carrier").replace_strict(_AT_THE_ROOT, default="purchase", return_dtype=pl.String)
    assumed = pl.when(pl.col("energy_unit_id").is_in(roots)).then(at_root).otherwise(pl.lit("end_use"))
    role = rows.select(pl.coalesce("role", assumed).alias("role"))["role"].to_arrow()
    place = allocations.table.column_names.index("role")
    allocations.table = allocations.table.set_column(
        place, "role", role.cast(allocations.table.schema.field("role").type)
    )
