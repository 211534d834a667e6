"""Stack measurement: every hour of the stacks of stacks.csv, and its months beside what was calculated."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg

from assets import readings
from assets.python_marts import keys, step, written
from assets.work import Work
from lake.engine import connected
from methods.stack import rows
from methods.stack.hour import QUANTITIES

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from duckdb import DuckDBPyConnection

HOURLY, MONTHLY = "carbon.cems_hourly", "carbon.cems_monthly"
MARTS = (HOURLY, MONTHLY)
KEYS = keys(MARTS)
_PARENTS = ("carbon.emissions_monthly",)


def stack_asset() -> dg.AssetsDefinition:
    """Return the step that puts measured beside calculated, before the publication."""
    return step("stack", MARTS, measure_all, parents=_PARENTS, owner="team:carbon")


def measure_all(work: Work) -> dict[str, int]:
    """Make both marts, all hours anew: a substitute looks a quarter of a year back. Return the rows of each."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        stacks = connection.sql(_STACKS).to_arrow_table().to_pylist()
        values = _readings(work, connection, stacks)
        calculated = {stack["stack_id"]: _calculated(connection, stack) for stack in stacks}
    made = rows.tables(stacks, values, calculated, ZoneInfo(work.site.settings.timezone))
    return written(work, dict(zip(MARTS, made, strict=True)), inside=set(MARTS) - {MONTHLY})


def _readings(work: Work, connection: "DuckDBPyConnection", stacks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the values of the stacks' points, of each point and time the one that was known last."""
    points = sorted({stack[f"{name}_point_id"] for stack in stacks for name in QUANTITIES})
    found = readings.latest(work, connection, points)
    return [] if found is None else list(found.to_arrow_table().to_pylist())


def _calculated(connection: "DuckDBPyConnection", stack: dict[str, Any]) -> "dict[tuple[date, str], Decimal | None]":
    """Return what the accounts say of the same items: fuel and process CO2, that of biomass too."""
    items = [item.strip() for item in stack["items"].split(";")]
    params = {"organization": stack["organization_id"], "items": items}
    return {(month, basis): tonnes for month, basis, tonnes in connection.execute(_CALCULATED, params).fetchall()}


_STACKS = """
    select stacks.* exclude (name_en), coalesce(stacks.name_en, stacks.name_zh) as name_en,
        organizations.name_zh as organization_name_zh,
        coalesce(organizations.name_en, organizations.name_zh) as organization_name_en
    from ref.stacks as stacks inner join ref.organizations as organizations using (organization_id)
    order by stack_id
"""
_CALCULATED = """
    with accounts as (select unnest(['all', 'statutory']) as account)

    select month, account,
        case when count(*) = count(emissions_tco2) then sum(emissions_tco2)::decimal(18, 6) end as tonnes
    from carbon.emissions_monthly inner join accounts on basis in (account, 'biogenic')
    where organization_id = $organization and gas = 'CO2' and source_category in ('combustion', 'process')
        and list_contains($items, carrier)
    group by month, account
"""
