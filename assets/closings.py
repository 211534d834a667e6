"""Closed periods: what was declared, by whom, beside what is known now; a difference is told until it is restated."""

from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import closing_acts, closings, engine
from lake.closings import Figures, Standing
from lake.engine import connected
from quality import closed_periods
from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DECLARED, STATES = "carbon.declared_monthly", "carbon.period_states_monthly"
CLOSINGS = "carbon.period_closings"
MARTS = (DECLARED, STATES, CLOSINGS)
KEYS = keys(MARTS)
_PARENTS = ("carbon.emissions_monthly", "reference.organizations")
_SCHEMAS = {DECLARED: closed_periods.DECLARED, STATES: closed_periods.STATE, CLOSINGS: closed_periods.CLOSINGS}


def closings_asset() -> dg.AssetsDefinition:
    """Return the step that puts declared figures beside those of this build, before the publication."""
    return step("closings", MARTS, close_all, parents=_PARENTS, owner="team:carbon")


def close_all(work: Work) -> dict[str, int]:
    """Make the marts from what was approved; where nobody ever closed anything every month is open."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made, found = of_acts(connection, closings.standing(work.lake, work.as_of))
    work.findings += found
    return written(work, made)


def of_acts(connection: "DuckDBPyConnection", known: Standing) -> tuple[dict[str, pa.Table], list[Finding]]:
    """Return the marts and findings from the emissions of a build."""
    organizations, months = {name for name, _ in known.months}, sorted({month for _, month in known.months})
    now = closing_acts.current(connection, organizations, months) if months else Figures(frozenset(), {})
    names = {
        what: {row["id"]: (row["zh"], row["en"]) for row in engine.rows(connection, sql)}
        for what, sql in _NAMES.items()
    }
    totals = {(row["organization_id"], row["month"]): row["tonnes"] for row in engine.rows(connection, _TOTALS)}
    rows = {
        DECLARED: closed_periods.declared(known, now, names),
        STATES: closed_periods.states(known, totals, names),
        CLOSINGS: closed_periods.closings(known, names),
    }
    made = {mart: pa.Table.from_pylist(list(found), _SCHEMAS[mart]) for mart, found in rows.items()}
    return made, list(closed_periods.findings(known, now, names))


_TOTALS = """
    select organization_id, month,
        sum(emissions_tco2e) filter (where basis = 'statutory')::decimal(38, 6) as tonnes
    from carbon.emissions_monthly group by organization_id, month
"""
_NAMES = {
    "organizations": """
        select organization_id as id, organization_name_zh as zh, organization_name_en as en
        from reference.organizations
    """,
    "categories": """
        select source_category as id, min(source_category_name_zh) as zh, min(source_category_name_en) as en
        from carbon.emissions_monthly group by source_category
    """,
}
