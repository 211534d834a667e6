"""What the commands of backup and restore share: where this installation keeps things, and what proves a lake."""

from pathlib import Path

from lake.backup import parts
from lake.errors import LakeError
from lake.store import Lake
from pipelines.settings import Settings


def homes(settings: Settings) -> dict[str, Path]:
    """Return where the files of a backup come from and go back to."""
    return {
        parts.LAKE: Lake(settings.lake).root,
        parts.REGISTERS: settings.marts,
        parts.PORTAL: settings.portal_home,
        parts.DASHBOARDS: settings.dashboards_home,
        parts.SITE: settings.site,
    }


def head(lake: Lake) -> str | None:
    """Return the root hash of the newest head of the evidence chain; None before anything was sealed."""
    from quality.evidence import chain

    heads = chain.heads(lake)
    return heads[-1].root_hash if heads else None


def faults(lake: Lake, sealed: str | None) -> list[str]:
    """Return what a restored lake does not prove: its chain has to end with the head that the backup names."""
    from quality.evidence import verification

    if sealed is None:
        return []
    try:
        verdict = verification.verify(lake)
    except LakeError as cause:
        return [str(cause)]
    other = [] if verdict.root_hash == sealed else [f"the evidence chain ends with {verdict.root_hash}, not {sealed}"]
    return other + [str(fault) for fault in verdict.faults]
