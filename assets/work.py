"""What the steps of one run share: the site, the lake, and the build between its making and its publication."""

import logging
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from factors import load as factor_library
from factors import own_methods
from lake import asof, build, clock, doors, models, publication, received, recovery, worklist
from lake.build import Build
from lake.engine import Engine, connected
from lake.manifest import Manifest
from lake.modelrun import Done
from lake.received import Arrivals
from lake.site.load import Site, read_site
from lake.store import Lake
from lake.trail import own, person
from lake.trail.act import CHANGE, Act
from lake.worklist import Worklist
from quality import window
from quality.finding import Finding
from quality.suite import Result

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOG = logging.getLogger("nengtan")


@dataclass
class Work:
    """One run's state. All steps of a run share a process, so plain attributes carry it from step to step."""

    root: str
    site_folder: Path
    environment: Mapping[str, str] = field(repr=False)
    project: Path
    engine: Engine
    as_of: datetime | None = None
    trail: Path | None = None  # where the register of what runs do lies; a run of nobody's notes nothing
    arrived: Arrivals | None = None
    worklist: Worklist | None = None
    build: Build | None = None
    results: list[Result] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    pairs_rebuilt: int = 0
    manifest: Manifest | None = None
    _begun: bool = False
    _held: ExitStack = field(default_factory=ExitStack, repr=False)

    @cached_property
    def lake(self) -> Lake:
        """The lake of the run."""
        return Lake(self.root)

    @cached_property
    def site(self) -> Site:
        """The site folder, read once."""
        return read_site(self.site_folder, self.environment)

    @cached_property
    def library(self) -> own_methods.Joined:
        """The factor library with the site's own methods, read once."""
        return own_methods.joined(factor_library.load(), self.site.methods)

    def begin(self) -> None:
        """Be the one run of this lake from here on, and tidy up after one that died."""
        if self._begun:
            return
        self._begun = True
        self.lake.claim(self.site.settings.id)
        self._held.enter_context(build.running(self.lake))
        for done in recovery.recover(self.lake):
            LOG.info("tidied up after an earlier run: %s", done)
        clock.check(self.lake, datetime.now(UTC))

    def end(self) -> None:
        """Let the next run begin."""
        self._held.close()

    def note(self, act: str, subject: str, detail: str = "") -> None:
        """Tell the audit trail what this run changed; a look back changes nothing that is published."""
        if self.trail is not None and self.as_of is None:
            own.note(self.trail, Act("run", CHANGE, act, person.name(), subject=subject, detail=detail or None))

    def plan(self, forced: tuple[date, date] | None) -> Worklist:
        """Find out what has arrived and what has to be rebuilt; the days from .. to of `forced` in any case."""
        last = publication.last_manifest(self.lake)
        self.arrived = received.since(self.lake, last)
        known = models.read(self.project)
        found = worklist.affected(self.lake, last, self.site.settings, known)
        if forced:
            found = worklist.asked_for(found, self.lake, last, known, forced)
        self.worklist = found
        return found

    def look_back(self, at: datetime) -> None:
        """Plan to build everything as it was known at a time; nothing counts as having arrived."""
        self.as_of = at
        self.arrived = received.nothing()
        self.worklist = worklist.full(models.read(self.project), f"as it was known at {at.isoformat()}")
        asof.clear(self.lake, at)

    def prepare(self, run_id: str) -> Build:
        """Make the build of this run."""
        assert self.worklist is not None, "the run was planned"
        settings = (
            self.site.settings if self.as_of is None else asof.settings(self.lake, self.as_of, self.site.settings)
        )
        self.build = build.prepare(
            self.lake, settings, run_id, self.worklist, self.as_of, project=self.project, engine=self.engine
        )
        return self.build

    def run_models(self, tell: Callable[[Done], None]) -> None:
        """Run the models, telling of each when it is done; what failed becomes one sentence."""
        assert self.build is not None, "the build was prepared"
        self.build.run_models(tell)
        # The steps that follow look into the build a hundred times; an engine that is awake answers at once. It wakes
        # after the models, because what they set holds for all of an engine.
        self._held.enter_context(connected(self.build.database, engine=self.engine))

    @property
    def marts_file(self) -> Path:
        """The file that opens what a look back has made."""
        assert self.as_of is not None, "the run looks back"
        return asof.folder(self.lake, self.as_of) / doors.MARTS

    @contextmanager
    def looking(self) -> Iterator["DuckDBPyConnection"]:
        """Open the build with the views that suites and detectors look through."""
        assert self.build is not None, "the build was prepared"
        assert self.arrived is not None, "the run was planned"
        examined = self._examined() if self.as_of is None else []
        recent = {source: received.recent_files(self.lake, source, window.DAYS) for source in examined}
        with connected(self.build.database, engine=self.engine) as connection:
            window.open_window(connection, self.arrived.batches, self.arrived.files, recent)
            if self.as_of is not None:
                window.open_known(connection)
            yield connection

    def rebuilt(self, marts: Set[str]) -> str:
        """The SQL condition on `month` for what this run rebuilt of these marts.

        Whole months, so that their sums can be compared; everything where one of the marts was built whole.
        """
        assert self.worklist is not None, "the run was planned"
        if self.worklist.months is None or self.worklist.rebuild.whole & marts:
            return "true"
        listed = ", ".join(f"date '{month}'" for month in self.worklist.months)
        return f"month in ({listed})" if listed else "false"

    def _examined(self) -> list[str]:
        """The sources whose readings are looked at again: those with new rows, all where everything is rebuilt."""
        assert self.worklist is not None, "the run was planned"
        assert self.arrived is not None, "the run was planned"
        everything = [name.removesuffix("__reading") for name in self.lake.tables("raw") if name.endswith("__reading")]
        return everything if self.worklist.is_full else sorted(self.arrived.files)
