"""Taking a backup: what changed since the last one is copied, while meters go on arriving; a run waits, or we do."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from lake import commits, publication
from lake.backup import parts
from lake.backup.parts import Part
from lake.backup.repository import Backup, Kept, Repository
from lake.build import running
from lake.errors import LakeError
from lake.store import Lake

#: A collector tidies its tables while we read them; what went away in between is asked for again.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Taken:
    """A backup that was just taken: what of it is new, and the keys that are not in it."""

    backup: Backup
    path: Path
    new_files: int
    new_bytes: int


def take(
    lake: Lake,
    homes: Mapping[str, Path],
    repository: Repository,
    head: Callable[[], str | None],
    keys: Path | None = None,
) -> Taken:
    """Take a backup of the homes; keys go to the folder `keys`, or nowhere. `head` tells where the evidence chain ends.

    Raises LakeError where a run is at work, or where files change faster than they can be copied.
    """
    if lake.site_id() is None:
        raise LakeError(f"{lake.root}: there is no lake to back up; run the site first")
    if repository.folder.resolve().is_relative_to(lake.root) or lake.root.is_relative_to(repository.folder.resolve()):
        raise LakeError(f"{repository.folder}: a backup inside the lake is lost with it; name another disk")
    with running(lake):
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return _taken(lake, homes, repository, head, keys)
            except (FileNotFoundError, DeltaError) as cause:
                if attempt == _ATTEMPTS:
                    raise LakeError(f"{cause}: files went away while they were copied; try again later") from cause
    raise AssertionError("an attempt returns or raises")


def _taken(
    lake: Lake, homes: Mapping[str, Path], repository: Repository, head: Callable[[], str | None], keys: Path | None
) -> Taken:
    begun = datetime.now(UTC)
    known = repository.instants()
    earlier = {file.name: file for file in repository.read(known[-1]).files} if known else {}
    copy = _Copy(repository, earlier)
    files, apart = [], []
    for part in parts.listed(homes):
        if not part.is_key:
            files.append(copy.of(part))
        elif keys is not None:
            apart.append(_apart(part, keys))
    _whole(lake, {file.name for file in files})
    last = publication.last_manifest(lake)
    number, code_hash = (last.number, last.code_hash) if last else (None, None)
    backup = Backup(begun, lake.site_id(), number, code_hash, head(), tuple(files), tuple(apart))
    return Taken(backup, repository.write(backup), copy.new_files, copy.new_bytes)


class _Copy:
    """Copies parts; one with the size and time of the last backup's is taken to be the same."""

    def __init__(self, repository: Repository, earlier: Mapping[str, Kept]) -> None:
        self._repository, self._earlier = repository, earlier
        self.new_files = self.new_bytes = 0

    def of(self, part: Part) -> Kept:
        """Return the part as it is kept."""
        seen = part.path.stat()
        before = self._earlier.get(part.name)
        if before and not part.is_register and (before.size_bytes, before.modified_ns) == _marks(part.path):
            return before
        digest, size = _register(self._repository, part.path) if part.is_register else self._repository.keep(part.path)
        if before is None or before.digest != digest:
            self.new_files, self.new_bytes = self.new_files + 1, self.new_bytes + size
        return Kept(part.name, digest, size, seen.st_mode & 0o777, seen.st_mtime_ns)


def _marks(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_size, seen.st_mtime_ns


def _register(repository: Repository, path: Path) -> tuple[str, int]:
    """Keep an SQLite file as it was at one instant, whoever writes it meanwhile."""
    repository.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".register-", dir=repository.folder) as folder:
        copy = Path(folder) / path.name
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as to:
            source.backup(to)
            to.execute("pragma journal_mode = delete")
        return repository.keep(copy)


def _apart(part: Part, keys: Path) -> Kept:
    """Copy a key to the folder for keys, which only its owner may read."""
    target = keys / part.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = part.path.read_bytes()
    target.touch(mode=0o600)
    target.write_bytes(content)
    seen = part.path.stat()
    return Kept(part.name, hashlib.sha256(content).hexdigest(), len(content), 0o600, seen.st_mtime_ns)


def _whole(lake: Lake, names: set[str]) -> None:
    """Raise FileNotFoundError where the newest log entry that was copied speaks of a file that was not."""
    for log in {name.rsplit("/", 1)[0] for name in names if "/_delta_log/" in name}:
        entries = [name for name in names if name.startswith(f"{log}/") and name.endswith(".json")]
        folder = lake.root / log.removeprefix(f"{parts.LAKE}/").removesuffix("/_delta_log")
        version = max(int(Path(name).stem) for name in entries)
        for uri in DeltaTable(folder, version=version).file_uris():
            path = Path(commits.local(uri))
            if f"{parts.LAKE}/{path.relative_to(lake.root).as_posix()}" not in names:
                raise FileNotFoundError(f"{path}")
