"""What must hold in a site beyond types and references: the tree of units, points that can be counted, prices."""

import re
from decimal import Decimal
from pathlib import Path

import polars as pl

from lake.site import (
    addresses,
    administrators,
    alerts,
    baselines,
    benchmarks,
    budgets,
    calendar_rows,
    cbam,
    data_plan,
    declared,
    equipping,
    identifiers,
    ledger,
    meter_maps,
    operating,
    partners,
    product_amounts,
    product_system,
    projects,
    quotas,
    residual,
    supply,
)
from lake.site.csv_file import CsvFile
from lake.site.relations import overlaps
from lake.units import units

_AMOUNT = ("mass", "volume", "gas", "gas_actual", "gas_printed")
#: The dimensions of the units that an amount may be read in; a gas counted in kWh would be taken for cubic metres.
_DIMENSIONS = {
    "volume": _AMOUNT,
    "mass": ("mass",),
    "active_energy_import": ("energy",),
    "active_energy_export": ("energy",),
}
#: Of each kind of factor rule: the columns of which it needs one, and those it may fill beside them.
_RULES = {
    "fuel": (("factor_set",), ("organization_id", "carrier")),
    "coal_equivalent": (("factor_set",), ("carrier",)),
    "grid": (("data_year", "from_region"), ("factor_type", "region", "published_on")),
    "electricity_equivalent": (("data_year",), ("published_on",)),
    "uncertainty": (("factor_set",), ("organization_id", "carrier")),
}
_RULE_COLUMNS = {column for needed, allowed in _RULES.values() for column in (*needed, *allowed)}
_WHOLE_SITE = ("enthalpy_kj_per_kg", "gj_per_unit", "tce_calorific_per_unit", "tce_equivalent_per_unit")
_BREAKS = {
    "final_register": ("exchange", "reset", "ratio_change", "out_of_service"),
    "initial_register": ("exchange", "reset", "ratio_change", "back_in_service"),
}
_FILE_NAME = re.compile(r"[\w-][\w.-]{0,99}")
_INTERNAL = ("internal_purchase", "internal_sale")


def check(path: Path, files: dict[str, CsvFile], kinds: dict[str, str]) -> None:
    """Check every rule; `kinds` gives the kind of each connection."""
    _check_tree(files)
    residual.check(files)
    equipping.check(files["energy_units"])
    calendar_rows.check(files["calendar"])
    _check_points(files["points"], kinds)
    _check_maps(files["points"], files["meters"], kinds)
    _check_meters(files["meters"])
    _check_events(files["meter_events"], files["points"])
    _check_allocations(files)
    _check_shares(files["allocations"])
    _check_tariffs(files["tariffs"])
    _check_factor_rules(files["factor_rules"])
    _check_factors(files["factors"])
    _check_review_rules(files["review_rules"])
    administrators.check(files["roles"])
    identifiers.check(files)
    product_system.check(files)
    product_amounts.check(files)
    benchmarks.check(files)
    baselines.check(files)
    operating.check(files)
    alerts.check(files)
    budgets.check(files)
    projects.check(files)
    data_plan.check(files)
    quotas.check(files)
    partners.check(files)
    supply.check(files)
    cbam.check(files)
    ledger.check(files, is_entered="form" in kinds.values())
    for name in ("activity", "stock", "lab_results", "allowances", "credits", "supplier_footprints"):
        _check_vouchers(path, files[name])


