"""Telling platforms above, after a publication: one asset for each uplink of the site."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from assets import publish
from assets.work import LOG, Work
from exchange import rounds
from lake.errors import NengtanError
from lake.site.load import UplinkSpec

#: A run waits so long for a platform that takes many messages slowly; the rest is for the next one.
_MOST_S = 120.0


def uplink_assets(uplinks: Mapping[str, UplinkSpec], folder: Path) -> list[dg.AssetsDefinition]:
    """Return the assets; `folder` has the published marts and the outbox."""
    return [_asset(spec, folder) for spec in uplinks.values()]


def _asset(spec: UplinkSpec, folder: Path) -> dg.AssetsDefinition:
    @dg.asset(
        key=["uplink", spec.id],
        deps=[publish.KEY],
        group_name="uplink",
        kinds={"sqlite", "json"},
        owners=["team:data"],
        description="上行：新指标入发件箱并发送至确认 | What is news is queued and sent until it is acknowledged.",
    )
    def told(work: dg.ResourceParam[Work]) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=tell(work, spec, folder))

    return told


def tell(work: Work, spec: UplinkSpec, folder: Path) -> dict[str, str | int | bool]:
    """Go one round with one platform and say what became of it; a look back tells nobody.

    A platform that is away, or a fault of its template, is said and never fails the run: the figures are published.
    """
    if work.as_of is not None:
        return {"left_out": "a look back is told to nobody"}
    try:
        ((_, found),) = rounds.told(folder, [spec], most_seconds=_MOST_S)
    except NengtanError as trouble:
        LOG.warning("uplink %s: %s", spec.id, trouble)
        return {"fault": str(trouble)}
    if found.is_left:
        LOG.warning("uplink %s: some messages wait; `nengtan uplink status` says why", spec.id)
    return {
        "queued": found.queued, "acknowledged": found.acknowledged, "refused": found.refused, "is_left": found.is_left
    }  # fmt: skip
