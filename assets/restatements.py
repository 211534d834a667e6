"""Restatements: every publication that changes a figure of a month that was over says by how much and why."""

from datetime import UTC, datetime

import dagster as dg
import duckdb
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from lake import buildviews, publication, restated
from lake.engine import connected
from lake.errors import LakeError
from lake.manifest import Manifest
from methods.restatement import published, tables
from methods.restatement.sides import Side, Sides

MART = restated.MART
KEYS = keys((MART,))
_TOLD = ("carbon.emissions_monthly", "energy.comprehensive_monthly")
_PARENTS = (*_TOLD, "energy.consumption_points_monthly", "energy.intervals", "energy.consumption_monthly")


def restatements_asset() -> dg.AssetsDefinition:
    """Return the step that compares what is about to be published with what is, before the publication."""
    return step("restatements", (MART,), restate_all, parents=_PARENTS, owner="team:carbon")


def restate_all(work: Work) -> dict[str, int]:
    """Make the mart: what earlier publications restated and what this one does; return its rows.

    A look back restates nothing and shows what was restated until then.
    """
    assert work.build is not None, "the marts were built"
    last = publication.last_manifest(work.lake) if work.as_of is None else None
    if work.as_of is None:
        restated.keep(work.lake)
    history = restated.read(work.lake, tables.RESTATEMENTS)
    if work.as_of is not None:
        at = pa.scalar(work.as_of, tables.RESTATEMENTS.field("published_at").type)
        history = history.filter(pa.compute.less_equal(history["published_at"], at))
    found = [] if last is None else _new(work, last)
    if found:
        figures = {(row["mart"], row["organization_id"], row["month"], row["basis"]) for row in found}
        LOG.info("restated: %d figures of months that were published before", len(figures))
    made = pa.concat_tables([history, pa.Table.from_pylist(found, tables.RESTATEMENTS)])
    return written(work, {MART: made})


def _new(work: Work, last: Manifest) -> list[dict[str, object]]:
    """Return the rows of what this run changes; a run that made none of the figures anew looks at nothing."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as con:
        built = {f"{schema}.{name}" for schema, name in con.execute(_BUILT).fetchall()}
        if not built & set(_TOLD) or last.newest_reading_at is None:
            return []
        from methods.restatement import figures

        sides = _sides(work, last, con)
        now = datetime.now(UTC).replace(microsecond=0)
        told = {
            "published_at": now,
            "publication": last.number + 1,
            "known_from": datetime.fromisoformat(last.published_at),
            "known_to": now,
        }
        try:
            found = figures.restated(sides)
        except (duckdb.Error, LakeError, OSError, ArithmeticError) as trouble:
            # that a figure changed is told in any case, and no figure waits for its reason
            LOG.warning("restatements: why figures changed could not be told: %s", trouble)
            found = figures.unexplained(sides)
        return figures.rows(sides, found, told)


_ROW = "point_id, reading_at, batch_id, position"
_BUILT = "select distinct schema_name, table_name from meta.built"


def _sides(work: Work, last: Manifest, con: duckdb.DuckDBPyConnection) -> Sides:
    assert work.build is not None, "the marts were built"
    assert work.arrived is not None, "the run was planned"
    inputs = work.build.inputs
    files = [path for paths in work.arrived.files.values() for path in paths]
    # a payload that is read again has the same batch: what is new are rows, of the files that came
    of_files = f"select ({_ROW}) from {buildviews.parquet(files)} where point_id in (select point_id from wanted)"
    came = f"(({_ROW}) in ({of_files}))" if files else "false"

    def built(mart: str) -> str:
        schema, name = mart.split(".")
        return f'select * from "{schema}"."{name}"'

    return Sides(
        connection=con,
        lake=work.lake,
        old=Side(published.relation(work.lake.area("marts"), last, built), last.ref, last.models),
        new=Side(built, inputs["ref"], inputs["models"]),
        is_new=came,
        is_old=f"not {came}",
        timezone=last.timezone,
        newest_then=datetime.fromisoformat(last.newest_reading_at or ""),
        interval_minutes=work.site.settings.interval_minutes,
    )
