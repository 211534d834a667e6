"""exchanges.csv: where each input comes from, what its amount rests on, and that nothing is counted twice."""

from dataclasses import dataclass
from typing import Any

from lake.site import declared
from lake.site.csv_file import CsvFile
from lake.site.fault import nearest
from lake.site.product_units import Row, Rows, convertible, dimension, has_mass

#: What an amount needs beside its unit, by where it comes from.
_NEEDED = {
    "meter": ("carrier",),
    "fixed": ("quantity",),
    "emissions": ("source_category",),
    "transport": ("of_exchange_id", "distance_km"),
}
_ONLY_WITH = {"of_exchange_id": "transport", "distance_km": "transport", "source_category": "emissions"}
#: Which direction an amount can be of, where not every one.
_DIRECTIONS = {"emissions": "emission", "demand": "output", "transport": "input"}
_OWN_FACTOR = "kgco2e_per_unit"


@dataclass(frozen=True)
class _Known:
    """What exchanges may name."""

    products: Rows
    processes: Rows
    factors: frozenset[str]
    suppliers: dict[str, set[str]]
    outputs: dict[str, str]
    exchanges: Rows


def check(files: dict[str, CsvFile]) -> None:
    """Check every exchange by itself, then those that stand for each other."""
    file = files["exchanges"]
    rows = file.frame().to_dicts()
    known = _Known(
        {row["product_id"]: row for row in files["products"].frame().to_dicts() if row["product_id"]},
        {row["process_id"]: row for row in files["processes"].frame().to_dicts() if row["process_id"]},
        _factors(files["factors"]),
        _suppliers(files),
        {row["product_id"]: row["unit"] for row in files["production"].frame().to_dicts() if row["product_id"]},
        {row["exchange_id"]: row for row in rows if row["exchange_id"]},
    )
    for row in rows:
        _check_origin(file, row)
        _check_provider(file, row, known)
        _check_amount(file, row)
        _check_unit(file, row, known)
        if row["amount_source"] == "production":
            _check_production(file, row, known)
        if row["amount_source"] == "transport":
            _check_transport(file, row, known)
    _check_demand(file, rows)
    _check_counted_once(file, rows, known.processes, _above(files["energy_units"]))


def _factors(file: CsvFile) -> frozenset[str]:
    own = {row["factor_id"] for row in file.frame().to_dicts() if row["property"] == _OWN_FACTOR}
    return declared.vocabulary("footprint_factor") | own


def _suppliers(files: dict[str, CsvFile]) -> dict[str, set[str]]:
    """Return the suppliers of each material."""
    found: dict[str, set[str]] = {}
    for row in files["supplier_materials"].frame().to_dicts():
        found.setdefault(row["material"], set()).add(row["supplier_id"])
    return found


def _check_origin(file: CsvFile, row: Row) -> None:
    """An input says where it comes from and a waste who treats it; what is left out says why."""
    kind, place = row["provider_kind"], row["row"]
    asks = row["direction"] == "input" or (row["direction"] == "output" and row["kind"] in ("waste", "recycled"))
    if asks and kind is None:
        message = "is empty, an input says where it comes from and a waste who treats it, or none with the reason"
        file.fault(place, "provider_kind", message)
    if not asks and kind is not None:
        file.fault(place, "provider_kind", f"is given, but what is {row['kind']} as {row['direction']} begins here")
    if (kind == "none") != bool(row["is_cut_off"]):
        file.fault(place, "is_cut_off", "goes with provider_kind none and none with it, the two say the same")
    if row["is_cut_off"] and (row["cut_off_reason_zh"] is None or row["cut_off_reason_en"] is None):
        file.fault(place, "cut_off_reason_zh", "or cut_off_reason_en is empty, what is left out says why in both")
    if kind in ("process", "electricity", "none") and row["provider_id"] is not None:
        file.fault(place, "provider_id", f"is given, but {kind} needs none, leave it empty")


def _check_provider(file: CsvFile, row: Row, known: _Known) -> None:
    kind, provider, item, place = row["provider_kind"], row["provider_id"], row["item"] or "", row["row"]
    if kind == "process" and item not in known.products:
        near = nearest(item, known.products)
        file.fault(place, "item", f"{item!r} is not in products.csv{near}, allowed: a product of this site")
    elif kind == "process":
        convertible(file, row, known.products[item]["declared_unit"], item)
    elif kind == "supplier" and item not in known.suppliers:
        near = nearest(item, known.suppliers)
        file.fault(
            place, "item", f"{item!r} is supplied by nobody{near}, allowed: a material of supplier_materials.csv"
        )
    elif kind == "supplier" and provider is not None and provider not in known.suppliers[item]:
        of = ", ".join(sorted(known.suppliers[item]))
        file.fault(place, "provider_id", f"{provider!r} does not supply {item!r}, allowed: {of}")
    elif kind == "secondary" and provider not in known.factors:
        near = nearest(provider or "", known.factors)
        message = (
            f"{provider!r} is no footprint factor{near}, allowed: one of the library, or {_OWN_FACTOR} of factors.csv"
        )
        file.fault(place, "provider_id", message)


def _check_amount(file: CsvFile, row: Row) -> None:
    source, place = row["amount_source"], row["row"]
    for column in _NEEDED.get(source, ()):
        if row[column] is None:
            file.fault(place, column, f"is empty, an amount by {source} names it")
    for column, only in _ONLY_WITH.items():
        if row[column] is not None and source != only:
            file.fault(place, column, f"is given, but an amount by {source} has no use for it, leave it empty")
    direction = _DIRECTIONS.get(source, row["direction"])
    if row["direction"] != direction:
        file.fault(place, "amount_source", f"{source!r} is of an {direction}, not of an {row['direction']}")


