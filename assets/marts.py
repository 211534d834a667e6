"""The marts: one step that builds all of them, because they are published together or not at all."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets import arrivals, months
from assets.dbt_graph import Mart, marts
from assets.work import LOG, Work
from lake import build
from lake.engine import connected
from lake.modelrun import Done

_OWNERS = {"carbon": "team:carbon", "quality": "team:data", "reference": "team:data"}
_SLOW_S = 1.0


def mart_specs(found: list[Mart], timezone: str) -> list[dg.AssetSpec]:
    """Return the asset spec of each mart."""
    return [_spec(mart, months.monthly(timezone)) for mart in found]


def _spec(mart: Mart, monthly: dg.MonthlyPartitionsDefinition) -> dg.AssetSpec:
    above = [arrivals.KEY] if mart.sources else []
    return dg.AssetSpec(
        dg.AssetKey(mart.key),
        deps=[*above, *[dg.AssetKey(parent.split(".")) for parent in sorted(mart.marts)]],
        description=mart.description,
        group_name=mart.schema,
        kinds={"dbt", "duckdb", "deltalake"},
        owners=[_OWNERS.get(mart.schema, "team:energy")],
        partitions_def=monthly if mart.is_monthly else None,
        skippable=True,
    )


def marts_asset(project: Path, timezone: str) -> dg.AssetsDefinition:
    """Return the step that builds every mart of the dbt project."""
    found = marts(project)
    monthly = {f"{mart.schema}.{mart.name}" for mart in found if mart.is_monthly}

    @dg.multi_asset(name="marts", specs=mart_specs(found, timezone), can_subset=False)
    def build_marts(context: dg.AssetExecutionContext, work: dg.ResourceParam[Work]) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        work.begin()
        if work.worklist is None and not work.plan(months.asked_for(context.run.tags)).new_rows:
            return
        made = work.prepare(f"{datetime.now(UTC):%Y%m%dT%H%M%S}_{context.run.run_id[:8]}")
        work.run_models(lambda done: _tell(context, done))
        rows = counted(work)
        for mart in found:
            name = f"{mart.schema}.{mart.name}"
            how, rebuilt = _rebuilt(made, name)
            for month in rebuilt if name in monthly else ():
                context.log_event(dg.AssetMaterialization(dg.AssetKey(mart.key), partition=month))
            # one that stays as it is counts as made too, or what is below it would not run
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(mart.key), metadata={"rows": rows.get(name, 0), "rebuilt": how}
            )

    return build_marts


def _tell(context: dg.AssetExecutionContext, done: Done) -> None:
    """Pass on what was done: all of it to the run's log, the slow models to who watches."""
    told = f"{done.place} of {done.total} models: {done.name} in {done.seconds:.1f} s, {done.cpu_s:.1f} CPU-s"
    context.log.debug(told)
    if done.seconds >= _SLOW_S:
        LOG.info("%s", told)


def counted(work: Work) -> Mapping[str, int]:
    """Return the rows of each mart that was built, and let the run know how many local days of points that were."""
    assert work.build is not None, "the marts were built"
    rows = _rows(work.build)
    work.pairs_rebuilt = _pairs(work, rows)
    return rows


def _rows(made: build.Build) -> Mapping[str, int]:
    """Return the number of rows of each mart that was built, from the footers of its files."""
    with connected(made.database, engine=made.engine) as connection:
        names = connection.execute("select distinct schema_name, table_name from meta.built").fetchall()
        return {
            f"{schema}.{name}": _count(connection.execute(f'select count(*) from "{schema}"."{name}"').fetchone())
            for schema, name in names
        }


def _count(row: tuple[int, ...] | None) -> int:
    return int(row[0]) if row else 0


def _rebuilt(made: build.Build, mart: str) -> tuple[str, list[str]]:
    """Return how a mart was rebuilt, in a word, and the months of it."""
    if mart in made.worklist.rebuild.whole:
        return "whole", made.inputs["months"]
    if mart in made.worklist.rebuild.by_work:
        return "by day", made.variables["months"]
    return "kept", []


def _pairs(work: Work, rows: Mapping[str, int]) -> int:
    """Return how many local days of points were rebuilt: those of the worklist, or all that there are."""
    assert work.worklist is not None, "the run was planned"
    if "energy.intervals" in work.worklist.rebuild.whole:
        return rows.get("quality.completeness_daily", 0)
    return len(work.worklist.pairs)
