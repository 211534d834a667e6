"""baselines.csv: what does not fit is named at its cell, and the row is set aside."""

import shutil
from pathlib import Path

from lake.site.survey import survey

SITE = Path("examples/reference_park")
HEADER = (SITE / "baselines.csv").read_text("utf-8").splitlines()[0]
GOOD = dict.fromkeys(HEADER.split(","), "") | {
    "baseline_id": "good",
    "energy_unit_id": "steel",
    "name_zh": "炼钢",
    "products": "crude_steel",
    "heating": "true",
    "temperature_point_id": "mac_outdoor_temp_t",
    "baseline_from": "2024-01-01",
    "baseline_to": "2025-01-01",
    "reporting_from": "2025-01-01",
    "reason": "watch",
}
WRONG = [
    ("products", "crude_steal", "products", "did you mean"),
    ("temperature_point_id", "", "temperature_point_id", "degree days need a thermometer"),
    ("temperature_point_id", "stl_e_main_a_ep", "temperature_point_id", "measures no temperature"),
    ("baseline_to", "2023-12-31", "baseline_to", "before baseline_from"),
    ("reporting_from", "2024-12-31", "reporting_from", "before baseline_to"),
    ("grain", "day", "products", "is told by month"),
    ("grain", "day", "carrier", "is empty with the grain day"),
]


def test_what_does_not_fit_is_named_at_its_cell(tmp_path: Path) -> None:
    shutil.copytree(SITE, tmp_path / "site", ignore=shutil.ignore_patterns("simulator", "plant"))
    rows = [
        GOOD,
        *(GOOD | {"baseline_id": f"wrong_{line}", cell: value} for line, (cell, value, *_) in enumerate(WRONG)),
    ]
    text = "\n".join([HEADER, *(",".join(row.values()) for row in rows)])
    (tmp_path / "site/baselines.csv").write_text(text, "utf-8")
    faults = [fault for fault in survey(tmp_path / "site", {}).faults if fault.file == "baselines.csv"]
    assert {fault.line for fault in faults} == set(range(3, 3 + len(WRONG)))
    for line, (_, _, column, told) in enumerate(WRONG, start=3):
        said = [str(fault) for fault in faults if (fault.line, fault.column) == (line, column)]
        assert any(told in sentence for sentence in said), (column, faults)
