"""Whether this machine's clock can be right: what is known has an order in time, which one that went back breaks."""

from datetime import UTC, datetime, timedelta

from lake import manifest, snapshots
from lake.errors import LakeError
from lake.store import Lake

#: Clocks that are set by the network differ by less.
_TOLERATED = timedelta(minutes=2)


def check(lake: Lake, now: datetime) -> None:
    """Raise LakeError where the lake knows of a later time than now: what came now would count as known before it."""
    published = manifest.last(lake.area("marts"))
    known = [row["known_at"] for row in snapshots.currents(lake.area("ref")).values()]
    if published is not None:
        known.append(datetime.fromisoformat(published.published_at))
    newest = max(known, default=now).astimezone(UTC)
    if newest > now + _TOLERATED:
        raise LakeError(
            f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, but {lake.root} was written at "
            f"{newest:%Y-%m-%d %H:%M} UTC: set the clock and run again; if it was wrong then, wait until that time has "
            "passed, or restore a backup from before"
        )
