"""Allowances: what the subjects of quota_rules.csv were allotted, and what this year and the next will bring."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from lake.periods import next_month
from methods.quota import library, rows
from methods.quota.case import Amounts
from methods.quota.library import Library
from methods.quota.rows import Subject
from methods.quota.tables import GASES, QUOTA
from quality import tables as tables_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART = "carbon.quota_forecast"
KEYS = keys((MART,))
_PARENTS = (
    "carbon.emissions_monthly",
    "energy.consumption_monthly",
    "energy.readings_latest",
    "quality.completeness_daily",
    "reference.organizations",
)
Rows = list[dict[str, Any]]
Monthly = dict[date, Decimal]
#: What a row says of its subject.
_NAMES = (
    *("subject_id", "subject_name_zh", "subject_name_en", "energy_unit_id"),
    *("organization_id", "organization_name_zh", "organization_name_en", "organization_level"),
)
_DIGITS = {field.name: Decimal(1).scaleb(-field.type.scale) for field in QUOTA if pa.types.is_decimal(field.type)}


def quota_asset() -> dg.AssetsDefinition:
    """Return the step that reckons allowances by the allocation plans, before the publication."""
    return step("quota", (MART,), allot_all, parents=_PARENTS, owner="team:carbon")


def allot_all(work: Work) -> dict[str, int]:
    """Make the mart, all years anew; return its rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        table = of_site(connection, ZoneInfo(work.site.settings.timezone))
    return written(work, {MART: table})


def of_site(connection: "DuckDBPyConnection", zone: ZoneInfo) -> pa.Table:
    """Return the mart from the marts and reference things of a build; empty where the site names no subject."""
    if not tables_of.exists(connection, "ref.quota_rules"):  # a look back to before there were any
        return QUOTA.empty_table()
    told = engine.rows(connection, _SUBJECTS)
    latest = connection.execute("select max(reading_at) from energy.readings_latest").fetchall()[0][0]
    if not told or latest is None:
        return QUOTA.empty_table()
    today = latest.astimezone(zone).date() - timedelta(days=1)
    printed = library.library(
        engine.rows(connection, "select * from ref.ets_rules order by rule_id"),
        engine.rows(connection, "select * from ref.ets_allocation order by parameter_id"),
    )
    by_subject: dict[str, Rows] = defaultdict(list)
    for row in told:
        by_subject[row["subject_id"]].append(row)
    factors = {(row["from_unit"], row["to_unit"]): row["factor"] for row in engine.rows(connection, _CONVERSIONS)}
    source = _Told(connection, factors)
    subjects = [
        Subject({name: terms[-1][name] for name in _NAMES}, terms, _months(source, terms[-1], printed, today))
        for terms in by_subject.values()
    ]
    found = rows.of_site(subjects, printed, today)
    for row in found:
        row |= {name: value.quantize(_DIGITS[name]) for name, value in row.items() if isinstance(value, Decimal)}
    found.sort(key=lambda row: (row["organization_id"], row["subject_id"], row["year"]))
    return pa.Table.from_pylist(found, schema=QUOTA)


@dataclass(frozen=True)
class _Told:
    """What the outputs of the site are read from, and what converts their units."""

    connection: "DuckDBPyConnection"
    factors: Mapping[tuple[str, str], Decimal]

    def of_points(self, points: str | None, unit: str) -> Monthly:
        """Return an output by the months that are whole at each of its points."""
        listed = [point.strip() for point in (points or "").split(";") if point.strip()]
        answer = engine.rows(self.connection, _POINTS, points=listed) if listed else []
        count = Counter(row["month"] for row in answer)
        return self._summed((row for row in answer if count[row["month"]] == len(listed)), unit)

    def of_product(self, product: str, organization: str, unit: str) -> Monthly:
        """Return an output as it was declared."""
        return self._summed(engine.rows(self.connection, _PRODUCT, product=product, organization=organization), unit)

    def _summed(self, answer: Iterable[Mapping[str, Any]], unit: str) -> Monthly:
        found: Monthly = {}
        for row in answer:
            factor = Decimal(1) if row["unit"] == unit else self.factors[row["unit"], unit]
            found[row["month"]] = found.get(row["month"], Decimal(0)) + row["quantity"] * factor
        return found


