"""operating_subjects.csv and operating_parameters.csv: what does not fit is named at its cell."""

import shutil
from pathlib import Path

from lake.site.survey import survey

SITE = Path("examples/reference_park")
GOOD = {
    "operating_subjects.csv": {
        "subject_id": "kiln",
        "energy_unit_id": "cement_kiln",
        "name_zh": "熟料",
        "carriers": "bituminous_coal;electricity",
        "output_point_ids": "cem_clinker_m",
        "output_unit": "t",
        "output_from": "150",
        "reason": "watch",
    },
    "operating_parameters.csv": {
        "subject_id": "kiln",
        "parameter_id": "good",
        "name_zh": "窑速",
        "form": "value",
        "point_ids": "cem_kiln_speed_x",
    },
}
WRONG = {
    "operating_subjects.csv": [
        ("carriers", "bituminous_coal;electrisity", "carriers", "did you mean electricity"),
        ("output_point_ids", "cem_clinkers_m", "output_point_ids", "did you mean cem_clinker_m"),
        ("output_unit", "kWh", "output_unit", "is no unit for cem_clinker_m"),
        ("output_from", "0", "output_from", "not above zero"),
        ("temperature_point_id", "cem_clinker_m", "temperature_point_id", "measures no temperature"),
    ],
    "operating_parameters.csv": [
        ("subject_id", "kilm", "subject_id", "did you mean kiln"),
        ("point_ids", "cem_kiln_sped_x", "point_ids", "did you mean cem_kiln_speed_x"),
        ("form", "ratio", "per_point_ids", "points with the form ratio"),
        ("per_point_ids", "cem_clinker_m", "per_point_ids", "none otherwise"),
        ("form", "largest_share", "point_ids", "two or more to share"),
        ("point_ids", "cem_kiln_speed_x;cem_clinker_m", "point_ids", "does not add up with others"),
    ],
}


def test_what_does_not_fit_is_named_at_its_cell(tmp_path: Path) -> None:
    shutil.copytree(SITE, tmp_path / "site", ignore=shutil.ignore_patterns("simulator", "plant"))
    for name, good in GOOD.items():
        header = (SITE / name).read_text("utf-8").splitlines()[0]
        key = list(good)[0 if name == "operating_subjects.csv" else 1]
        told = [good, *(good | {key: f"wrong_{line}", cell: to} for line, (cell, to, *_) in enumerate(WRONG[name]))]
        lines = [",".join(row.get(column, "") for column in header.split(",")) for row in told]
        (tmp_path / "site" / name).write_text("\n".join([header, *lines]), "utf-8")
    faults = survey(tmp_path / "site", {}).faults
    for name, wrong in WRONG.items():
        here = [fault for fault in faults if fault.file == name]
        assert {fault.line for fault in here} == set(range(3, 3 + len(wrong)))
        for line, (_, _, column, told) in enumerate(wrong, start=3):
            said = [str(fault) for fault in here if (fault.line, fault.column) == (line, column)]
            assert any(told in sentence for sentence in said), (name, line, here)
