"""cbam_goods.csv: goods have a CN code, processes that exist, and lists that can be read."""

from lake.site.csv_file import CsvFile


def check(files: dict[str, CsvFile]) -> None:
    """Check the goods beside the products and processes that they name."""
    goods = files["cbam_goods"]
    if not goods.table.num_rows:
        return
    codes = dict(files["products"].frame().select("product_id", "cn_code").iter_rows())
    processes = set(files["processes"].frame()["process_id"])
    for row in goods.frame().to_dicts():
        place, product = row["row"], row["product_id"]
        if product in codes and not codes[product]:
            goods.fault(place, "product_id", f"{product!r} has no cn_code in products.csv, a good under CBAM needs it")
        for name in listed(row["processes"]):
            if name not in processes:
                goods.fault(place, "processes", f"{name!r} is not in processes.csv")
        for column in ("parameters", "ratios"):
            for part in listed(row[column]):
                if "=" not in part:
                    goods.fault(place, column, f"{part!r} has no value, allowed: name=value; name=value")


def listed(text: str | None) -> list[str]:
    """Return what semicolons separate."""
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def named(text: str | None) -> dict[str, str]:
    """Return names and values of a list of name=value."""
    pairs = (part.partition("=") for part in listed(text))
    return {name.strip(): value.strip() for name, _, value in pairs}