def _check_tree(files: dict[str, CsvFile]) -> None:
    """One head of the site, one root unit of kind site in each organisation, parents in the same organisation."""
    organizations, units = files["organizations"], files["energy_units"]
    heads = organizations.frame().filter(pl.col("parent_id").is_null())
    for row, name in organizations.frame().select("row", "organization_id").drop_nulls().iter_rows():
        if not _FILE_NAME.fullmatch(name):
            message = f"{name!r} names a file and a rule of rows, allowed: letters, digits, '_', '-' and '.'"
            organizations.fault(row, "organization_id", message)
    for row in heads["row"][1:]:
        first = organizations.lines[heads["row"][0]]
        organizations.fault(row, "parent_id", f"is empty as in line {first}, allowed: one head of a site")
    rows = units.frame()
    roots = rows.filter(pl.col("parent_id").is_null())
    for row, kind in roots.filter(pl.col("kind") != "site").select("row", "kind").iter_rows():
        units.fault(row, "kind", f"{kind!r} cannot stand at the top, allowed: site for a unit without parent_id")
    again = roots.with_columns(first=pl.col("row").first().over("organization_id")).filter(
        pl.col("row") != pl.col("first")
    )
    for row, first in again.select("row", "first").iter_rows():
        message = f"is empty as in line {units.lines[first]}, allowed: one root unit in each organisation"
        units.fault(row, "parent_id", message)
    parents = rows.select(parent_id="energy_unit_id", above="organization_id").unique("parent_id", keep="first")
    strays = rows.join(parents, on="parent_id").filter(pl.col("organization_id") != pl.col("above")).sort("row")
    for row, above in strays.select("row", "above").iter_rows():
        units.fault(row, "organization_id", f"differs from its parent's, allowed: {above}")
    if units.present:
        rootless = organizations.frame().filter(~pl.col("organization_id").is_in(roots["organization_id"].to_list()))
        for row, name in rootless.select("row", "organization_id").drop_nulls().iter_rows():
            organizations.fault(
                row, "organization_id", f"{name!r} has no root unit, energy_units.csv needs one of kind site"
            )


def _check_points(points: CsvFile, kinds: dict[str, str]) -> None:
    """Register sizes belong to registers; an address has its connection's form and stands once in it."""
    rows = points.frame()
    for row in rows.filter(pl.col("register_size").is_not_null() & (pl.col("kind") != "register"))["row"]:
        points.fault(row, "register_size", "is given for a point that is no register, allowed: empty or kind register")
    for row, quantity, unit in rows.select("row", "quantity", "unit").drop_nulls().iter_rows():
        fitting = _DIMENSIONS.get(quantity)
        if fitting and unit in units() and units()[unit].dimension not in fitting:
            points.fault(row, "unit", f"{unit!r} is no unit of {quantity}, allowed: a unit of {', '.join(fitting)}")
    used = rows.with_columns(place=pl.coalesce("address", "point_id")).filter(pl.col("source").is_not_null())
    again = used.with_columns(first=pl.col("row").first().over("source", "place")).filter(
        pl.col("row") != pl.col("first")
    )
    for row, first, place in again.select("row", "first", "place").iter_rows():
        points.fault(row, "address", f"{place!r} repeats line {points.lines[first]}, each address once in a source")
    for row, source, place in used.select("row", "source", "place").iter_rows():
        complaint = addresses.complaint(kinds.get(source), place)
        if complaint:
            points.fault(row, "address", complaint)


def _check_maps(points: CsvFile, meters: CsvFile, kinds: dict[str, str]) -> None:
    """A register that a map names has the map's unit, and ratios are applied once: by the meter or by us."""
    facts = {
        name: (ct, pt, applied)
        for name, ct, pt, applied in meters.frame()
        .select("meter_id", "ct_ratio", "pt_ratio", "ratios_applied")
        .iter_rows()
    }
    columns = points.frame().select("row", "source", "address", "unit", "meter_id")
    for row, source, address, unit, meter in columns.drop_nulls("address").iter_rows():
        known = meter_maps.named(address) if kinds.get(source) == "modbus" else None
        if known is None:
            continue
        if unit is not None and unit != known.unit:
            points.fault(row, "unit", f"{unit!r} is not what this register counts in, allowed: {known.unit}")
        ct, pt, applied = facts.get(meter, (None, None, None))
        has_ratio = any(ratio is not None and ratio != 1 for ratio in (ct, pt))
        if has_ratio and known.ratios == "secondary" and applied:
            points.fault(
                row,
                "address",
                f"is a register before CT and PT, but ratios_applied of {meter!r} is true, allowed: false",
            )
        if has_ratio and known.ratios == "primary" and applied is False:
            points.fault(
                row,
                "address",
                f"is a register behind CT and PT, but ratios_applied of {meter!r} is false, allowed: true",
            )


def _check_meters(meters: CsvFile) -> None:
    for row in meters.frame().filter(pl.col("calibration_due_on") < pl.col("calibrated_on"))["row"]:
        meters.fault(row, "calibration_due_on", "is before calibrated_on, allowed: a later day")


