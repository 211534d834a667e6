"""Three administrators are three persons."""

import shutil
from pathlib import Path

from lake.site.survey import survey

STARTER = Path(__file__).resolve().parents[4] / "pipelines/cli/starter"


def test_two_of_three_administrators_are_no_one_person(tmp_path: Path) -> None:
    """At the same time; a role after the other ended, and the same role in two organisations, are nobody's conflict."""
    site = Path(shutil.copytree(STARTER, tmp_path / "site"))
    own = (site / "organizations.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    people = "person_id,organization_id,name_zh\n" + "".join(f"{name},{own},{name}\n" for name in ("ann", "bo", "cy"))
    (site / "people.csv").write_text(people, encoding="utf-8")
    rows = ["ann,administer,,", "bo,secure,,", "cy,audit,,", "cy,approve,,", "ann,audit,,", "bo,administer,2020-01-01,"]
    after = ["cy,secure,2020-01-01,2021-01-01"]
    apart = ["ann,secure,2020-01-01,2021-01-01"]
    head = "person_id,role,valid_from,valid_to,organization_id"

    def faults(lines: list[str]) -> list[tuple[int, str]]:
        text = "\n".join([head, *(f"{line},{own}" for line in lines)]) + "\n"
        (site / "roles.csv").write_text(text, encoding="utf-8")
        return [(one.line, one.column) for one in survey(site, {}).faults if one.file == "roles.csv"]

    assert faults(rows[:4]) == []
    assert faults(rows) == [(6, "role"), (7, "role")]
    assert faults([*rows[:4], *after]) == [(6, "role")]
    assert faults(["ann,audit,2021-01-01,", *apart]) == [], "one after the other"
