"""operating_subjects.csv and operating_parameters.csv: points that are measured, outputs that convert, ratios whole."""

from lake.site import declared
from lake.site.csv_file import CsvFile
from lake.site.fault import nearest
from lake.units import units


def check(files: dict[str, CsvFile]) -> None:
    """Check both files beside the points that they name."""
    subjects, parameters = files["operating_subjects"], files["operating_parameters"]
    points = {row["point_id"]: row for row in files["points"].frame().iter_rows(named=True)}
    if subjects.table.num_rows:
        _check_subjects(subjects, points)
    if parameters.table.num_rows:
        _check_named(parameters, subjects)
        _check_parameters(parameters, points)


def _check_subjects(file: CsvFile, points: dict[str, dict[str, str]]) -> None:
    known = declared.vocabulary("carrier")
    for row in file.frame().iter_rows(named=True):
        for carrier in (row["carriers"] or "").split(";"):
            if carrier not in known:
                message = f"{carrier!r} is no carrier{nearest(carrier, known)}, allowed: carriers"
                file.fault(row["row"], "carriers", message)
        _check_points(file, row, "output_point_ids", points)
        for point in (row["output_point_ids"] or "").split(";"):
            if point in points and not _converts(points[point]["unit"], row["output_unit"]):
                message = f"{row['output_unit']!r} is no unit for {point} in {points[point]['unit']}"
                file.fault(row["row"], "output_unit", f"{message}, allowed: one it converts into")
        _check_thermometer(file, row, points)
        if row["output_from"] is not None and row["output_from"] <= 0:
            file.fault(row["row"], "output_from", f"{row['output_from']} is not above zero, allowed: more")


def _check_named(file: CsvFile, subjects: CsvFile) -> None:
    known = set(subjects.frame()["subject_id"].drop_nulls().to_list()) if subjects.table.num_rows else set()
    for row, subject in file.frame().select("row", "subject_id").drop_nulls().iter_rows():
        if subject not in known:
            message = f"{subject!r} is not in operating_subjects.csv{nearest(subject, known)}, allowed: its subjects"
            file.fault(row, "subject_id", message)


def _check_thermometer(file: CsvFile, row: dict[str, object], points: dict[str, dict[str, str]]) -> None:
    point = row["temperature_point_id"]
    if isinstance(point, str) and point in points and points[point]["quantity"] != "temperature":
        message = f"{point!r} measures no temperature, allowed: a point of the quantity temperature"
        file.fault(int(str(row["row"])), "temperature_point_id", message)


def _check_parameters(file: CsvFile, points: dict[str, dict[str, str]]) -> None:
    for row in file.frame().iter_rows(named=True):
        _check_points(file, row, "point_ids", points)
        _check_points(file, row, "per_point_ids", points)
        if (row["form"] == "ratio") != (row["per_point_ids"] is not None):
            message = f"does not fit the form {row['form']}, allowed: points with the form ratio, none otherwise"
            file.fault(row["row"], "per_point_ids", message)
        if row["form"] == "largest_share" and ";" not in (row["point_ids"] or ""):
            file.fault(row["row"], "point_ids", f"{row['point_ids']!r} is one point, allowed: two or more to share")
        asked = ";".join(filter(None, (row["point_ids"], row["per_point_ids"]))).split(";")
        states = [point for point in asked if point in points and points[point]["kind"] == "state"]
        if states and row["form"] != "value":
            file.fault(row["row"], "point_ids", f"{states[0]!r} has no amounts to share, allowed: the form value")
        if states and len(asked) > 1:
            file.fault(row["row"], "point_ids", f"{states[0]!r} does not add up with others, allowed: one point")


def _check_points(file: CsvFile, row: dict[str, object], column: str, points: dict[str, dict[str, str]]) -> None:
    for point in str(row[column] or "").split(";"):
        if row[column] is not None and point not in points:
            message = f"{point!r} is not in points.csv{nearest(point, points)}, allowed: its points"
            file.fault(int(str(row["row"])), column, message)


def _converts(unit: str, into: str | None) -> bool:
    known = units()
    return unit in known and into in known and known[unit].dimension == known[str(into)].dimension
