"""What is new since the last publication: the step that decides whether anything has to be rebuilt."""

from collections.abc import Iterator, Mapping

import dagster as dg

from assets import months, raw
from assets.work import LOG, Work
from lake import worklist
from lake.site.load import SourceSpec

KEY = dg.AssetKey(["raw", "arrivals"])


def arrivals_asset(sources: Mapping[str, SourceSpec]) -> dg.AssetsDefinition:
    """Return the asset; it is made only where something has to be rebuilt, and what is below it waits for it."""

    @dg.asset(
        key=KEY,
        group_name="raw",
        kinds={"deltalake"},
        owners=["team:energy"],
        deps=[dg.AssetKey(["ref", "factors"]), *[raw.key(source) for source in sources]],
        output_required=False,
        description="上次发布以来到达的批次 | The batches that arrived since the last publication.",
    )
    def arrivals(context: dg.AssetExecutionContext, work: dg.ResourceParam[Work]) -> Iterator[dg.Output[None]]:
        work.begin()
        found = work.plan(months.asked_for(context.run.tags))
        if not found.new_rows:
            LOG.info("nothing is new: the publication stays as it is")
            return
        assert work.arrived is not None, "the run was planned"
        rebuild = worklist.words(found)
        LOG.info("to rebuild: %s (%s)", rebuild, "; ".join(found.reasons))
        counts = {"rows_read": work.arrived.rows_read, "rows_refused": work.arrived.rows_refused}
        yield dg.Output(None, metadata={**counts, "rebuild": rebuild, "reasons": list(found.reasons)})

    return arrivals