def _check_events(events: CsvFile, points: CsvFile) -> None:
    """A ratio stands where it changes, registers where the count breaks, and they are those of one point."""
    rows, changes = events.frame(), pl.col("event") == "ratio_change"
    for row in rows.filter(changes & pl.col("new_ratio").is_null())["row"]:
        events.fault(row, "new_ratio", "is empty, a ratio_change needs the new ratio")
    for row, event in rows.filter(~changes & pl.col("new_ratio").is_not_null()).select("row", "event").iter_rows():
        events.fault(row, "new_ratio", f"is given for {event!r}, allowed: with ratio_change")
    for column, allowed in _BREAKS.items():
        breaks = pl.col("event").is_in(allowed)
        for row, event in rows.filter(~breaks & pl.col(column).is_not_null()).select("row", "event").iter_rows():
            events.fault(row, column, f"is given for {event!r}, allowed: with {' or '.join(allowed)}")
    registers = points.frame().filter(pl.col("kind") == "register").select("point_id", "meter_id")
    owners = dict(points.frame().select("point_id", "meter_id").drop_nulls("point_id").iter_rows())
    for row, meter, point in rows.select("row", "meter_id", "point_id").drop_nulls("point_id").iter_rows():
        if point in owners and owners[point] != meter:
            events.fault(row, "point_id", f"{point!r} is no point of {meter!r}, allowed: a point of the same meter")
    several = registers.group_by("meter_id").len().filter(pl.col("len") > 1)["meter_id"].to_list()
    given = pl.col("final_register").is_not_null() | pl.col("initial_register").is_not_null()
    unnamed = rows.filter(given & pl.col("point_id").is_null() & pl.col("meter_id").is_in(several))
    for row, meter in unnamed.select("row", "meter_id").iter_rows():
        events.fault(row, "point_id", f"is empty, {meter!r} has several registers: say whose register is given")


def _check_allocations(files: dict[str, CsvFile]) -> None:
    """Only additive points can be counted, of a meter of the same group; transfers name the other side."""
    file, points, meters = files["allocations"], files["points"], files["meters"]
    groups = declared.carrier_groups()
    meter = meters.frame().select("meter_id", metered="carrier").unique("meter_id", keep="first")
    counted = (
        points.frame()
        .select("point_id", "meter_id", "kind")
        .unique("point_id", keep="first")
        .join(meter, on="meter_id", how="left")
    )
    rows = file.frame().join(counted, on="point_id", how="left").sort("row")
    for row, point in rows.filter(pl.col("kind") == "state").select("row", "point_id").iter_rows():
        file.fault(
            row, "point_id", f"{point!r} is a state and adds up to nothing, allowed: register, interval or power"
        )
    for row, carrier, metered in rows.select("row", "carrier", "metered").drop_nulls().iter_rows():
        if carrier in groups and metered in groups and groups[carrier] != groups[metered]:
            message = (
                f"{carrier!r} is counted from a meter of {metered!r}, allowed: a carrier of the group {groups[metered]}"
            )
            file.fault(row, "carrier", message)
    internal = pl.col("role").is_in(_INTERNAL)
    for row in rows.filter(internal & pl.col("counterparty").is_null())["row"]:
        file.fault(row, "counterparty", "is empty, an internal purchase or sale names the other organisation")
    for row, role in rows.filter(~internal & pl.col("counterparty").is_not_null()).select("row", "role").iter_rows():
        file.fault(row, "counterparty", f"is given for role {role!r}, allowed: with {' or '.join(_INTERNAL)}")
    owner = (
        files["energy_units"].frame().select("energy_unit_id", "organization_id").unique("energy_unit_id", keep="first")
    )
    own = rows.join(owner, on="energy_unit_id").filter(pl.col("counterparty") == pl.col("organization_id")).sort("row")
    for row, other in own.select("row", "counterparty").iter_rows():
        file.fault(row, "counterparty", f"{other!r} is the unit's own organisation, allowed: another one")


def _check_shares(file: CsvFile) -> None:
    """A unit cannot count more than the whole of a point for one carrier on one day."""
    who = ["energy_unit_id", "carrier", "point_id", "sign", "role"]
    parted = (
        file.frame().filter(pl.len().over(who) > 1).with_columns(begins=pl.col("valid_from"), ends=pl.col("valid_to"))
    )
    for _, group in parted.group_by(who, maintain_order=True):
        for row, day in group.select("row", "begins").iter_rows():
            on = (pl.col("begins").is_null() | (pl.col("begins") <= day)) if day else pl.col("begins").is_null()
            alive = group.filter(
                on & (pl.col("ends").is_null() | (pl.col("ends") > day if day else pl.lit(value=True)))
            )
            total = sum(alive["share"], Decimal(0))
            apart = alive["use_type"].n_unique() == alive.height  # else it is an overlap and told as one
            if apart and total > 1 and row == alive["row"].max():
                file.fault(row, "share", f"the shares of this point add up to {total.normalize()}, at most 1")


