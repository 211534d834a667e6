"""Uncertainty of the yearly emissions: linear propagation and Monte Carlo on the inputs of every line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets.work import Work
from lake import described
from lake.engine import connected

PAGE = Path(__file__).parents[1] / "methods" / "marts.yaml"
LINES, TOTALS = "carbon.uncertainty_lines_annual", "carbon.uncertainty_annual"
MARTS = (LINES, TOTALS)
KEYS = tuple(dg.AssetKey(mart.split(".")) for mart in MARTS)
_PARENTS = ("carbon.uncertainty_inputs_annual",)


def uncertainty_asset() -> dg.AssetsDefinition:
    """Return the step that says how far each yearly total may be off, before the publication."""

    @dg.multi_asset(name="uncertainty", specs=[_spec(mart) for mart in MARTS], can_subset=False)
    def uncertainty(work: dg.ResourceParam[Work]) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        for mart, rows in propagate_all(work).items():
            yield dg.MaterializeResult(asset_key=dg.AssetKey(mart.split(".")), metadata={"rows": rows})

    return uncertainty


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
    for mart, table in made.items():
        schema, name = mart.split(".")
        work.build.add_mart(schema, name, table, described.comments(PAGE, mart), bi=mart == TOTALS)
    return {mart: table.num_rows for mart, table in made.items()}


def _key(row: dict[str, Any]) -> tuple[int, str, str]:
    return row["year"], row["organization_id"], row["line_id"]


def _spec(mart: str) -> dg.AssetSpec:
    spec = described.marts(PAGE)[mart]
    return dg.AssetSpec(
        dg.AssetKey(mart.split(".")),
        deps=[dg.AssetKey(parent.split(".")) for parent in _PARENTS],
        group_name="carbon",
        kinds={"python", "deltalake"},
        owners=["team:carbon"],
        description=f"{spec['zh']} | {spec['en']}",
    )


_INPUTS = "select * from carbon.uncertainty_inputs_annual order by organization_id, year, line_id, input_kind, input_id"
_ORGANIZATIONS = """
    select closure.ancestor as organization_id, closure.descendant as member_id, organizations.name_zh,
        coalesce(organizations.name_en, organizations.name_zh) as name_en, depth.level::integer as level
    from ref.organization_closure as closure
    inner join ref.organizations as organizations on closure.ancestor = organizations.organization_id
    inner join ref.organization_closure as depth on depth.descendant = closure.ancestor and depth.distance = 0
    order by 1, 2
"""
