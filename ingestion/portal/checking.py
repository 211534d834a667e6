"""Checks the rows of a sheet or a workbook as `nengtan check` checks the site's file, and says whose month each is."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import pyarrow as pa

from ingestion.portal.kinds import Kind
from ingestion.portal.place import Known
from lake.entries import READINGS, month_of
from lake.ledger.rows import TABLES
from lake.site import ledger, relations
from lake.site.csv_file import CsvFile, read_texts
from lake.site.fault import Fault, nearest

Row = dict[str, str]


@dataclass(frozen=True)
class Checked:
    """Typed rows, their faults by line and column, and the organisation and month of each row (None where faulty)."""

    table: pa.Table
    faults: list[Fault]
    places: list[tuple[str, str] | None]


@dataclass(frozen=True)
class Against:
    """What rows are checked against: the site, seen by who may enter for these organisations.

    Any other organisation is answered as if it did not exist. `vouchers` are the names of the attached documents; None
    where they are attached later.
    """

    known: Known
    organizations: Collection[str]
    vouchers: Collection[str] | None = None


def check(kind: Kind, rows: Sequence[Row], lines: Sequence[int], against: Against) -> Checked:
    """Check rows that stand on these lines."""
    known, vouchers = against.known, against.vouchers
    texts = {name: [row.get(name, "") for row in rows] for name in kind.spec.columns}
    file = read_texts(kind.spec, texts, list(lines), known.zone)
    seen = visible(known.files, against.organizations)
    relations.check_one(file, {**seen, kind.name: file})
    if kind.name in TABLES:
        ledger.check_rows(file)
    located = _located(kind, file, seen, known)
    _check_units(file, seen)
    _check_future(file, located, known.today)
    if vouchers is not None and "voucher" in kind.spec.columns:
        _check_vouchers(file, vouchers)
    places = [
        (organization, f"{month:%Y-%m}") if organization is not None and month is not None else None
        for organization, month in located.select("of_organization", "of_month").iter_rows()
    ]
    return Checked(file.table, sorted(set(file.faults), key=_as_read(kind)), places)


def visible(files: dict[str, CsvFile], organizations: Collection[str]) -> dict[str, CsvFile]:
    """Return organizations, energy_units, meters and points with the rows of these organisations only."""
    units = _kept(files["energy_units"], pl.col("organization_id").is_in(list(organizations)))
    meters = _kept(files["meters"], pl.col("energy_unit_id").is_in(units.frame()["energy_unit_id"].to_list()))
    return {
        "organizations": _kept(files["organizations"], pl.col("organization_id").is_in(list(organizations))),
        "energy_units": units,
        "meters": meters,
        "points": _kept(files["points"], pl.col("meter_id").is_in(meters.frame()["meter_id"].to_list())),
    }


def _kept(file: CsvFile, only: pl.Expr) -> CsvFile:
    return replace(file, table=file.frame().filter(only).drop("row").to_arrow(), faults=[])


def _as_read(kind: Kind) -> Callable[[Fault], tuple[int, int, str]]:
    order = {name: place for place, name in enumerate(kind.spec.columns)}
    return lambda fault: (fault.line, order.get(fault.column, -1), fault.message)


def _located(kind: Kind, file: CsvFile, seen: dict[str, CsvFile], known: Known) -> pl.DataFrame:
    """Return the rows with the organisation and the month (its first day) that each belongs to."""
    rows = file.frame()
    if kind.name != READINGS:
        return rows.with_columns(of_organization=pl.col("organization_id"), of_month=month_of(kind.name))
    units = seen["energy_units"].frame().select("energy_unit_id", of_organization="organization_id")
    meters = seen["meters"].frame().select("meter_id", "energy_unit_id").join(units, on="energy_unit_id")
    points = seen["points"].frame().select("point_id", "meter_id").join(meters, on="meter_id")
    local = pl.col("reading_at").dt.convert_time_zone(str(known.zone))
    return rows.join(points, on="point_id", how="left", maintain_order="left").with_columns(
        of_month=local.dt.date().dt.month_start()
    )


def _check_units(file: CsvFile, seen: dict[str, CsvFile]) -> None:
    """A unit belongs to the organisation of its row."""
    if "energy_unit_id" not in file.spec.columns:
        return
    owners = dict(seen["energy_units"].frame().select("energy_unit_id", "organization_id").iter_rows())
    for row, unit, organization in file.frame().select("row", "energy_unit_id", "organization_id").iter_rows():
        if unit in owners and organization is not None and owners[unit] != organization:
            file.fault(row, "energy_unit_id", f"{unit!r} is no unit of {organization!r}, allowed: a unit of its own")


def _check_future(file: CsvFile, located: pl.DataFrame, today: date) -> None:
    """Nothing is declared for a month that has not begun."""
    column = next(name for name in ("month", "posted_on", "reading_at") if name in file.spec.columns)
    for row, month in located.filter(pl.col("of_month") > today).select("row", "of_month").iter_rows():
        file.fault(row, column, f"{month:%Y-%m} has not begun, allowed: up to {today:%Y-%m}")
    if column == "posted_on":
        for row, day in file.frame().filter(pl.col(column) > today).select("row", column).iter_rows():
            file.fault(row, column, f"{day} has not come yet, allowed: up to {today}")


def _check_vouchers(file: CsvFile, vouchers: Collection[str]) -> None:
    for row, voucher in file.frame().select("row", "voucher").drop_nulls().iter_rows():
        if voucher not in vouchers:
            file.fault(row, "voucher", f"{voucher!r} is not attached{nearest(voucher, vouchers)}, attach the document")