def _months(told: _Told, last: dict[str, Any], printed: Library, today: date) -> dict[date, Amounts]:
    """Return the whole months of a subject, one after the other, of which output and emissions are told."""
    unit, owner, points = last["output_unit"], last["organization_id"], last["output_points"]
    made = told.of_points(points, unit) if points else told.of_product(last["product_id"], owner, unit)
    heat = told.of_points(last["heat_points"], "GJ")
    emitted, kinds = _emitted(told.connection, last, printed)
    found: dict[date, Amounts] = {}
    before: set[str] = set()
    for month in sorted(emitted):
        is_whole = next_month(month) - timedelta(days=1) <= today and month in made
        is_told = kinds[month] >= before and (not last["heat_points"] or month in heat)
        if is_whole and is_told:
            before = kinds[month]
            found[month] = Amounts(made[month], heat.get(month, Decimal(0)), emitted[month])
        elif found:
            break
    return found


def _emitted(
    connection: "DuckDBPyConnection", last: dict[str, Any], printed: Library
) -> tuple[Monthly, dict[date, set[str]]]:
    """Return by month the emissions that the market covers, and of which kinds of source."""
    emitted: Monthly = {}
    kinds: dict[date, set[str]] = {}
    gases = GASES[last["sector"]]
    for row in engine.rows(connection, _EMISSIONS, organization=last["organization_id"], unit=last["energy_unit_id"]):
        plan = printed.plan("power", row["month"].year) if last["sector"] == "power" else None
        counts_power = plan is not None and plan.value("purchased_electricity") == 1
        if (gases is None or row["gas"] in gases) and (row["scope"] == 1 or counts_power):
            emitted[row["month"]] = emitted.get(row["month"], Decimal(0)) + row["emissions"]
            kinds.setdefault(row["month"], set()).add(row["source_category"])
    return emitted, kinds


_SUBJECTS = """
    select rules.*, rules.name_zh as subject_name_zh, coalesce(rules.name_en, rules.name_zh) as subject_name_en,
        organizations.organization_name_zh, organizations.organization_name_en,
        organizations.level as organization_level
    from ref.quota_rules as rules inner join reference.organizations as organizations using (organization_id)
    order by subject_id, year_from
"""
_CONVERSIONS = "select from_unit, to_unit, factor from ref.unit_conversions"
# Direct emissions and those of bought electricity; of a unit the fuels it burnt, by its share of what its entity burnt.
_EMISSIONS = """
    with roots as (
        select organizations.organization_id, organizations.root_energy_unit_id
        from reference.organizations as organizations where organizations.organization_id = $organization
    ),

    burnt as (
        select used.month, used.carrier,
            sum(case when used.energy_unit_id = $unit then used.quantity end)
            / nullif(sum(case when used.energy_unit_id = roots.root_energy_unit_id then used.quantity end), 0) as share
        from energy.consumption_monthly as used cross join roots
        where used.is_counted and used.energy_unit_id in ($unit, roots.root_energy_unit_id)
        group by all
    )

    select lines.month, lines.gas::varchar as gas, lines.scope, lines.source_category::varchar as source_category,
        sum(lines.emissions_tco2e * case
            when $unit is null or $unit = roots.root_energy_unit_id then 1
            else burnt.share
        end)::decimal(38, 6) as emissions
    from carbon.emissions_monthly as lines cross join roots
    left join burnt on lines.month = burnt.month and lines.carrier = burnt.carrier
    where lines.organization_id = $organization and lines.basis = 'statutory' and lines.is_biogenic is not true
        and lines.emissions_tco2e is not null
        and (lines.scope = 1 or lines.source_category = 'purchased_electricity')
        and ($unit is null or $unit = roots.root_energy_unit_id
            or (lines.source_category = 'combustion' and burnt.share is not null))
    group by all order by all
"""
_POINTS = """
    select month, point_id, sum(quantity) as quantity, any_value(quantity_unit)::varchar as unit
    from quality.completeness_daily where list_contains($points, point_id)
    group by month, point_id having count(distinct local_date) = day(last_day(month)) and count(*) = count(quantity)
    order by all
"""
_PRODUCT = """
    select month, unit, sum(quantity) as quantity from ref.production
    where product_id = $product and organization_id = $organization group by all order by all
"""
