"""The lake: a folder of areas, and the one door through which anything is written to it or listed from it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from lake import commits, compaction, durable, landing, locks, payloads, snapshots
from lake.batch import Batch, Kept, Landed
from lake.errors import LakeError
from lake.raw_table import RecentFiles

AREAS = ("raw", "payloads", "quarantine", "ref", "marts", "build", "evidence")
_SOURCE = re.compile(r"[a-z][a-z0-9_]*")
_IDENTITY = "lake.json"
#: Grows when a lake of before has to be changed before this code may write to it. What only came anew (a table, a
#: column, an area) needs no other number: runs add it.
LAYOUT = 1
#: What landing raises where there is no room, no right or no disk: the same batch may be landed again later.
WRITE_FAULTS = (OSError, DeltaError)


class Lake:
    """One site's lake on a local folder."""

    def __init__(self, root: str) -> None:
        """Name the folder; it is made when something is written."""
        if "://" in root:
            raise LakeError(f"lake {root}: an object store is not supported yet; give a folder")
        self.root = Path(root).expanduser().absolute()
        self._held: set[str] = set()
        self._recent = RecentFiles()

    def area(self, area: str) -> Path:
        """Return the folder of an area."""
        if area not in AREAS:
            raise LakeError(f"lake area {area!r}: choose one of {', '.join(AREAS)}")
        return self.root / area

    def path(self, area: str, name: str) -> Path:
        """Return the folder of a table, whether it exists or not; marts are named `<schema>/<table>`."""
        return self.area(area) / name

    def exists(self, area: str, name: str) -> bool:
        """Whether the table is there."""
        return bool(DeltaTable.is_deltatable(str(self.path(area, name))))

    def delta(self, area: str, name: str, version: int | None = None) -> DeltaTable:
        """Open a table, at a version or at its latest."""
        if not self.exists(area, name):
            raise LakeError(f"{area}/{name}: no such table in {self.root}; run the site first")
        return DeltaTable(self.path(area, name), version=version)

    def tables(self, area: str) -> list[str]:
        """Return the names of an area's tables, in order."""
        folder = self.area(area)
        logs = [*folder.glob("*/_delta_log"), *folder.glob("*/*/_delta_log")]
        return sorted(log.parent.relative_to(folder).as_posix() for log in logs)

    def versions(self, area: str) -> dict[str, int]:
        """Return the latest version of each table of an area."""
        folder = self.area(area)
        return {name: DeltaTable(folder / name).version() for name in self.tables(area)}

    def files(self, area: str, name: str, version: int | None = None) -> list[str]:
        """Return the absolute paths of the data files of one version; partition values are in the path."""
        return sorted(commits.local(uri) for uri in self.delta(area, name, version).file_uris())

    def added_since(self, area: str, name: str, version: int) -> list[commits.AddedFile] | None:
        """Return the files with new rows that commits after `version` added; None when the log is too short to say."""
        return commits.added_since(self.path(area, name), version)

    def claim(self, site_id: str) -> None:
        """Make this the lake of a site, or refuse: one lake holds one site."""
        owner = self.site_id()
        if owner is None:
            self.root.mkdir(parents=True, exist_ok=True)
            told = json.dumps({"site_id": site_id, "layout": LAYOUT}) + "\n"
            durable.replace(self.root / _IDENTITY, told.encode())
        elif owner != site_id:
            raise LakeError(f"lake {self.root}: holds site {owner}, not {site_id}; give another folder with --lake")

    def site_id(self) -> str | None:
        """Return the site that this lake belongs to, if it has one.

        Raises LakeError where a newer release made the lake: what that one keeps this one would not.
        """
        path = self.root / _IDENTITY
        if not path.exists():
            return None
        try:
            identity = json.loads(path.read_text(encoding="utf-8"))
            layout, site_id = int(identity["layout"]), str(identity["site_id"])
        except (ValueError, KeyError, TypeError) as cause:
            raise LakeError(
                f"{path}: cannot be read; put it back with `nengtan restore BACKUP --mend --lake LAKE`, or write "
                f'{{"site_id": "…", "layout": {LAYOUT}}} with the id of site.yaml'
            ) from cause
        if layout > LAYOUT:
            raise LakeError(
                f"lake {self.root}: has layout {layout} of a newer Nengtan, this one knows {LAYOUT}; "
                "install that release again, or restore the backup that was taken before the upgrade"
            )
        return site_id

    @contextmanager
    def writing(self, source: str) -> Iterator[None]:
        """Be the one writer of a source for the length of the block; a second one gets a clear error."""
        _check_source(source)
        with ExitStack() as stack:
            if source not in self._held:
                stack.enter_context(locks.held(self.root / "locks" / f"{source}.lock", f"source {source}"))
                self._held.add(source)
                stack.callback(self._held.discard, source)
            yield

    def keep(self, payload: bytes | Path, suffix: str) -> Kept:
        """Store a payload under its hash before it is parsed; a batch may then carry what this returns."""
        return payloads.keep(self.area("payloads"), payload, suffix)

    def payload(self, digest: str) -> Path:
        """Return the file of a kept payload."""
        return payloads.find(self.area("payloads"), digest)

    def land(self, batch: Batch) -> Landed:
        """Take a batch into raw and quarantine, exactly once; safe to be killed in and to be repeated."""
        with self.writing(batch.source):
            landed = landing.land(self._places(batch.source, batch.entity), batch, self._recent)
            self.compact(batch.source, batch.entity)
        return landed

    def compact(self, source: str, entity: str = "reading", *, thoroughly: bool = False) -> int:
        """Merge small files of a source's tables; return how many files fewer there are."""
        places = self._places(source, entity)
        orders = {places.readings: [], places.batches: ["received_at"], places.quarantine: ["received_at"]}
        with self.writing(source):
            present = [path for path in orders if DeltaTable.is_deltatable(str(path))]
            return sum(compaction.tidy(DeltaTable(path), orders[path], thoroughly=thoroughly) for path in present)

    def batches(self, source: str) -> pa.Table:
        """Return the batch rows of a source in order of arrival; no rows where nothing has landed."""
        return landing.recorded(self._places(source, "reading"))

    def snapshot(self, thing: str, table: pa.Table, known_at: datetime) -> bool:
        """Keep this version of a reference thing; return False where it is what the lake already has."""
        return bool(self.snapshots({thing: table}, known_at))

    def snapshots(self, tables: Mapping[str, pa.Table], known_at: datetime) -> list[str]:
        """Keep this version of several reference things, all at once; return those that were new."""
        return snapshots.take(self.area("ref"), tables, known_at)

    def snapshot_times(self, as_of: datetime | None = None) -> dict[str, datetime]:
        """Return `known_at` of the current snapshot of each thing; that snapshot may be empty."""
        found = snapshots.currents(self.area("ref"), as_of)
        return {thing: row["known_at"] for thing, row in found.items()}

    def _places(self, source: str, entity: str) -> landing.Places:
        return landing.Places(
            payloads=self.area("payloads"),
            readings=self.path("raw", f"{source}__{entity}"),
            batches=self.path("raw", f"{source}__batch"),
            quarantine=self.path("quarantine", f"{source}__{entity}"),
        )


def _check_source(source: str) -> None:
    if not _SOURCE.fullmatch(source) or "__" in source:
        raise LakeError(f"source id {source!r}: use lower-case letters, digits and single underscores")