def _check_tariffs(file: CsvFile) -> None:
    """Bands of one unit and carrier tile the day: none ends before it begins, none lies on another."""
    rows = file.frame()
    for row, start, end in (
        rows.filter(pl.col("start_time") >= pl.col("end_time")).select("row", "start_time", "end_time").iter_rows()
    ):
        message = f"{end} is not after start_time {start}, split a band at midnight (22:00-24:00 and 00:00-06:00)"
        file.fault(row, "end_time", message)
    months = rows.with_columns(month=pl.col("months").str.split(";")).explode("month", empty_as_null=True)
    who = ["energy_unit_id", "carrier", "valid_from", "valid_to", "month"]
    told: set[tuple[int, int]] = set()
    for _, group in months.filter(pl.len().over(who) > 1).group_by(who, maintain_order=True):
        bands = group.with_columns(begins=pl.col("start_time"), ends=pl.col("end_time")).filter(
            pl.col("begins") < pl.col("ends")
        )
        told.update(overlaps(bands, first=""))
    for row, other in sorted(told):
        file.fault(
            row, "start_time", f"lies on the band of line {file.lines[other]}, bands of a month follow each other"
        )


def _check_factor_rules(file: CsvFile) -> None:
    """Each kind of rule names what it uses, and nothing that it would ignore."""
    rows = file.frame()
    for row, kind in rows.select("row", "kind").drop_nulls().iter_rows():
        needed, allowed = _RULES.get(kind, ((), ()))
        cells = rows.row(row, named=True)
        if needed and all(cells[column] is None for column in needed):
            file.fault(row, needed[0], f"is empty, a rule of kind {kind} names it")
        for column in sorted(_RULE_COLUMNS - {*needed, *allowed}):
            if cells[column] is not None:
                file.fault(row, column, f"is given, but a rule of kind {kind} has no use for it, leave it empty")
        if kind in {"grid", "electricity_equivalent", "uncertainty"} and cells["use"] == "fall_back":
            file.fault(row, "use", f"'fall_back' has no meaning for kind {kind}, allowed: adopt")
        if cells["from_region"] is not None and cells["region"] is None:
            file.fault(row, "region", "is empty, a rule with from_region names the region it stands in for")


def _check_review_rules(file: CsvFile) -> None:
    """Each check of entries has the limits that it needs."""
    needed = {"range": ("minimum", "maximum"), "balance": ("subject", "parts", "ratio")}
    for cells in file.frame().to_dicts():
        columns = needed.get(cells["check"], ("ratio",))
        missing = [column for column in columns if cells[column] is None]
        if cells["check"] == "range" and len(missing) < len(columns):
            continue
        if missing:
            file.fault(cells["row"], missing[0], f"is empty, a rule of check {cells['check']} needs it")


def _check_factors(file: CsvFile) -> None:
    """A factor is of something; energy is converted with one coefficient for the whole site."""
    rows = file.frame()
    for row in rows.filter(pl.col("carrier").is_null() & pl.col("item").is_null())["row"]:
        file.fault(row, "carrier", "is empty and so is item, say what the factor is for")
    whole = pl.col("property").is_in(_WHOLE_SITE) & pl.col("organization_id").is_not_null()
    for row, name in rows.filter(whole).select("row", "property").iter_rows():
        file.fault(row, "organization_id", f"is given, but {name} holds for the whole site, leave it empty")
    grid = rows.filter(pl.col("property") == "kgco2_per_kwh")
    for column in ("factor_set", "region", "data_year", "published_on"):
        for row in grid.filter(pl.col(column).is_null())["row"]:
            file.fault(row, column, "is empty, a grid factor names its kind, region, year and day of publication")


def _check_vouchers(path: Path, file: CsvFile) -> None:
    for row, voucher in file.frame().select("row", "voucher").drop_nulls().iter_rows():
        if not (path / "vouchers" / voucher).is_file():
            file.fault(row, "voucher", f"{voucher!r} is not below vouchers/, put the document there")
