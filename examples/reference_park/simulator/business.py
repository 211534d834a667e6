"""Output and money of each organisation, by month: the site's production.csv and finance.csv."""

import numpy as np
import polars as pl

from examples.reference_park.simulator.park import SITE, Park

UNITS = {"hydrogen": "m3_0c", "gear_unit": "count", "electricity": "kWh"}
#: CNY per unit of product, and the share of output value that is value added.
PRICES = {
    "cement": 285,
    "clinker": 70,
    "steel_bar": 3550,
    "methanol": 2350,
    "special_oil": 5900,
    "hydrogen": 2.1,
    "gear_unit": 5200,
    "steam": 215,
    "electricity": 0.58,
}
VALUE_ADDED = {"cement": 0.31, "steel": 0.17, "chemical": 0.24, "machinery": 0.33, "energy_centre": 0.22}


def production(park: Park) -> pl.DataFrame:
    """Return the output of each product and local month."""
    starts = np.flatnonzero(np.diff(park.clock.months, prepend=np.datetime64("1900-01", "M")))
    months = [str(month) for month in np.unique(park.clock.months)]
    rows = [
        (organization, unit, product, month, f"{quantity:.2f}", UNITS.get(product, "t"))
        for (organization, unit, product), series in sorted(park.products.items())
        for month, quantity in zip(months, np.add.reduceat(series, starts), strict=True)
    ]
    names = ["organization_id", "energy_unit_id", "product_id", "month", "quantity", "unit"]
    return pl.DataFrame(rows, schema=names, orient="row")


def finance(output: pl.DataFrame) -> pl.DataFrame:
    """Return output value and value added of each organisation and month, at constant prices."""
    prices = pl.DataFrame({"product_id": list(PRICES), "price": list(PRICES.values())}, strict=False)
    value = (pl.col("quantity").cast(pl.Float64) * pl.col("price")).sum()
    totals = output.join(prices, on="product_id").group_by("organization_id", "month").agg(value.alias("output_value"))
    share = pl.col("organization_id").replace_strict(VALUE_ADDED, return_dtype=pl.Float64)
    return (
        totals.with_columns(value_added=pl.col("output_value") * share)
        .unpivot(
            ["output_value", "value_added"],
            index=["organization_id", "month"],
            variable_name="item",
            value_name="quantity",
        )
        .with_columns(pl.col("quantity").round(0).cast(pl.Int64), energy_unit_id=pl.lit(""), unit=pl.lit("CNY"))
        .select("organization_id", "energy_unit_id", "item", "month", "quantity", "unit")
        .sort("organization_id", "item", "month")
    )


def write(park: Park) -> None:
    """Rewrite the two files of the site folder."""
    output = production(park)
    output.write_csv(SITE / "production.csv", line_terminator="\n")
    finance(output).write_csv(SITE / "finance.csv", line_terminator="\n")
