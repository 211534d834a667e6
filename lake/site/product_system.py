"""products.csv and processes.csv: who makes what, how it is shared, and what a product must say of itself."""

from collections import Counter
from decimal import Decimal

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest
from lake.site.product_units import Row, convertible, has_mass

#: Kinds of exchange that carry a part of what a process causes.
MADE = ("product", "co_product")
_KEYED = {"energy": "its heat in GJ", "economic": "its value in CNY", "share": "its share"}


def check(files: dict[str, CsvFile]) -> None:
    """Check the product system of a site: its products, its processes and their outputs."""
    products, processes, exchanges = (files[name] for name in ("products", "processes", "exchanges"))
    if not any(file.table.num_rows for file in (products, processes, exchanges)):
        return
    rows = exchanges.frame().to_dicts()
    outputs = [row for row in rows if row["direction"] == "output" and row["kind"] in MADE and row["item"]]
    known = {row["product_id"]: row for row in products.frame().to_dicts() if row["product_id"]}
    of_process = {row["process_id"]: row for row in processes.frame().to_dicts() if row["process_id"]}
    _check_products(products, of_process, outputs)
    _check_processes(processes, files["energy_units"], outputs)
    _check_outputs(exchanges, known, outputs)
    _check_keys(exchanges, of_process, known, outputs)


def _check_products(file: CsvFile, processes: dict[str, Row], outputs: list[Row]) -> None:
    made = {(row["process_id"], row["item"]) for row in outputs}
    for row in file.frame().to_dicts():
        place, name, process = row["row"], row["product_id"], row["process_id"]
        owner = processes.get(process, {}).get("organization_id", row["organization_id"])
        if owner != row["organization_id"]:
            message = f"{process!r} belongs to {owner!r}, allowed: a process of {row['organization_id']!r}"
            file.fault(place, "process_id", message)
        if process in processes and (process, name) not in made:
            message = f"{process!r} does not put {name!r} out, exchanges.csv needs that output"
            file.fault(place, "process_id", message)
        if row["boundary"] == "cradle_to_grave" and row["functional_unit_zh"] is None:
            file.fault(place, "functional_unit_zh", "is empty, cradle to grave needs a functional unit")
        if row["benchmark_kgco2e"] is not None and row["benchmark_source"] is None:
            file.fault(place, "benchmark_source", "is empty, a benchmark says what it rests on")


def _check_processes(file: CsvFile, energy_units: CsvFile, outputs: list[Row]) -> None:
    owners = dict(energy_units.frame().select("energy_unit_id", "organization_id").iter_rows())
    made: dict[str, set[str]] = {}
    for row in outputs:
        made.setdefault(row["process_id"], set()).add(row["item"])
    for row in file.frame().to_dicts():
        place, name, unit = row["row"], row["process_id"], row["energy_unit_id"]
        if unit in owners and owners[unit] != row["organization_id"]:
            message = f"{unit!r} belongs to {owners[unit]!r}, allowed: a unit of {row['organization_id']!r}"
            file.fault(place, "energy_unit_id", message)
        count = len(made.get(name, ()))
        if count == 0:
            file.fault(place, "process_id", f"{name!r} makes nothing, exchanges.csv needs an output of kind product")
        if count > 1 and row["allocation"] in ("none", "subdivision"):
            message = f"{row['allocation']!r} leaves {count} products unshared, allowed: mass, energy, economic, share"
            file.fault(place, "allocation", message)
        if count > 1 and row["allocation_reason_zh"] is None:
            file.fault(place, "allocation_reason_zh", "is empty, what several products share is shared for a reason")


def _check_outputs(file: CsvFile, products: dict[str, Row], outputs: list[Row]) -> None:
    """A product is made by the process that it names, in a unit of its own; one of them is what amounts refer to."""
    reference: dict[str, dict[str, int]] = {}
    for row in outputs:
        product = products.get(row["item"])
        if product is None:
            near = nearest(row["item"], products)
            file.fault(row["row"], "item", f"{row['item']!r} is not in products.csv{near}, allowed: a product")
            continue
        if product["process_id"] != row["process_id"]:
            message = f"{row['item']!r} is made by {product['process_id']!r}, one process makes a product"
            file.fault(row["row"], "process_id", message)
        convertible(file, row, product["declared_unit"], row["item"])
        if row["kind"] == "product":
            reference.setdefault(row["process_id"], {}).setdefault(row["item"], row["row"])
    for process, named in reference.items():
        for item, place in list(named.items())[1:]:
            first = next(iter(named))
            message = f"{item!r} is a second product of {process!r} beside {first!r}, allowed: co_product"
            file.fault(place, "kind", message)
    for process in {row["process_id"] for row in outputs} - set(reference):
        place = next(row["row"] for row in outputs if row["process_id"] == process)
        file.fault(place, "kind", f"{process!r} has no output of kind product, amounts refer to one")


def _check_keys(file: CsvFile, processes: dict[str, Row], products: dict[str, Row], outputs: list[Row]) -> None:
    """Every product of a shared process has the key that it is shared by; given shares come to one."""
    many = Counter(process for process, _ in {(row["process_id"], row["item"]) for row in outputs})
    shares: dict[str, dict[str, Decimal]] = {}
    for row in outputs:
        method = processes.get(row["process_id"], {}).get("allocation")
        if many[row["process_id"]] < 2:
            continue
        key = row["allocation_key"]
        if method in _KEYED and key is None:
            message = f"is empty, {row['process_id']!r} is shared by {method}: {_KEYED[method]} of one unit is needed"
            file.fault(row["row"], "allocation_key", message)
        if method == "mass" and key is None and not has_mass(row, products.get(row["item"])):
            message = f"is empty and {row['unit']!r} is no mass, {row['process_id']!r} is shared by mass: t of one unit"
            file.fault(row["row"], "allocation_key", message)
        if method == "share" and key is not None:
            shares.setdefault(row["process_id"], {})[row["item"]] = key
    for process, told in shares.items():
        if len(told) == many[process] and (total := sum(told.values(), Decimal(0))) != 1:
            place = next(row["row"] for row in outputs if row["process_id"] == process)
            message = f"the shares of {process!r} come to {total.normalize():f}, they must come to 1"
            file.fault(place, "allocation_key", message)
