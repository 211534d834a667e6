"""The data-quality control plan: every planned parameter of every month that has ended beside what happened."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine, entries
from lake.engine import connected
from quality import tables
from quality.finding import Finding
from quality.plan.rows import SCHEMA

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MART = "quality.data_plan_monthly"
KEYS = keys((MART,))
PAGES = {MART: tables.PAGE}
_PARENTS = (
    "carbon.emissions_monthly",
    "energy.consumption_points_monthly",
    "energy.readings_latest",
    "quality.completeness_daily",
    "reference.organizations",
)


def data_plan_asset() -> dg.AssetsDefinition:
    """Return the step that holds the plan against what happened, before the publication."""
    return step("data_plan", (MART,), judge_all, parents=_PARENTS, owner="team:carbon", pages=PAGES)


def judge_all(work: Work) -> dict[str, int]:
    """Make the mart and tell what is not as planned; a site without a plan has none, at no cost."""
    assert work.build is not None, "the marts were built"
    table = SCHEMA.empty_table()
    if work.site.tables["data_plan"].num_rows:
        with connected(work.build.database, engine=work.build.engine) as connection:
            table, found = of_plan(connection, work.site.settings.timezone, _entered(work))
        work.findings += found
    return written(work, {MART: table}, pages=PAGES)


def of_plan(
    connection: "DuckDBPyConnection", zone: str, entered: Mapping[str, Mapping[str, Any]]
) -> tuple[pa.Table, list[Finding]]:
    """Return the mart and the findings of a build; both empty where ref/ has no plan yet."""
    from quality.plan import gathering, rows

    if not tables.exists(connection, "ref.data_plan"):
        return SCHEMA.empty_table(), []
    names = {
        what: {row["id"]: (row["zh"], row["en"]) for row in engine.rows(connection, sql)}
        for what, sql in _NAMES.items()
    }
    found = rows.rows(gathering.gathered(connection, zone, entered), names)
    table = pa.Table.from_pylist(found, SCHEMA)
    order = [(name, "ascending") for name in ("month", "organization_id", "parameter_id", "subject", "kind")]
    return table.sort_by(order), list(rows.findings(found))


def _entered(work: Work) -> dict[str, dict[str, Any]]:
    """Return who entered each approved sheet, when, and whether documents lie with it."""
    form = next((spec.id for spec in work.site.sources.values() if spec.kind == "form"), None)
    if form is None or not work.lake.exists("raw", f"{form}__entry"):
        return {}
    zone = ZoneInfo(work.site.settings.timezone)
    return {
        f"{line['entry_id']}/{line['version']}": {
            "entered_by": line["entered_by"],
            "submitted_on": line["submitted_at"].astimezone(zone).date(),
            "has_documents": line["attachments"] != "{}",
        }
        for line in entries.lines(work.lake, form).to_pylist()
    }


_NAMES = {
    "organizations": """
        select organization_id as id, organization_name_zh as zh, organization_name_en as en
        from reference.organizations
    """,
    "people": "select person_id as id, min(name_zh) as zh, min(coalesce(name_en, name_zh)) as en "
    "from ref.people group by person_id",
    # a product has no name but in the lines that are made of it
    "subjects": """
        select id, min(zh) as zh, min(en) as en from (
            select distinct carrier as id, carrier_name_zh as zh, carrier_name_en as en from reference.carriers
            union all
            select distinct carrier, carrier_name_zh, carrier_name_en from carbon.emissions_monthly
            where carrier is not null
        ) where zh is not null group by id
    """,
}
