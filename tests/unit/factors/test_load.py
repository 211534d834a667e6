"""The factor library: loads, and names a bad row by file, line and column."""

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest

from factors import load as library
from factors.load import TABLES_DIR
from lake.errors import FactorError


@pytest.fixture(scope="module")
def loaded():
    return library.load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TABLES_DIR, tmp_path / "tables"))


def spoil(folder: Path, table: str, row_id: str, **cells: str) -> int:
    """Change cells of one row and return its line."""
    path = folder / f"{table}.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    line = next(number for number, row in enumerate(rows) if row[0] == row_id)
    for column, text in cells.items():
        rows[line][rows[0].index(column)] = text
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)
    return line + 1


def test_every_fact_of_the_pack_is_there(loaded):
    at_least = {
        "carriers": 46,
        "factor_coal_equivalent": 96,
        "factor_fuel": 175,
        "factor_grid": 194,
        "factor_gwp": 312,
        "benchmark_levels": 352,
        "equipment_efficiency": 295,
        "ets_allocation": 106,
        "guidelines": 64,
    }
    assert {name: loaded[name].num_rows for name in at_least if loaded[name].num_rows < at_least[name]} == {}
    # what stood in one table of the pack stands in four here
    others = ("factor_heat_process", "rules_printed", "metering_equipping")
    assert sum(loaded[name].num_rows for name in others) == 469 - 312


def test_every_row_says_where_it_comes_from(loaded):
    asked = 0
    for name, table in loaded.items():
        if "source_id" in table.column_names:
            asked += 1
            assert table["source_id"].null_count == table["locator"].null_count == table["evidence"].null_count == 0, (
                name
            )
            assert set(pc.unique(table["confidence"]).to_pylist()) <= {"verified", "recalled"}, name
    assert asked >= 9


def test_a_blank_stays_blank(loaded):
    tibet = [row for row in loaded["factor_grid"].to_pylist() if row["region"] == "XZ"]
    assert [row["factor"] for row in tibet] == [None]
    blank_levels = [row for row in loaded["benchmark_levels"].to_pylist() if row["unit"] is None]
    assert blank_levels
    assert all(row["benchmark_level"] is None and row["level_1"] is None for row in blank_levels)


def test_the_numbers_are_decimals(loaded):
    row = next(r for r in loaded["factor_fuel"].to_pylist() if r["factor_id"] == "fuel-mee_2022_2024_guides-anthracite")
    assert row["carbon_content_tc_per_gj"] == Decimal("0.02749")


COKE = ("factor_fuel", "fuel-mee_2022_2024_guides-coke")
GRID = ("factor_grid", "grid-national_average-cn-2023")
COAL = ("factor_coal_equivalent", "ce-gbt_2589_2020-coke")

#: the row, what is written into which column, where the fault is named and what it says
BAD_ROWS = [
    (COKE, "ncv_gj_per_unit=28,4", "ncv_gj_per_unit", "not a decimal"),
    (COKE, "ncv_gj_per_unit=29.435", "tco2_per_unit", "heat value"),
    (COKE, "oxidation_rate_pct=980", "oxidation_rate_pct", "0 to 100"),
    (COKE, "activity_unit=tons", "activity_unit", "is not allowed"),
    (GRID, "factor_unit=kgCO2/t", "factor_unit", "wrong dimension"),
    (GRID, "factor_unit=kgCO2/Mega", "factor_unit", "not in lake/units"),
    (GRID, "valid_from=2022-06-01", "valid_from", "overlaps line"),
    (GRID, "valid_to=2022-06-01", "valid_to", "must lie after"),
    (GRID, "confidence=certain", "confidence", "is not allowed"),
    (GRID, "source_id=hearsay", "source_id", "not in sources.yaml"),
    (GRID, "evidence=", "evidence", "is blank"),
    (GRID, "factor_id=grid-national_average-cn-2022", "factor_id", "already on line"),
    (COAL, "kgce_per_unit_max=0.9914", "kgce_per_unit_max", "marked ok"),
    (COAL, "kgce_per_unit_computed_max=0.9", "kgce_per_unit_computed_max", "kJ"),
    (("factor_gwp", "gwp-ar6-ch4"), "gwp=-1", "gwp", "allowed is 0"),
    (("carriers", "diesel"), "is_biogenic=perhaps", "is_biogenic", "true | false"),
]


