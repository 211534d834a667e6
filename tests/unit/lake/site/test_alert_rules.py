"""alert_rules.csv: what is wrong with a rule is told with its line, and only that rule is set aside."""

import shutil
from pathlib import Path

import pytest

from lake.site.load import read_site
from lake.site.survey import survey

STARTER = Path("pipelines/cli/starter")
HEADER = (
    "rule_id,kind,organization_id,subject,quantity,carrier,comparison,limit_value,clear_value,for_hours,notify,"
    "escalate_after_hours,escalate_notify,message_en\n"
)
GOOD = "good,leak,,*,night_minimum,electricity,above,0.3,,48,review,24,approve,{subject}: {value}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STARTER, tmp_path / "site"))


def faults(site: Path, row: str) -> list[tuple[str, str]]:
    (site / "alert_rules.csv").write_text(HEADER + GOOD + row, "utf-8")
    found = [fault for fault in survey(site, {}).faults if fault.file == "alert_rules.csv"]
    assert {fault.line for fault in found} <= {3}
    return [(fault.column, fault.message) for fault in found]


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("a,leak,,*,power_factor,,above,0.3,,,,,,", "quantity", "'power_factor' is not for kind leak"),
        ("a,leak,,pupms,night_minimum,electricity,above,0.3,,,,,,", "subject", "is not in energy_units.csv or points"),
        ("a,leak,,*,night_minimum,,above,0.3,,,,,,", "carrier", "needs the carrier"),
        ("a,leak,,*,night_minimum,electricty,above,0.3,,,,,,", "carrier", "did you mean electricity"),
        ("a,leak,,*,night_minimum,electricity,above,0,,,,,,", "limit_value", "is not above 0"),
        ("a,leak,,*,night_minimum,electricity,above,0.3,0.4,,,,,", "clear_value", "is not between 0 and the limit"),
        ("a,threshold,,*,power_factor,,below,0.9,0.8,,,,,", "clear_value", "at or above 0.9"),
        ("a,threshold,,*,power_factor,,below,0.9,,,boss,,,", "notify", "no person of people.csv and no role"),
        ("a,threshold,,*,power_factor,,below,0.9,,,,,review,", "escalate_after_hours", "after how many hours"),
        ("a,threshold,,*,power_factor,,below,0.9,,,,,,{vlaue}", "message_en", "names the place {vlaue}"),
        ("a,threshold,,*,power_factor,,below,0.9,,,,,,{value", "message_en", "a brace that is not closed"),
    ],
)
def test_each_fault_is_named_with_its_line_and_column(site: Path, row: str, column: str, said: str) -> None:
    ((where, message),) = faults(site, row + "\n")
    assert where == column
    assert said in message


def test_a_rule_with_a_fault_is_set_aside_and_the_others_hold(site: Path) -> None:
    assert faults(site, "b,calibration,,*,calibration_days_left,,below,30,,,,,,\n") == []
    assert faults(site, "a,leak,,*,power_factor,,above,0.3,,,,,,\n") != []
    read = read_site(site, {})
    assert read.tables["alert_rules"]["rule_id"].to_pylist() == ["good"]
    assert read.refused["file"].to_pylist() == ["alert_rules.csv"]
