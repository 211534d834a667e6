"""The publication: marts, checks and findings become visible together, in one step, or not at all."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
import pyarrow as pa

from assets.work import LOG, Work
from lake import publication, restated
from lake.manifest import Manifest
from quality import findings, tables

KEY = dg.AssetKey(["marts", "publication"])
CHECKS, FINDINGS = dg.AssetKey(["quality", "checks"]), dg.AssetKey(["quality", "findings"])


def publication_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Return the step that publishes; it runs only where every mart was built and no blocking check failed."""
    made_here = {
        CHECKS: ("quality.checks", "quality", {"python", "deltalake"}),
        FINDINGS: ("quality.findings", "quality", {"python", "deltalake"}),
    }
    specs = [
        dg.AssetSpec(key, deps=marts, group_name=group, kinds=kinds, owners=["team:data"], description=_described(mart))
        for key, (mart, group, kinds) in made_here.items()
    ]
    published = dg.AssetSpec(
        KEY,
        deps=[*marts, CHECKS, FINDINGS],
        group_name="publication",
        kinds={"duckdb", "deltalake"},
        owners=["team:data"],
        description="发布：清单与 marts.duckdb | The manifest of table versions and marts.duckdb, replaced atomically.",
    )

    @dg.multi_asset(name="publish", specs=[*specs, published], can_subset=False)
    def publish(work: dg.ResourceParam[Work]) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        rows, manifest = publish_all(work)
        LOG.info("published as publication %s", manifest.number)
        yield dg.MaterializeResult(asset_key=CHECKS, metadata={"rows": rows["quality.checks"].num_rows})
        yield dg.MaterializeResult(asset_key=FINDINGS, metadata={"rows": rows["quality.findings"].num_rows})
        yield dg.MaterializeResult(asset_key=KEY, metadata={"number": manifest.number, "run_id": manifest.run_id})

    return publish


def publish_all(work: Work) -> tuple[dict[str, pa.Table], Manifest]:
    """Add the checks and findings of a run to its marts and make all of them what readers see."""
    assert work.build is not None, "the marts were built"
    rows = {"quality.checks": tables.checks(work.results, work.build.run_id), "quality.findings": _findings(work)}
    for name, table in rows.items():
        work.build.add_mart(
            "quality", name.removeprefix("quality."), table, tables.comments(name), tags=tables.tags(name)
        )
    work.manifest = publication.publish(work.lake, work.build)
    if work.as_of is None:
        restated.keep(work.lake)
        work.note("published", f"publication {work.manifest.number}", f"run {work.build.run_id}")
    return rows, work.manifest


def _described(mart: str) -> str:
    spec = tables.described()[mart]
    return f"{spec['zh']} | {spec['en']}"


def _findings(work: Work) -> pa.Table:
    """Return the findings of this run joined with those of the last publication; a look back stands by itself."""
    assert work.build is not None, "the marts were built"
    last = publication.last_manifest(work.lake) if work.as_of is None else None
    mart = last.marts.get("quality.findings") if last else None
    folder = work.lake.path("marts", "quality/findings")
    earlier = _read([str(folder / path) for path in mart.files]) if mart and mart.files else None
    with work.looking() as connection:
        return findings.rows(connection, work.findings, earlier, work.build.run_id, datetime.now(UTC))


def _read(files: Sequence[str]) -> pa.Table:
    import pyarrow.parquet as pq

    return pa.concat_tables([pq.read_table(file, schema=tables.FINDINGS) for file in files])
