"""projects.csv and project_effects.csv: units of the entity, baselines that exist, effects that name their carrier."""

import polars as pl

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest

#: What of an effect names it.
_NAMED = {"use": "carrier", "process": "carrier", "output": "product_id"}


def check(files: dict[str, CsvFile]) -> None:
    """Check both files beside the units, baselines and carriers that they name."""
    projects, told = files["projects"], files["project_effects"]
    if projects.table.num_rows:
        _check_projects(projects, files)
    if told.table.num_rows:
        _check_effects(told, projects)


def _check_projects(file: CsvFile, files: dict[str, CsvFile]) -> None:
    rows = files["energy_units"].frame().select("energy_unit_id", "organization_id")
    owners = dict(rows.iter_rows())
    baselines = files["baselines"].frame() if files["baselines"].table.num_rows else pl.DataFrame({"baseline_id": []})
    known = set(baselines["baseline_id"].drop_nulls().to_list())
    heads = set(files["organizations"].frame()["parent_id"].drop_nulls().to_list())
    for row in file.frame().iter_rows(named=True):
        owner = owners.get(row["energy_unit_id"], row["organization_id"])
        if owner != row["organization_id"]:
            message = f"{row['energy_unit_id']!r} belongs to {owner!r}, allowed: a unit of {row['organization_id']!r}"
            file.fault(row["row"], "energy_unit_id", message)
        if row["organization_id"] in heads:
            message = f"{row['organization_id']!r} has members, allowed: the legal entity that builds it"
            file.fault(row["row"], "organization_id", message)
        if row["baseline_id"] is not None and row["baseline_id"] not in known:
            near = nearest(row["baseline_id"], known)
            file.fault(row["row"], "baseline_id", f"{row['baseline_id']!r} is not in baselines.csv{near}")


def _check_effects(file: CsvFile, projects: CsvFile) -> None:
    known = set(projects.frame()["project_id"].drop_nulls().to_list()) if projects.table.num_rows else set()
    for row in file.frame().iter_rows(named=True):
        if row["project_id"] is not None and row["project_id"] not in known:
            near = nearest(row["project_id"], known)
            file.fault(row["row"], "project_id", f"{row['project_id']!r} is not in projects.csv{near}")
        for column in ("carrier", "product_id"):
            is_wanted = _NAMED.get(row["effect"]) == column
            if is_wanted and row[column] is None:
                file.fault(row["row"], column, f"is missing, allowed: what the effect {row['effect']!r} is of")
            elif not is_wanted and row[column] is not None and row["effect"] in _NAMED:
                message = f"{row[column]!r} has no place here, allowed: empty with the effect {row['effect']!r}"
                file.fault(row["row"], column, message)
