"""The bridge between two knowledge times of the same months: the marts as they were known at each, compared."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assets.work import LOG
from lake import asof, closings, manifest, models, rawfiles
from lake.engine import connected
from lake.errors import LakeError
from lake.manifest import Manifest
from lake.site.load import read_site
from lake.store import Lake
from methods.restatement import figures, published, totals
from methods.restatement.sides import Side, Sides
from pipelines.settings import Settings


@dataclass(frozen=True)
class Bridge:
    """Every figure that changed by cause, and the totals of organisations and accounts with their parts."""

    known_from: datetime
    known_to: datetime
    figures: list[dict[str, Any]]
    totals: list[totals.Total]


def of(settings: Settings, known_from: datetime, known_to: datetime | None, asked: figures.Asked) -> Bridge:
    """Return the bridge from what was known at one time to what was at another, without one to what is published now.

    Raises LakeError where nothing was known then, or where what was cannot be published because a check blocks it.
    """
    lake = Lake(settings.lake)
    before = _known(settings, lake, known_from)
    now = manifest.last(lake.area("marts")) if known_to is None else _known(settings, lake, known_to)
    if now is None:
        raise LakeError(f"nothing is published at {settings.lake}; `nengtan run SITE` publishes")
    until = known_to or datetime.fromisoformat(now.published_at)
    if before.newest_reading_at is None:
        raise LakeError(f"no reading was known at {known_from.isoformat()}: there is nothing to restate")
    area = lake.area("marts") if known_to is None else asof.folder(lake, known_to)
    newer = published.relation(area, now)
    with connected() as con:
        sides = Sides(
            connection=con,
            lake=lake,
            old=Side(published.relation(asof.folder(lake, known_from), before, newer), before.ref, before.models),
            new=Side(newer, now.ref, now.models),
            is_new=f"known_at > {_instant(known_from)} and known_at <= {_instant(until)}",
            is_old=f"known_at <= {_instant(known_from)}",
            timezone=before.timezone,
            newest_then=datetime.fromisoformat(before.newest_reading_at),
            interval_minutes=read_site(settings.site, settings.environment).settings.interval_minutes,
        )
        known = figures.organizations(sides)
        if asked.organization_id not in (None, *known):
            raise LakeError(
                f"organization {asked.organization_id}: not in organizations.csv; one of {', '.join(known)}"
            )
        found = figures.restated(sides, asked)
        told = {"known_from": known_from, "known_to": until}
        return Bridge(known_from, until, figures.rows(sides, found, told), totals.of(sides, found, asked))


def declared_at(lake: Lake, asked: figures.Asked) -> datetime:
    """Return when the publication was made whose figures the closed months that are asked for declare.

    Raises LakeError where none of them is closed, and where they were declared from several publications.
    """
    months = closings.standing(lake).months
    times: set[datetime] = {
        declared.declaring[-1].proposal["published_at"].astimezone(UTC)
        for (organization, month), declared in months.items()
        if declared.is_closed and asked.has(organization, month)
    }
    if not times:
        raise LakeError("no month that is asked for is closed, so nothing says from when on: give --known-from TIME")
    if len(times) > 1:
        told = ", ".join(sorted(at.isoformat() for at in times))
        raise LakeError(
            f"the closed months were declared from several publications ({told}): name one of these times with "
            "--known-from, or fewer months with --period and --organization"
        )
    return times.pop()


def _known(settings: Settings, lake: Lake, at: datetime) -> Manifest:
    """Return the publication of what was known at a time; made anew where it is not there or no longer true."""
    kept = manifest.last(asof.folder(lake, at))
    if kept is not None and _is_true(settings, lake, kept, at):
        return kept
    from pipelines import as_of

    LOG.info("to build: the marts as they were known at %s", at.isoformat())
    work = as_of.known_at(settings, at)
    if work.manifest is None:
        failed = [one.expectation.name_en for one in work.results if not one.passed and one.expectation.is_blocking]
        raise LakeError(f"what was known at {at.isoformat()} fails a blocking check: {', '.join(failed)}")
    return work.manifest


def _is_true(settings: Settings, lake: Lake, kept: Manifest, at: datetime) -> bool:
    """Whether marts that were made as of a time would be the same today: same code, same rows to choose from."""
    readings = rawfiles.reading_versions(lake)
    return (
        kept.code_hash == models.read(settings.dbt_project).code_hash
        and all(kept.raw.get(name) == version for name, version in readings.items())
        and dict(kept.ref) == {thing: known.isoformat() for thing, known in lake.snapshot_times(at).items()}
    )


def _instant(at: datetime) -> str:
    return f"timestamptz '{at.astimezone(UTC).isoformat(sep=' ')}'"
