"""A grid factor that is published again, from the import to the adoption, on a running site."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.main import status_of

pytestmark = pytest.mark.soak

EXPORT = "region,year,value\nCN,2023,0.5400\n"
MAPPING = """
columns: {region: region, data_year: year, value: value}
constants: {carrier: electricity_grid, property: kgco2_per_kwh, unit: kgCO2/kWh, origin: published,
            factor_set: national_average, published_on: 2026-03-01, source: a notice of this test, confidence: verified}
id: "{factor_set}-{region}-{data_year}-{published_on}"
"""
AGAIN = "national_average@2023:2026-03-01"


@pytest.mark.timeout(1200)
def test_a_republished_factor_from_its_import_to_its_adoption(tmp_path: Path, monkeypatch, capsys):
    site, lake = tmp_path / "plant", tmp_path / "lake"
    monkeypatch.setenv("NENGTAN_SITE", str(site))
    monkeypatch.setenv("NENGTAN_LAKE", str(lake))
    assert status_of(["init", str(site)]) == 0
    assert status_of(["run"]) == 0
    first = published(lake)
    (tmp_path / "notice.csv").write_text(EXPORT, encoding="utf-8")
    (tmp_path / "notice.yaml").write_text(MAPPING, encoding="utf-8")
    mapping = ["--mapping", str(tmp_path / "notice.yaml")]
    assert status_of(["factors", "import", str(tmp_path / "notice.csv"), *mapping]) == 0
    assert status_of(["run"]) == 0
    assert published(lake) == first, "an import moves nothing"

    capsys.readouterr()
    assert status_of(["factors", "impact", "national_average@2023", AGAIN, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(change["account"], change["item"]) for change in told["changes"]] == [
        ("statutory", "purchased_electricity")
    ]
    (change,) = told["changes"]
    assert Decimal(change["before"]) == first["statutory", "purchased_electricity"]
    assert published(lake) == first, "asking moves nothing"

    reason = ["--from", "2025-01-01", "--reason", "published again"]
    assert status_of(["factors", "adopt", AGAIN, *reason]) == 0
    assert published(lake) == first, "the entry counts with the next run"
    assert status_of(["run"]) == 0
    after = published(lake)
    assert after["statutory", "purchased_electricity"] == Decimal(change["after"])
    assert {key for key in first if first[key] != after[key]} == {("statutory", "purchased_electricity")}
    with duckdb.connect(str(lake / "marts.duckdb"), read_only=True) as con:
        both = con.execute(
            "select factor, published_on from reference.factors "
            "where factor_set = 'national_average' and data_year = 2023"
        ).fetchall()
    assert sorted(str(factor.normalize()) for factor, _ in both) == ["0.5306", "0.54"]
    with (site / "factor_rules.csv").open(encoding="utf-8", newline="") as handle:
        assert [row["reason"] for row in csv.DictReader(handle)][-1] == "published again"


def published(lake: Path) -> dict[tuple[str, str], Decimal]:
    with duckdb.connect(str(lake / "marts.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select basis, source_category, sum(emissions_tco2e) from carbon.emissions_monthly group by all"
        ).fetchall()
    return {(basis, category): total for basis, category, total in rows}
