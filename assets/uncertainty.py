"""Uncertainty of the yearly emissions: linear propagation and Monte Carlo on the inputs of every line."""

from typing import Any

import dagster as dg

from assets.python_marts import keys, step, written
from assets.work import Work
from lake.engine import connected

LINES, TOTALS = "carbon.uncertainty_lines_annual", "carbon.uncertainty_annual"
MARTS = (LINES, TOTALS)
KEYS = keys(MARTS)
_PARENTS = ("carbon.uncertainty_inputs_annual",)


def uncertainty_asset() -> dg.AssetsDefinition:
    """Return the step that says how far each yearly total may be off, before the publication."""
    return step("uncertainty", MARTS, propagate_all, parents=_PARENTS, owner="team:carbon")


def propagate_all(work: Work) -> dict[str, int]:
    """Make both marts from the inputs of the lines, all years; return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        inputs = connection.sql(_INPUTS).to_arrow_table().to_pylist()
        organizations = connection.sql(_ORGANIZATIONS).to_arrow_table().to_pylist()
    from methods.uncertainty import rows  # numerical; a process that only draws the graph does without it
    from methods.uncertainty.draws import Sampler

    found = rows.lines(inputs)
    recalled = {_key(row) for row in inputs if row["range_confidence"] == "recalled"}
    made = {
        LINES: rows.line_rows(found, recalled),
        TOTALS: rows.total_rows(found, recalled, organizations, Sampler()),
    }
    return written(work, made, inside={LINES})


def _key(row: dict[str, Any]) -> tuple[int, str, str]:
    return row["year"], row["organization_id"], row["line_id"]


_INPUTS = "select * from carbon.uncertainty_inputs_annual order by organization_id, year, line_id, input_kind, input_id"
_ORGANIZATIONS = """
    select closure.ancestor as organization_id, closure.descendant as member_id, organizations.name_zh,
        coalesce(organizations.name_en, organizations.name_zh) as name_en, depth.level::integer as level
    from ref.organization_closure as closure
    inner join ref.organizations as organizations on closure.ancestor = organizations.organization_id
    inner join ref.organization_closure as depth on depth.descendant = closure.ancestor and depth.distance = 0
    order by 1, 2
"""
