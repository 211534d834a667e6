"""What could be done better: months beside the unit's own best and its peers, and what the rules recommend."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from lake.periods import next_month
from methods.strategy import rows, rules
from methods.strategy.rules import Question, Said

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COMPARISONS, RECOMMENDATIONS = "energy.comparisons_monthly", "energy.recommendations"
MARTS = (COMPARISONS, RECOMMENDATIONS)
KEYS = keys(MARTS)
_PARENTS = (
    "energy.comprehensive_units_monthly",
    "energy.consumption_hourly",
    "energy.consumption_monthly",
    "energy.cost_bands_monthly",
    "energy.intensity_monthly",
    "energy.load_monthly",
    "energy.balance_monthly",
    "energy.benchmarks_monthly",
    "carbon.emissions_monthly",
    "quality.completeness_daily",
)


def strategy_asset() -> dg.AssetsDefinition:
    """Return the step that recommends, before the publication."""
    return step("strategy", MARTS, recommend_all, parents=_PARENTS, owner="team:energy")


def recommend_all(work: Work) -> dict[str, int]:
    """Make both marts anew; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        compared = connection.sql(_COMPARISONS).to_arrow_table()
    rows_of = written(work, {COMPARISONS: compared})
    with connected(work.build.database, engine=work.build.engine) as connection:
        found = pa.Table.from_pylist(_recommended(connection), rows.RECOMMENDATIONS)
    return rows_of | written(work, {RECOMMENDATIONS: found})


def _recommended(connection: "DuckDBPyConnection") -> list[rows.Row]:
    """Ask every rule of the last twelve whole months."""
    months: Sequence[date] = [row["month"] for row in engine.rows(connection, _WHOLE)]
    if not months:
        return []
    window = {"from_month": months[0], "to_month": months[-1], "months_count": len(months)}
    units = {row["energy_unit_id"]: row for row in engine.rows(connection, _UNITS)}
    roots = {row["organization_id"]: unit for unit, row in units.items() if row["is_root"]}
    owners = {unit: (row["organization_id"], roots[row["organization_id"]]) for unit, row in units.items()}
    candidates = {
        word: [row["energy_unit_id"] for row in engine.rows(connection, sql)] for word, sql in _CANDIDATES.items()
    }
    asked = rules.questions(
        candidates, _said(connection), owners, (months[0].isoformat(), next_month(months[-1]).isoformat())
    )
    found = []
    for question, answer in answered(connection, asked):
        unit = {name: units[question.unit][name] for name in _OF_UNIT}
        told = rows.row(question, answer, unit, window)
        if told is not None:
            found.append(told)
    ordered = sorted(found, key=_by_payback)
    return [{**row, "place": place} for place, row in enumerate(ordered, start=1)]


def answered(
    connection: "DuckDBPyConnection", asked: Sequence[Question]
) -> Iterator[tuple[Question, Mapping[str, Any]]]:
    """Yield each question with each row that answers it.

    Those that differ in their unit alone are one statement: planning one costs more than answering it for a thousand
    units.
    """
    alike: dict[str, dict[str, Question]] = {}
    for question in asked:
        alike.setdefault(question.query_of_any, {})[question.unit] = question
    for query, of_unit in alike.items():
        together = (
            "select asked.unit as asked_unit, answer.* "
            f"from (select unnest($units) as unit) as asked, lateral (\n{query}\n) as answer"
        )
        for answer in engine.rows(connection, together, units=list(of_unit)):
            yield of_unit[answer["asked_unit"]], answer


def _by_payback(row: Mapping[str, Any]) -> tuple[bool, int, Decimal, Decimal, str]:
    """What pays soonest first; without a payback by how sure it is, and of those alike what saves most."""
    years, saving = row["payback_years"], row["saving_cny"]
    sure = list(rows.CONFIDENCE).index(row["confidence"]) if years is None else 0
    return years is None, sure, years or Decimal(0), -(saving or Decimal(0)), row["recommendation_id"]


def _said(connection: "DuckDBPyConnection") -> list[Said]:
    """Return what recommendation_rules.csv says."""
    return [
        Said(
            rule_id=row["rule_id"],
            energy_unit_id=row["energy_unit_id"],
            is_used=row["is_used"],
            threshold=row["threshold"],
            size=row["size"],
            like=row["like_energy_unit_id"],
            like_size=row["like_size"],
            investment_cny=row["investment_cny"],
            investment_cny_per_size=row["investment_cny_per_size"],
            investment_source=row["investment_source"],
        )
        for row in engine.rows(connection, "select * from ref.recommendation_rules")
    ]


