"""Runs the bare script beside the product, on the same files: `python -m bench.bare SITE LAKE FACTORS OUT VARIANT`."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench import site
from lake.engine import Engine, connected
from lake.store import Lake

_SCRIPT = Path(__file__).with_suffix(".sql")
_TEXT = "create macro word_of(text) as text; create macro qualities(texts) as texts;"
_CATEGORIES = """
    create macro word_of(text) as text::enum('works', 'electricity_grid', 'fuel', 'kWh');
    create macro qualities(texts) as texts::enum('measured', 'interpolated', 'estimated', 'substituted')[];
"""
_NAMES = """
    create type {table}_name as enum (select distinct {column} from {table} order by all);
    alter table {table} alter column {column} type {table}_name;
"""
_WRITING = "compression zstd"


@dataclass(frozen=True)
class Variant:
    """A way to run the script: how readings become steps, where tables lie, how words and files are written."""

    step: str = "sorted"
    in_memory: bool = False
    has_categories: bool = False
    writing: str = _WRITING


#: What was tried; the fastest of them is what the product is compared with.
VARIANTS = {
    "file": Variant(),
    "memory": Variant(in_memory=True),
    "grouped": Variant("grouped", in_memory=True),
    "tuned": Variant(
        in_memory=True,
        has_categories=True,
        writing="compression zstd, parquet_version v2, dictionary_size_limit 5000",
    ),
}
_COEFFICIENTS = """
    select valid_from, valid_to, cast(round(gj_per_unit * 1e9) as bigint) as gj,
        cast(round(tce_calorific_per_unit * 1e9) as bigint) as tce_calorific,
        cast(round(tce_equivalent_per_unit * 1e9) as bigint) as tce_equivalent
    from reference.carriers where carrier = 'electricity_grid' and valid_to > date '2024-12-01'
"""
_GRID = "select month, basis, factor from carbon.emissions_monthly where source_category = 'purchased_electricity'"


def export_factors(marts: Path, folder: Path) -> None:
    """Write the coefficients and factors that hold at each date, as the product chose them, for the script to use."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(marts), read_only=True) as con:
        con.execute(f"copy ({_COEFFICIENTS}) to '{folder}/coefficients.parquet' (format parquet)")
        con.execute(f"copy ({_GRID}) to '{folder}/grid.parquet' (format parquet)")


def run(site_folder: Path, lake: Path, factors: Path, out: Path, variant: str) -> None:
    """Run a variant of the script in a database of its own, with the engine that the product has."""
    out.mkdir(parents=True)
    chosen = VARIANTS[variant]
    files = Lake(str(lake)).files("raw", f"{site.SOURCE}__reading")
    database = None if chosen.in_memory else out / "bare.duckdb"
    with connected(database, engine=Engine(memory_limit="4GB", threads=2)) as con:
        con.execute(f"set preserve_insertion_order = false; set temp_directory = '{out}/temp'")
        con.execute(_script(chosen, {"raw": files, "site": site_folder, "factors": factors, "out": out}))


def _script(chosen: Variant, places: Mapping[str, object]) -> str:
    """Return the text of a variant, with its places."""
    script = _SCRIPT.read_text(encoding="utf-8")
    parts = {
        "step": _SCRIPT.with_name(f"bare_step_{chosen.step}.sql").read_text(encoding="utf-8"),
        "words": _CATEGORIES if chosen.has_categories else _TEXT,
        "point_names": _NAMES.format(table="point", column="word") if chosen.has_categories else "",
        "place_names": _NAMES.format(table="place", column="energy_unit_id") if chosen.has_categories else "",
        "writing": chosen.writing,
        # categories are written by one thread, as the product writes them: see ADR 17
        "alone": "set threads = 1;\n" if chosen.has_categories else "",
        "together": "\nset threads = 2;" if chosen.has_categories else "",
    }
    for name, text in {**parts, **places}.items():
        script = script.replace(f"{{{name}}}", str(text))
    return script


def largest_difference(marts: Path, out: Path) -> float:
    """Return the largest relative difference between the month totals of the product and those of the script.

    Every unit's energy, coal equivalents and cost, and the works' CO2 in each account; a missing row is 1.
    """
    measures = ("quantity", "energy_gj", "energy_tce_calorific", "energy_tce_equivalent", "cost_cny")
    worst = ", ".join(_deviation(f"ours.{name}", f"bare.{name}") for name in measures)
    consumption = (
        f"select greatest({worst}) from energy.consumption_monthly as ours "
        f"full join '{out}/monthly.parquet' as bare using (energy_unit_id, month)"
    )
    emissions = (
        f"select {_deviation('ours.emissions_tco2', 'bare.emissions_tco2')} "
        "from (from carbon.emissions_monthly where source_category = 'purchased_electricity') as ours "
        f"full join '{out}/emissions.parquet' as bare using (month, basis)"
    )
    with duckdb.connect(str(marts), read_only=True) as con:
        found = con.execute(f"select max(columns(*)) from ({consumption} union all {emissions})").fetchone()
    assert found is not None, "an aggregate has one row"
    return float(found[0])


def _deviation(ours: str, bare: str) -> str:
    return (
        f"case when {ours} is null and {bare} is null then 0 "
        f"else coalesce(abs({ours} - {bare})::double / greatest(abs({bare}), 1e-6), 1) end"
    )


if __name__ == "__main__":
    _site, _lake, _factors, _out = (Path(word) for word in sys.argv[1:5])
    run(_site, _lake, _factors, _out, sys.argv[5])
