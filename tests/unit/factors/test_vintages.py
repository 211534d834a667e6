"""Vintages: which numbers differ between two, what an adoption writes, and what is refused in one sentence."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from factors import adoption, vintages
from factors.load import load
from lake.errors import FactorError
from lake.site.check import check_site
from pipelines.cli.main import status_of


@pytest.fixture(scope="module")
def numbers():
    return load()["factor_numbers"].to_pylist()


@pytest.fixture
def site(tmp_path):
    assert status_of(["init", str(tmp_path / "plant")]) == 0
    return tmp_path / "plant"


def republished(value: str, published: str) -> dict:
    row = next(
        row for row in load()["factor_numbers"].to_pylist() if row["factor_id"] == "grid-national_average-cn-2022"
    )
    return {
        **row,
        "factor_id": f"again-{published}",
        "value": Decimal(value),
        "published_on": date.fromisoformat(published),
    }


def test_two_years_of_the_national_average_differ_as_printed(numbers):
    changes = vintages.difference(
        numbers, vintages.parse("national_average@2022"), vintages.parse("national_average@2023")
    )
    assert [(change.a, change.b, change.ratio) for change in changes] == [
        (Decimal("0.5366"), Decimal("0.5306"), Decimal("-0.011182"))
    ]


def test_a_year_that_was_published_again_stands_beside_the_first_publication(numbers):
    both = [*numbers, republished("0.5400", "2026-03-01")]
    first, again = vintages.parse("national_average@2022"), vintages.parse("national_average@2022:2026-03-01")
    assert [row["value"] for row in first.rows(both)] == [Decimal("0.5366")]
    assert [(change.a, change.b) for change in vintages.difference(both, first, again)] == [
        (Decimal("0.5366"), Decimal("0.5400"))
    ]
    assert "national_average@2022:2026-03-01" in {row["vintage"] for row in vintages.listed(both)}


def test_a_number_in_another_unit_is_compared_in_the_first_one(numbers):
    gas = next(row for row in numbers if row["factor_id"] == "fuel-mee_2022_2024_guides-natural_gas")
    per_m3 = {
        **gas,
        "factor_set": "new",
        "property": "tco2_per_unit",
        "value": Decimal("0.00217"),
        "unit": "tCO2/m3_20c",
    }
    changes = vintages.difference([*numbers, per_m3], vintages.parse("MEE_2022_2024_guides"), vintages.parse("new"))
    found = [change.b for change in changes if change.factor_key == "natural_gas" and change.term == "tco2_per_unit"]
    assert found == [Decimal("21.7")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nowhere", "has no set 'nowhere'"),
        ("national_averge@2022", "did you mean 'national_average'"),
        ("national_average@1999", "it has 2021, 2022, 2023"),
        ("national_average@soon", "is no vintage"),
    ],
)
def test_an_unknown_vintage_is_told_in_one_sentence(numbers, asked, said):
    with pytest.raises(FactorError, match=said):
        vintages.parse(asked).rows(numbers)


@pytest.mark.parametrize(
    ("asked", "kind", "cells"),
    [
        ("grid_emission@2023", "grid", {"factor_type": "", "data_year": "2023"}),
        ("province_average@2022", "grid", {"factor_type": "province_average", "data_year": "2022"}),
        ("NDRC_24_guides", "fuel", {"factor_set": "NDRC_24_guides"}),
        ("GB/T 2589-2008", "coal_equivalent", {"factor_set": "GB/T 2589-2008"}),
        ("national_electricity_statistics@2023", "electricity_equivalent", {"data_year": "2023"}),
    ],
)
def test_an_adoption_is_an_entry_without_faults(numbers, site, asked, kind, cells):
    named = vintages.parse(asked)
    entry = adoption.rule(named, named.rows(numbers), date(2025, 1, 1), date(2026, 11, 1), "Notice 1")
    line = adoption.append(site, entry)
    assert check_site(site, {}) == []
    with (site / "factor_rules.csv").open(encoding="utf-8", newline="") as handle:
        written = list(csv.DictReader(handle))[line - 2]
    assert {name: written.get(name, "") for name in cells} == cells
    assert (written["kind"], written["adopted_on"], written["reason"]) == (kind, "2026-11-01", "Notice 1")


def test_what_no_rule_adopts_is_refused(numbers):
    for asked, said in (("AR6", "gwp_set"), ("carbonate", "follow the guideline"), ("grid_emission", "name one")):
        named = vintages.parse(asked)
        with pytest.raises(FactorError, match=said):
            adoption.rule(named, named.rows(numbers), date(2025, 1, 1), date(2026, 1, 1), "why")


def test_the_command_line_refuses_an_entry_that_would_make_the_site_faulty(site, capsys):
    before = (site / "factor_rules.csv").read_bytes()
    asked = ["factors", "adopt", "grid_emission@2022", "--site", str(site), "--from", "2025-01-01", "--reason", "x"]
    assert status_of([*asked, "--carrier", "coke"]) == 1
    assert "nothing is written" in capsys.readouterr().err
    assert (site / "factor_rules.csv").read_bytes() == before
    assert status_of(asked) == 0
    assert status_of(["factors", "diff", "AR5", "AR6", "--site", str(site)]) == 1
    assert status_of(["factors", "diff", "AR6", "AR6", "--site", str(site)]) == 0
