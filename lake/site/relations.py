"""What holds between rows by declaration: references, unique keys, validity that does not overlap, no cycles."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest

_FIRST, _LAST = date.min, date.max


def check(files: dict[str, CsvFile], sources: set[str] | None) -> None:
    """Check every declared relation; `sources` are the ids of sources.yaml, None where that file cannot be read."""
    for file in files.values():
        check_one(file, files, sources)
    for name in ("organizations", "energy_units"):
        _check_cycles(files[name])


def check_one(file: CsvFile, files: dict[str, CsvFile], sources: set[str] | None = None) -> None:
    """Check the declared relations of one file beside the others."""
    for column, spec in file.spec.columns.items():
        if spec.references:
            _check_reference(files, sources, file, column, spec.references)
    if {"valid_from", "valid_to"} <= set(file.spec.columns):
        _check_validity(file)
    elif file.spec.key:
        _check_key(file)


def _check_reference(
    files: dict[str, CsvFile], sources: set[str] | None, file: CsvFile, column: str, target: str
) -> None:
    table, _, key = target.partition(".")
    if table == "sources":
        if sources is None:
            return
        known, where = sources, "sources.yaml"
    else:
        known = set(files[table].frame()[key].drop_nulls().to_list()) if files[table].present else set()
        where = files[table].spec.file
    rows = file.frame().select("row", column).drop_nulls(column)
    for row, value in rows.filter(~pl.col(column).is_in(list(known))).iter_rows():
        file.fault(row, column, f"{value!r} is not in {where}{nearest(value, known)}, allowed: an id of {where}")


def _check_key(file: CsvFile) -> None:
    key = list(file.spec.key)
    rows = file.frame().with_columns(first=pl.col("row").first().over(key))
    for row, first, *values in rows.filter(pl.col("row") != pl.col("first")).select("row", "first", *key).iter_rows():
        named = ", ".join("" if value is None else str(value) for value in values)
        where = f"{', '.join(key)} must be unique" if len(key) > 1 else "each id once"
        file.fault(row, key[0], f"{named!r} repeats line {file.lines[first]}, {where}")


def _check_validity(file: CsvFile) -> None:
    rows = file.frame().with_columns(
        begins=pl.col("valid_from").fill_null(_FIRST), ends=pl.col("valid_to").fill_null(_LAST)
    )
    for row, begins, ends in (
        rows.filter(pl.col("begins") >= pl.col("ends")).select("row", "begins", "ends").iter_rows()
    ):
        file.fault(row, "valid_to", f"{ends} is not after valid_from {begins}, allowed: a later day or empty")
    rows = rows.filter(pl.col("begins") < pl.col("ends"))
    for _, group in rows.group_by(file.spec.validity, maintain_order=True):
        if group.height > 1:
            for row, other in overlaps(group):
                of = ", ".join(file.spec.validity)
                message = f"holds at the same time as line {file.lines[other]}, rows of the same {of} follow each other"
                file.fault(row, "valid_from", message)


def overlaps(rows: pl.DataFrame, first: Any = _FIRST) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - days or times
    """Yield each row that begins before an earlier one has ended, with that earlier row; columns row, begins, ends."""
    last, until = -1, first
    for row, begins, ends in rows.sort("begins", "row").select("row", "begins", "ends").iter_rows():
        if last >= 0 and begins < until:
            yield max(row, last), min(row, last)
        if ends > until:
            last, until = row, ends


def _check_cycles(file: CsvFile) -> None:
    """Note each row that is its own ancestor."""
    key = file.spec.key[0]
    parents = dict(file.frame().select(key, "parent_id").iter_rows())
    lines = dict(file.frame().select(key, "row").drop_nulls(key).unique(key, keep="first").iter_rows())
    for name, row in lines.items():
        seen, above = [name], parents.get(name)
        while above is not None and above != name and above not in seen:
            seen.append(above)
            above = parents.get(above)
        if above == name:
            way = " < ".join([*seen, name])
            file.fault(row, "parent_id", f"{name!r} is its own ancestor ({way}), allowed: a tree without circles")