_OF_UNIT = (
    "organization_id",
    "organization_name_zh",
    "organization_name_en",
    "organization_level",
    "energy_unit_id",
    "energy_unit_name_zh",
    "energy_unit_name_en",
)
_UNITS = """
    select units.*, organizations.level as organization_level from reference.energy_units as units
    inner join reference.organizations as organizations using (organization_id)
"""
# A month counts where each of its days is there; the last year of those.
_WHOLE_MONTHS = """
    select month from quality.completeness_daily group by month
    having count(distinct local_date) = day(last_day(month))
"""
_WHOLE = f"""
    with whole as ({_WHOLE_MONTHS})

    select month from whole where month > (select max(month) from whole) - interval 1 year order by month
"""
_CANDIDATES = {
    "supplies": "select distinct energy_unit_id from energy.cost_bands_monthly where demand_rule is not null",
    "organizations": """
        select root_energy_unit_id as energy_unit_id from reference.organizations
        where root_energy_unit_id is not null
            and organization_id not in (select parent_id from reference.organizations where parent_id is not null)
    """,
    # the outermost of those that make or do something; what leaks is asked for by a rule of its own
    "idle": """
        select units.energy_unit_id from reference.energy_units as units
        left join reference.energy_units as above on units.parent_id = above.energy_unit_id
        where units.kind in ('line', 'process', 'equipment') and not units.is_residual
            and coalesce(above.kind, 'site') not in ('line', 'process', 'equipment')
            and units.energy_unit_id not in (
                select energy_unit_id from ref.recommendation_rules
                where rule_id = 'air_leaks' and is_used and energy_unit_id is not null
            )
    """,
    "products": "select distinct energy_unit_id from energy.comparisons_monthly",
    "devices": """
        select distinct energy_unit_id from energy.benchmarks_monthly
        where subject_kind = 'equipment' and energy_unit_id is not null
    """,
}
# Comparable is a month of the two years up to it whose output was 80 to 125 % of its own; of at least six such months,
# itself among them, the best tenth is where a tenth of the intensities lies below.
_COMPARISONS = f"""
    with whole as ({_WHOLE_MONTHS}),

    months as (
        select month, intensities.organization_id, energy_unit_id, product_id, intensities.quantity,
            intensities.quantity_unit, intensities.intensity, intensities.intensity_unit,
            units.comprehensive_energy_tce_calorific as energy
        from energy.intensity_monthly as intensities
        inner join whole using (month)
        inner join energy.comprehensive_units_monthly as units using (month, energy_unit_id)
        where basis = 'product' and convention = 'calorific' and intensities.intensity > 0 and intensities.quantity > 0
    ),

    own as (
        select months.month, months.energy_unit_id, months.product_id, count(*) as months_count,
            case when count(*) >= 6 then quantile_cont(others.intensity, 0.1)::decimal(18, 6) end as best
        from months
        inner join months as others
            on months.energy_unit_id = others.energy_unit_id and months.product_id = others.product_id
            and others.month <= months.month and others.month > months.month - interval 2 year
            and others.quantity between months.quantity * 0.8 and months.quantity * 1.25
        group by all
    ),

    peers as (
        select months.month, months.energy_unit_id, months.product_id, count(*) as peers_count,
            min(others.intensity) as best, arg_min(others.energy_unit_id, others.intensity) as best_unit
        from months
        inner join months as others
            on months.month = others.month and months.product_id = others.product_id
            and months.energy_unit_id <> others.energy_unit_id and months.intensity_unit = others.intensity_unit
        group by all
    )

    select months.month, months.organization_id, units.organization_name_zh, units.organization_name_en,
        organizations.level as organization_level, months.energy_unit_id, units.energy_unit_name_zh,
        units.energy_unit_name_en, months.product_id, months.quantity, months.quantity_unit, months.intensity,
        months.intensity_unit, own.best as own_best_intensity, own.months_count::integer as months_count,
        (months.energy * (1 - own.best / months.intensity))::decimal(18, 6) as own_gap_tce_calorific,
        peers.best as peer_best_intensity, peers.best_unit as peer_best_energy_unit_id,
        coalesce(peers.peers_count, 0)::integer as peers_count,
        (months.energy * (1 - peers.best / months.intensity))::decimal(18, 6) as peer_gap_tce_calorific
    from months
    inner join own using (month, energy_unit_id, product_id)
    left join peers using (month, energy_unit_id, product_id)
    inner join reference.energy_units as units on months.energy_unit_id = units.energy_unit_id
    inner join reference.organizations as organizations on months.organization_id = organizations.organization_id
    order by months.month, months.energy_unit_id, months.product_id
"""
