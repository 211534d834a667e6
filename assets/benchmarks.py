"""Benchmarking: products, processes and devices beside the levels of their standards; targets and their scores."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from lake.site.benchmarks import inputs_of
from methods.benchmarks import rows, targets
from methods.benchmarks.boundary import Boundaries, Facts, Inside
from methods.benchmarks.levels import Library
from methods.benchmarks.tables import ASSESSMENT as ASSESSED
from methods.benchmarks.tables import BENCHMARKS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART, ASSESSMENT = "energy.benchmarks_monthly", "energy.target_assessment_annual"
MARTS = (MART, ASSESSMENT)
KEYS = keys(MARTS)
_PARENTS = (
    "energy.consumption_monthly",
    "energy.comprehensive_annual",
    "energy.comprehensive_units_annual",
    "energy.comprehensive_units_monthly",
    "energy.intensity_annual",
    "quality.completeness_daily",
    "reference.organizations",
)
Rows = list[dict[str, Any]]
_DIGITS = Decimal("0.000001")


def benchmarks_asset() -> dg.AssetsDefinition:
    """Return the step that compares with the standards' levels and scores targets, before the publication."""
    return step("benchmarks", MARTS, compare_all, parents=_PARENTS, owner="team:energy")


def compare_all(work: Work) -> dict[str, int]:
    """Make both marts, all months anew; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made = {MART: of_all_months(connection), ASSESSMENT: of_all_years(connection)}
    return written(work, made)


def of_all_months(connection: "DuckDBPyConnection") -> pa.Table:
    """Return energy.benchmarks_monthly from the marts and reference things of a build."""
    subjects, devices = (
        _subjects(connection),
        engine.rows(connection, "select * from ref.equipment order by equipment_id"),
    )
    if not subjects and not devices:
        return BENCHMARKS.empty_table()
    heads = {row["energy_unit_id"]: row for row in engine.rows(connection, _UNITS)}
    plant = _plant(connection, subjects)
    found: Rows = []
    with localcontext() as context:
        context.prec = 40
        for subject in subjects:
            if subject["subject_kind"] != "equipment":
                found += rows.of_products(subject, heads[subject["energy_unit_id"]], plant)
        for subject in _devices(subjects, devices):
            used = _used_by(connection, subject, plant) if subject["levels"] else {}
            found += rows.of_device(subject, heads[subject["energy_unit_id"]], used, plant)
        made = rows.ranked(found)
        latest = max(plant.months, default=None)
        for row in made:
            row["is_latest"] = row["month"] == latest
        _round(made)
    made.sort(key=lambda row: (row["month"], row["organization_id"], row["energy_unit_id"], row["subject_id"]))
    return pa.Table.from_pylist(made, schema=BENCHMARKS)


def of_all_years(connection: "DuckDBPyConnection") -> pa.Table:
    """Return energy.target_assessment_annual."""
    found = engine.rows(connection, _TARGETS) if engine.rows(connection, "select 1 from ref.targets limit 1") else []
    with localcontext() as context:
        context.prec = 40
        made = targets.assessed(found, engine.rows(connection, "select * from ref.assessment_steps")) if found else []
        _round(made)
    made.sort(key=lambda row: (row["year"], row["organization_id"], row["energy_unit_id"], row["indicator"]))
    return pa.Table.from_pylist(made, schema=ASSESSED)


def _round(made: Rows) -> None:
    for row in made:
        row |= {name: value.quantize(_DIGITS) for name, value in row.items() if isinstance(value, Decimal)}


def _subjects(connection: "DuckDBPyConnection") -> Rows:
    found = engine.rows(connection, "select * from ref.benchmark_subjects order by subject_id")
    for subject in found:
        subject["levels"] = [part.strip() for part in (subject["levels"] or "").split(";") if part.strip()]
        subject["inputs"] = inputs_of(subject["inputs"])
    return found


def _plant(connection: "DuckDBPyConnection", subjects: Rows) -> rows.Plant:
    months = [row["month"] for row in engine.rows(connection, _WHOLE)]
    energy: dict[tuple[date, str], Rows] = defaultdict(list)
    for row in engine.rows(connection, _ENERGY):
        energy[row["month"], row["energy_unit_id"]].append(row)
    roots = {row["organization_id"]: row["energy_unit_id"] for row in engine.rows(connection, _ROOTS)}
    owners = {row["energy_unit_id"]: row["organization_id"] for row in engine.rows(connection, _UNITS)}
    facts = Facts(
        energy,
        {
            (row["month"], row["at"], row["what"]): (row["quantity"], row["unit"])
            for row in engine.rows(connection, _MADE)
        },
        {(row["month"], row["what"]): (row["quantity"], row["unit"]) for row in engine.rows(connection, _POINTS)},
        {subject["subject_id"]: roots[owners[subject["energy_unit_id"]]] for subject in subjects},
        {(row["from_unit"], row["to_unit"]): row["factor"] for row in engine.rows(connection, _CONVERSIONS)},
    )
    boundaries = Boundaries(subjects, engine.rows(connection, "select * from ref.benchmark_boundaries"), facts)
    told = {(row["month"], row["energy_unit_id"]): row["confidence"] for row in engine.rows(connection, _CONFIDENCE)}
    return rows.Plant(months, boundaries, library_of(connection), told)


def library_of(connection: "DuckDBPyConnection") -> Library:
    """Return the levels, editions and corrections of the factor library in `ref`."""
    corrections: dict[str, Rows] = defaultdict(list)
    for row in engine.rows(connection, "select * from ref.benchmark_corrections"):
        corrections[row["level_id"]].append(row)
    return Library(
        {row["level_id"]: row for row in engine.rows(connection, _LEVELS)},
        {row["standard"]: row for row in engine.rows(connection, "select * from ref.benchmark_standards")},
        corrections,
        {row["efficiency_id"]: row for row in engine.rows(connection, "select * from ref.pump_efficiency")},
    )


def _devices(subjects: Rows, devices: Rows) -> Iterable[dict[str, Any]]:
    """Yield each device as a subject: those that the site names with their levels, the others without."""
    known = {device["equipment_id"]: device for device in devices}
    named = [subject for subject in subjects if subject["subject_kind"] == "equipment"]
    for subject in named:
        device = known.get(subject["equipment_id"])
        if device is not None:
            efficiency = subject["efficiency"] if subject["efficiency"] is not None else _rated(device, subject["unit"])
            yield subject | {"efficiency": efficiency, "installed_on": device["installed_on"]}
    for device in devices:
        if device["equipment_id"] not in {subject["equipment_id"] for subject in named}:
            told = {"name_zh": device["model"] or device["equipment_id"], "name_en": device["kind"], "reason": None}
            yield told | {
                "subject_id": device["equipment_id"],
                "subject_kind": "equipment",
                "energy_unit_id": device["energy_unit_id"],
                "unit": device["efficiency_unit"],
                "levels": [],
                "inputs": {},
                "is_counted": False,
                "rank_group": None,
                "efficiency": device["efficiency"],
                "installed_on": device["installed_on"],
            }


def _rated(device: Mapping[str, Any], unit: str) -> Decimal | None:
    """Return the rated efficiency in the unit of the standard's parameter."""
    rated: Decimal | None = device["efficiency"]
    if rated is not None and device["efficiency_unit"] == "ratio" and unit == "%":
        return rated * 100
    return rated


