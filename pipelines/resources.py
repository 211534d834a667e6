"""What the steps are given: the lake and the site that the settings name."""

from collections.abc import Iterator

import dagster as dg

from assets.work import Work
from lake.engine import Engine
from pipelines.settings import Settings


def resources(settings: Settings, known: Work | None = None) -> dict[str, dg.ResourceDefinition]:
    """Return the resources of every job; `known` is the state of a run that somebody else made and will look at."""

    @dg.resource(description="The state of one run; its lock is let go when the run ends")
    def work(_context: dg.InitResourceContext) -> Iterator[Work]:
        run = known or new_work(settings)
        try:
            yield run
        finally:
            run.end()

    return {"work": work}


def new_work(settings: Settings) -> Work:
    """Return the state of a run that is about to begin."""
    return Work(
        root=settings.lake,
        site_folder=settings.site,
        environment=settings.for_programs(),
        project=settings.dbt_project,
        trail=settings.marts,
        engine=Engine(memory_limit=settings.memory_limit, threads=settings.threads),
    )
