"""What a run tells at its end: rows, checks, and energy, cost and emissions of each organisation."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.work import Work

_YEAR = """
    select year(month) as year, count(distinct month) = 12 as is_full from energy.comprehensive_monthly
    group by year order by is_full desc, year desc limit 1
"""
_TOTALS = """
    with months as (
        select organization_id, sum(comprehensive_energy_tce_calorific) as calorific,
            sum(comprehensive_energy_tce_equivalent) as equivalent, sum(cost_cny) as cost_cny
        from energy.comprehensive_monthly where year(month) = $year group by organization_id
    ),

    emitted as (
        select organization_id, sum(emissions_tco2e) as tco2e from carbon.emissions_monthly
        where year(month) = $year and basis = 'statutory' group by organization_id
    )

    select organization_name_zh, organization_name_en, calorific, equivalent, cost_cny, tco2e
    from months
    inner join reference.organizations using (organization_id)
    left join emitted using (organization_id)
    order by parent_id nulls first, organization_id
"""


@dataclass(frozen=True)
class Outcome:
    """The result of a run as `run --json` prints it."""

    rows_read: int
    rows_refused: int
    partitions_rebuilt: int
    checks_passed: int
    checks_failed: int
    published: bool
    as_of: str | None


def outcome(work: Work) -> Outcome:
    """Return the figures of a run."""
    arrived = work.arrived
    return Outcome(
        rows_read=arrived.rows_read if arrived else 0,
        rows_refused=arrived.rows_refused if arrived else 0,
        partitions_rebuilt=work.pairs_rebuilt,
        checks_passed=sum(result.passed for result in work.results),
        checks_failed=sum(not result.passed for result in work.results),
        published=work.manifest is not None,
        as_of=work.as_of.isoformat() if work.as_of else None,
    )


def sources(work: Work) -> list[tuple[str, int, int, int]]:
    """Return per source the rows read, landed and refused since the last publication."""
    counts = work.arrived.by_source() if work.arrived else {}
    return [(name, row["rows_read"], row["rows_landed"], row["rows_refused"]) for name, row in counts.items()]


def organizations(marts: Path) -> tuple[int | None, list[tuple[Any, ...]]]:
    """Return the latest year of the marts with twelve months, else the latest one, and its totals by organisation."""
    import duckdb

    with duckdb.connect(str(marts), read_only=True) as connection:
        try:
            found = connection.execute(_YEAR).fetchone()
            rows = connection.execute(_TOTALS, {"year": found[0]}).fetchall() if found else []
            return (int(found[0]) if found else None), rows
        except duckdb.CatalogException:
            return None, []  # the marts of these figures are not built
