"""Secondary data of footprints: each figure is the publication's own, and says what it is a proxy for."""

import csv
import os
from decimal import Decimal
from pathlib import Path

import pytest

from factors.arithmetic import footprint
from factors.load import load, sources

DATASETS = os.environ.get("NENGTAN_DATASETS", "")
FLAT = Path(DATASETS) / "factors/uk_conversion_factors_2020_flat.csv"


@pytest.fixture(scope="module")
def rows():
    return load()["factor_footprint"].to_pylist()


def test_every_row_says_what_it_is_and_how_well_it_fits(rows):
    assert len(rows) >= 50
    assert {row["category"] for row in rows} == {"upstream_fuel", "material", "freight", "water", "waste_treatment"}
    for row in rows:
        assert (row["gwp_set"], row["region"], row["data_year"]) == ("AR4", "GB", 2020)
        assert min(row["dqr_technology"], row["dqr_time"], row["dqr_geography"]) >= 3
        assert row["factor_kgco2e_per_unit"] > 0
        assert "a British average of 2020" in row["note"]
    assert "Open Government Licence" in sources()["uk_conversion_2020"]["title"]


def test_a_factor_that_is_not_the_sum_of_its_parts_is_found(rows):
    rail = next(row for row in rows if row["factor_id"] == "uk2020-freight-rail")
    assert list(footprint(rail)) == []
    assert [column for column, _ in footprint(rail | {"factor_kgco2e_per_unit": Decimal("0.03")})] == [
        "factor_kgco2e_per_unit"
    ]
    assert [column for column, _ in footprint(rail | {"co2_kgco2e_per_unit": Decimal("0.02")})] == [
        "direct_kgco2e_per_unit"
    ]


@pytest.mark.skipif(not FLAT.is_file(), reason="NENGTAN_DATASETS names no folder with factors/")
def test_each_figure_is_that_of_the_flat_file(rows):
    printed: dict[tuple[str, ...], set[Decimal]] = {}
    with FLAT.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["ghg"] != "kg CO2e" or not row["factor_2020"][:1].isdigit():
                continue
            value = Decimal(row["factor_2020"]).quantize(Decimal("0.0000001"))
            names = (row["level1"], row["level2"], row["level3"].strip())
            for last in (row["column_text"], row["uom"], row["level4"]):
                printed.setdefault((*names, last), set()).add(value)
            printed.setdefault((row["level1"], row["uom"]), set()).add(value)
    for row in rows:
        place, _, other = row["locator"].partition(", and ")
        parts = tuple(part.strip() for part in place.split(" / "))
        told = row["direct_kgco2e_per_unit"] if other else row["factor_kgco2e_per_unit"]
        assert told.quantize(Decimal("0.0000001")) in printed[parts], row["factor_id"]
