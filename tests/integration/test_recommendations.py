"""Every recommendation of the park: its query answers on the published marts with what is stated."""

import json

import pytest

from methods.strategy import rows, rules
from pipelines.cli.main import status_of
from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration


def test_each_recommendation_is_proved_by_its_query(park: Park, capsys: pytest.CaptureFixture[str]) -> None:
    columns = ["recommendation_id", "rule_id", "quantity", *rows.SAVINGS, "evidence_query"]
    found = park.sql(f"select {', '.join(columns)} from energy.recommendations")
    assert len(found) >= 10
    assert {row[1] for row in found} >= {"contract_demand", "power_factor", "shift_load", "idle_load", "pv"}
    assert {row[1] for row in found} <= set(rules.rules())
    for recommendation, _, *stated, query in found:
        assert status_of(["sql", str(query), "--format", "json", "--lake", str(park.lake)]) == 0
        (answer,) = json.loads(capsys.readouterr().out)
        for name, value in zip(("quantity", *rows.SAVINGS), stated, strict=True):
            told = answer[name]
            assert (told is None) == (value is None), (recommendation, name)
            assert told is None or float(told) == pytest.approx(float(str(value)), rel=1e-9, abs=1e-6), recommendation


def test_less_than_a_year_says_so_and_needs_no_payback(park: Park) -> None:
    found = park.sql(
        "select distinct months_count, payback_name_en from energy.recommendations where value is not null"
    )
    assert found == [(2, "less than a year of data")]
