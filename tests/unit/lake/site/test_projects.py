"""projects.csv and project_effects.csv: what does not fit is named at its cell."""

import shutil
from pathlib import Path

from lake.site.survey import survey

SITE = Path("examples/reference_park")
PROJECT = {
    "project_id": "good", "organization_id": "cement", "energy_unit_id": "cement_kiln", "kind": "retrofit",
    "name_zh": "改造", "status": "planned", "starts_on": "2026-07-01", "investment_cny": "1000", "lifetime_years": "10",
    "discount_ratio": "0.08", "baseline_id": "cement_kiln", "source": "offer",
}  # fmt: skip
EFFECT = {"project_id": "good", "effect": "use", "carrier": "bituminous_coal", "quantity": "-1", "unit": "t"}
WRONG = {
    "projects.csv": [
        ({"energy_unit_id": "steel"}, "energy_unit_id", "belongs to 'steel'"),
        ({"organization_id": "park", "energy_unit_id": ""}, "organization_id", "has members"),
        ({"baseline_id": "cement_klin"}, "baseline_id", "did you mean cement_kiln"),
        ({"discount_ratio": "8"}, "discount_ratio", "at most 1"),
    ],
    "project_effects.csv": [
        ({"project_id": "godo"}, "project_id", "did you mean good"),
        ({"carrier": ""}, "carrier", "is missing, allowed: what the effect 'use' is of"),
        ({"effect": "output"}, "product_id", "is missing"),
        ({"product_id": "clinker"}, "product_id", "has no place here"),
    ],
}


def test_what_does_not_fit_is_named_at_its_cell(tmp_path: Path) -> None:
    shutil.copytree(SITE, tmp_path / "site", ignore=shutil.ignore_patterns("simulator", "plant"))
    for name, good in (("projects.csv", PROJECT), ("project_effects.csv", EFFECT)):
        header = (SITE / name).read_text("utf-8").splitlines()[0]
        told = [good]
        for line, (cells, *_) in enumerate(WRONG[name]):
            told.append(good | ({"project_id": f"wrong_{line}"} if name == "projects.csv" else {}) | cells)
        lines = [",".join(row.get(column, "") for column in header.split(",")) for row in told]
        (tmp_path / "site" / name).write_text("\n".join([header, *lines]), "utf-8")
    faults = survey(tmp_path / "site", {}).faults
    for name, wrong in WRONG.items():
        assert 2 not in {fault.line for fault in faults if fault.file == name}
        for line, (_, column, said) in enumerate(wrong, start=3):
            here = [str(fault) for fault in faults if (fault.file, fault.line, fault.column) == (name, line, column)]
            assert any(said in one for one in here), (name, line, column, here)
