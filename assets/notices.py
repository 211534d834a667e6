"""Notices of alerts, after a publication: one asset where the site has channels, none where it has not."""

from pathlib import Path

import dagster as dg

from assets import publish
from assets.work import LOG, Work
from lake.errors import NengtanError
from lake.site.load import Site

#: A run waits so long for channels that are slow; the rest is for the next one.
_MOST_S = 60.0


def notice_assets(site: Site, folder: Path) -> list[dg.AssetsDefinition]:
    """Return the asset; `folder` has the published marts and the outbox."""
    if not site.channels:
        return []

    @dg.asset(
        key=["notices", "sent"],
        deps=[publish.KEY],
        group_name="notices",
        kinds={"sqlite"},
        owners=["team:energy"],
        description="预警告知：邮件、钉钉、企业微信、飞书、Webhook | Notices of alerts, sent until each was taken.",
    )
    def sent(work: dg.ResourceParam[Work]) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=tell(work, folder))

    return [sent]


def tell(work: Work, folder: Path) -> dict[str, str | int]:
    """Go one round with the channels and say what became of it; a look back tells nobody.

    A channel that is away is said, becomes a finding of the next run and never fails this one: figures are published.
    """
    if work.as_of is not None:
        return {"left_out": "a look back is told to nobody"}
    from exchange import channels

    try:
        found = channels.told(folder, work.site, most_seconds=_MOST_S)
    except NengtanError as trouble:
        LOG.warning("notices: %s", trouble)
        return {"fault": str(trouble)}
    for name, sent in found.items():
        if sent.is_left:
            LOG.warning("channel %s: some notices wait; `nengtan alerts status` says why", name)
    return {f"{name}_{what}": getattr(sent, what) for name, sent in found.items() for what in ("queued", "delivered")}