def _check_unit(file: CsvFile, row: Row, known: _Known) -> None:
    """An amount is of a unit that is there, in a unit that fits what it is of."""
    place, counted = row["row"], dimension(row["unit"])
    unit = row["energy_unit_id"] or known.processes.get(row["process_id"], {}).get("energy_unit_id")
    if row["amount_source"] in ("meter", "emissions") and unit is None:
        message = f"is empty and so is that of {row['process_id']!r}, an amount by {row['amount_source']} is of a unit"
        file.fault(place, "energy_unit_id", message)
    if row["direction"] == "emission" and counted not in ("mass", None):
        file.fault(place, "unit", f"{row['unit']!r} is no mass, an emission is told in kg or t of the gas")
    if row["provider_kind"] == "electricity" and counted not in ("energy", None):
        file.fault(place, "unit", f"{row['unit']!r} is no energy, electricity is told in kWh")
    if row["amount_source"] == "transport" and counted not in ("freight", None):
        file.fault(place, "unit", f"{row['unit']!r} is no transport, allowed: tkm")


def _check_production(file: CsvFile, row: Row, known: _Known) -> None:
    column = "production_product_id" if row["production_product_id"] else "item"
    name = row[column] or ""
    if name not in known.outputs:
        near = nearest(name, known.outputs)
        file.fault(row["row"], column, f"{name!r} is not in production.csv{near}, allowed: a product of that file")
    elif row["quantity"] is None:
        convertible(file, row, known.outputs[name], name)


def _check_transport(file: CsvFile, row: Row, known: _Known) -> None:
    name = row["of_exchange_id"]
    carried = known.exchanges.get(name)
    if name is None:
        return
    if carried is None:
        near = nearest(name, known.exchanges)
        file.fault(row["row"], "of_exchange_id", f"{name!r} is not in exchanges.csv{near}, allowed: an exchange")
    elif carried["amount_source"] == "transport":
        file.fault(row["row"], "of_exchange_id", f"{name!r} is itself a transport, allowed: what is carried")
    elif not has_mass(carried, known.products.get(carried["item"])):
        message = f"{name!r} has no mass, its mass_per_unit_kg or that of its product is needed"
        file.fault(row["row"], "of_exchange_id", message)


def _check_demand(file: CsvFile, rows: list[Row]) -> None:
    """What is made on demand is not taken by a fixed amount of a process that itself works on demand."""
    on_demand = {row["item"] for row in rows if row["amount_source"] == "demand"}
    working = {row["process_id"] for row in rows if row["amount_source"] == "demand"}
    for row in rows:
        takes = row["direction"] == "input" and row["provider_kind"] == "process" and row["item"] in on_demand
        if takes and row["amount_source"] == "fixed" and row["process_id"] in working:
            message = f"{row['item']!r} is made on demand and {row['process_id']!r} works on demand, take it by a meter"
            file.fault(row["row"], "amount_source", message)


def _above(file: CsvFile) -> dict[str, set[str]]:
    """Return each unit with itself and those that contain it."""
    parents = dict(file.frame().select("energy_unit_id", "parent_id").iter_rows())
    found: dict[str, set[str]] = {}
    for unit in parents:
        seen, at = set[str](), unit
        while at is not None and at not in seen:
            seen.add(at)
            at = parents.get(at)
        found[unit] = seen
    return found


def _check_counted_once(file: CsvFile, rows: list[Row], processes: Rows, above: dict[str, set[str]]) -> None:
    """No more than the whole of a meter, or of the emissions of a unit, goes into the system on one day."""
    before: list[tuple[Row, str]] = []
    for row in rows:
        taken_away = row["role"] is not None and row["role"].startswith("-")
        if row["amount_source"] not in ("meter", "emissions") or row["direction"] == "output" or taken_away:
            continue
        unit = row["energy_unit_id"] or processes.get(row["process_id"], {}).get("energy_unit_id") or ""
        same = [
            other
            for other, its in before
            if (its in above.get(unit, ()) or unit in above.get(its, ())) and _overlap(row, other)
        ]
        if same and row["share"] + sum(other["share"] for other in same) > 1:
            lines = ", ".join(str(file.lines[other["row"]]) for other in same)
            what = row["carrier"] or "every carrier"
            file.fault(row["row"], "share", f"{what} of {unit!r} is counted already in line {lines}, at most once")
        before.append((row, unit))


def _overlap(row: Row, other: Row) -> bool:
    """Say whether two rows count the same amount on a common day; an empty cell is every carrier, use or role."""
    same = ("direction", "source_category", "role", *(("item",) if row["direction"] == "emission" else ()))
    if any(row[column] != other[column] for column in same if not _every_gas(row, other, column)):
        return False
    if any(_apart(row[column], other[column]) for column in ("carrier", "use_type")):
        return False
    begins = max((day for day in (row["valid_from"], other["valid_from"]) if day), default=None)
    ends = min((day for day in (row["valid_to"], other["valid_to"]) if day), default=None)
    return begins is None or ends is None or begins < ends


def _every_gas(row: Row, other: Row, column: str) -> bool:
    return column == "item" and "all" in (row["item"], other["item"])


def _apart(one: Any, other: Any) -> bool:  # noqa: ANN401 -- a cell
    return one is not None and other is not None and one != other
