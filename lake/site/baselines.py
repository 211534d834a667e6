"""Energy baselines: periods in their order, products that are told, a thermometer where weather counts."""

import polars as pl

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest


def check(files: dict[str, CsvFile]) -> None:
    """Check baselines.csv beside the files that it names."""
    file = files["baselines"]
    if not file.table.num_rows:
        return
    rows = file.frame()
    for first, later in (
        ("baseline_from", "baseline_to"),
        ("baseline_to", "reporting_from"),
        ("reporting_from", "reporting_to"),
    ):
        equal = pl.lit(later == "reporting_from") & (pl.col(first) == pl.col(later))
        for row, start, end in (
            rows.filter((pl.col(first) >= pl.col(later)) & ~equal).select("row", first, later).iter_rows()
        ):
            file.fault(row, later, f"{end} is before {first} {start} or the same, allowed: a later day")
    _check_products(file, files["production"])
    _check_days(file)
    _check_thermometers(file, files["points"])


def _check_products(file: CsvFile, production: CsvFile) -> None:
    known = set(production.frame()["product_id"].drop_nulls().to_list())
    for row, products in file.frame().select("row", "products").drop_nulls().iter_rows():
        for product in products.split(";"):
            if product not in known:
                message = f"{product!r} is not in production.csv{nearest(product, known)}, allowed: its products"
                file.fault(row, "products", message)


def _check_days(file: CsvFile) -> None:
    days = file.frame().filter(pl.col("grain") == "day")
    for row, products, carrier in days.select("row", "products", "carrier").iter_rows():
        if products is not None:
            file.fault(row, "products", f"{products!r} is told by month, allowed: none with the grain day")
        if carrier is None:
            file.fault(row, "carrier", "is empty with the grain day, allowed: the carrier that is measured by day")


def _check_thermometers(file: CsvFile, points: CsvFile) -> None:
    temperatures = set(points.frame().filter(pl.col("quantity") == "temperature")["point_id"].to_list())
    for row, point, heating, cooling in (
        file.frame().select("row", "temperature_point_id", "heating", "cooling").iter_rows()
    ):
        if point is not None and point not in temperatures:
            near = nearest(point, temperatures)
            message = f"{point!r} measures no temperature{near}, allowed: a point of the quantity temperature"
            file.fault(row, "temperature_point_id", message)
        if point is None and (heating or cooling):
            file.fault(row, "temperature_point_id", "is empty, allowed: a point, for degree days need a thermometer")