def _used_by(connection: "DuckDBPyConnection", subject: Mapping[str, Any], plant: rows.Plant) -> dict[date, Inside]:
    """Return by month the energy whose use hangs on a device: the fuel of a boiler, the electricity of the others.

    A loss is valued by the hours of the month at the mean price of the unit's electricity; a loss under load is not.
    """
    level = plant.library.levels.get(subject["levels"][0])
    if level is None or str(level["parameter"]).startswith("负载"):
        return {}
    is_boiler = level["equipment"] == "industrial_boiler"
    return {
        row["month"]: Inside(row["kwh"], row["tce"], row["cny"], Decimal(row["hours"]))
        for row in engine.rows(connection, _USED.format(unit=subject["energy_unit_id"].replace("'", "''")))
        if row["is_electricity"] != is_boiler
    }


_WHOLE = """
    select month from quality.completeness_daily group by month
    having count(distinct local_date) = day(last_day(month)) order by month
"""
_UNITS = """
    select units.energy_unit_id, units.name_zh as energy_unit_name_zh, coalesce(units.name_en, units.name_zh)
        as energy_unit_name_en, organizations.organization_id, organizations.organization_name_zh,
        organizations.organization_name_en, organizations.level as organization_level
    from ref.energy_units as units inner join reference.organizations as organizations using (organization_id)
"""
_ROOTS = "select organization_id, energy_unit_id from ref.energy_units where parent_id is null"
_ENERGY = """
    select month, energy_unit_id, carrier, carrier_group, role, is_counted, quantity, quantity_unit,
        energy_tce_calorific as energy_tce, cost_cny, missing_ratio
    from energy.consumption_monthly
    where energy_unit_id in (select energy_unit_id from ref.benchmark_boundaries)
"""
_MADE = f"""
    with roots as ({_ROOTS})

    select month, coalesce(production.energy_unit_id, roots.energy_unit_id) as at, product_id as what, unit,
        sum(quantity) as quantity
    from ref.production as production inner join roots using (organization_id)
    group by all
"""
_POINTS = """
    select month, point_id as what, sum(quantity) as quantity, any_value(quantity_unit) as unit
    from quality.completeness_daily
    where point_id in (select point_id from ref.benchmark_boundaries)
    group by all
"""
_CONVERSIONS = "select from_unit, to_unit, factor from ref.unit_conversions"
_CONFIDENCE = """
    select month, energy_unit_id, calorific_confidence as confidence from energy.comprehensive_units_monthly
    where calorific_confidence is not null
"""
_LEVELS = """
    select level_id, coalesce(standard, list_name) as standard, unit, level_1, level_2, level_3, benchmark_level,
        baseline_level, 'lower' as better, confidence, null as equipment, null as parameter,
        case when benchmark_level is null and baseline_level is null then standard else list_name end as edition
    from ref.benchmark_levels
    union all
    select efficiency_id, standard, case when pumps.a is null then unit else '%' end,
        try_cast(level_1 as decimal(18, 6)), try_cast(level_2 as decimal(18, 6)), try_cast(level_3 as decimal(18, 6)),
        null, null, case when pumps.a is null then better else 'higher' end, devices.confidence, equipment, parameter,
        standard
    from ref.equipment_efficiency as devices left join ref.pump_efficiency as pumps using (efficiency_id)
"""
# What a device's unit used in a month: electricity, and what is none.
_USED = """
    select month, quantity_unit = 'kWh' as is_electricity, day(last_day(month)) * 24 as hours,
        sum(case when quantity_unit = 'kWh' then quantity else 0 end) as kwh,
        sum(energy_tce_calorific) as tce, coalesce(sum(cost_cny), 0) as cny
    from energy.consumption_monthly
    where energy_unit_id = '{unit}' and is_counted and energy_tce_calorific is not null
    group by all
"""
_TARGETS = f"""
    with roots as ({_ROOTS}),

    placed as (
        select told.*, coalesce(told.energy_unit_id, roots.energy_unit_id) as unit_id
        from ref.targets as told inner join roots using (organization_id)
    ),

    years as (
        select year, organizations.root_energy_unit_id as energy_unit_id, months_count,
            comprehensive_energy_tce_calorific as calorific, comprehensive_energy_tce_equivalent as equivalent
        from energy.comprehensive_annual inner join reference.organizations as organizations using (organization_id)
        union all
        select year, energy_unit_id, months_count, comprehensive_energy_tce_calorific,
            comprehensive_energy_tce_equivalent
        from energy.comprehensive_units_annual
        where energy_unit_id not in (select energy_unit_id from roots)
    ),

    amounts as (
        select year, energy_unit_id, 'calorific' as convention, calorific as actual, months_count from years
        union all
        select year, energy_unit_id, 'equivalent', equivalent, months_count from years
    ),

    units as ({_UNITS})

    select placed.* exclude (energy_unit_id, unit_id), units.* exclude (organization_id),
        coalesce(amounts.actual, intensities.intensity) as actual,
        case when placed.indicator = 'intensity' then intensities.intensity_unit else 'tce' end as actual_unit,
        coalesce(amounts.months_count, intensities.months_count, 0) as months_count
    from placed
    inner join units on placed.unit_id = units.energy_unit_id
    left join amounts on placed.indicator = 'comprehensive_energy' and placed.year = amounts.year
        and placed.unit_id = amounts.energy_unit_id and placed.convention = amounts.convention
    left join energy.intensity_annual as intensities on placed.indicator = 'intensity'
        and placed.year = intensities.year and placed.unit_id = intensities.energy_unit_id
        and placed.basis = intensities.basis and placed.convention = intensities.convention
        and placed.product_id is not distinct from intensities.product_id
"""