@pytest.mark.parametrize(("row", "written", "column", "message"), BAD_ROWS)
def test_a_bad_row_is_named(copy, row, written, column, message):
    spoilt, _, text = written.partition("=")
    line = spoil(copy, *row, **{spoilt: text})
    named = [str(fault) for fault in library.check(copy) if fault.column == column]
    assert any(fault.startswith(f"{row[0]}.csv:") and message in fault for fault in named), named
    if column != "valid_from":  # of two overlapping rows the later one in time is named
        assert any(f":{line}: {column}:" in fault for fault in named)


def test_all_faults_come_at_once_and_the_load_refuses(copy):
    spoil(copy, "factor_grid", "grid-national_average-cn-2023", factor="5")
    spoil(copy, "factor_gwp", "gwp-ar6-ch4", unit="t")
    (copy / "guidelines.csv").unlink()
    assert {fault.file.name for fault in library.check(copy)} == {"factor_grid.csv", "factor_gwp.csv", "guidelines.csv"}
    with pytest.raises(FactorError, match=r"factor_grid\.csv:\d+: factor: is 5"):
        library.load(copy)


def test_a_missing_and_a_strange_column_are_named(copy):
    path = copy / "guidelines.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("guideline,doc_type", "guideline,kind", 1), encoding="utf-8"
    )
    named = [str(fault) for fault in library.check(copy)]
    assert "guidelines.csv:1: doc_type: the column is missing" in named
    assert "guidelines.csv:1: kind: the column is not declared in tables.yaml" in named


def test_crosswalk_keys_lead_to_rows(loaded):
    coal = {row["energy_key"] for row in loaded["factor_coal_equivalent"].to_pylist()}
    fuel = {row["fuel_key"] for row in loaded["factor_fuel"].to_pylist()}
    process = {row["factor_key"] for row in loaded["factor_heat_process"].to_pylist()}
    carriers = loaded["carriers"].to_pylist()
    assert {row["energy_key"] for row in carriers if row["energy_key"]} <= coal
    assert {row["process_key"] for row in carriers if row["process_key"]} <= process
    unknown = {row["fuel_key"] for row in carriers if row["fuel_key"]} - fuel
    assert unknown == {"stationary_biomass"} - fuel
    equipping = {row["equipping_key"] for row in loaded["metering_equipping"].to_pylist()}
    assert {row["equipping_key"] for row in carriers if row["equipping_key"]} <= equipping
    without = [row for row in carriers if row["energy_key"] is None]
    assert all(row["null_reason"] and row["null_reason_zh"] and row["null_reason_en"] for row in without)


def test_the_required_metering_rates_are_those_that_are_printed(loaded):
    rows = loaded["metering_equipping"].to_pylist()
    assert len(rows) == 11
    for row in rows:
        rates = [row[f"{level}_pct"] for level in ("entity", "sub_entity", "equipment")]
        assert "/".join(f"{rate:.0f}" for rate in rates) == row["value_text"]
        assert rates == sorted(rates, reverse=True)


def test_guidelines_and_their_sets_are_the_same_list(loaded):
    assert loaded["guidelines"]["guideline"].to_pylist() == loaded["guideline_sets"]["guideline"].to_pylist()
    sets = {row["factor_set"] for row in loaded["factor_fuel"].to_pylist()}
    assert {row["fuel_set"] for row in loaded["guideline_sets"].to_pylist()} <= sets
