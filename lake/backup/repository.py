"""Where backups lie: files once by their SHA-256, and one list of names for each backup, written last.

objects/ab/abcdef…      a file, unchanged, so that `sha256sum` and `cp` are enough in an emergency
backups/<instant>.json  the names of one backup; it names itself by the hash of what it says
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lake.errors import LakeError

LAYOUT = 1
_CHUNK = 4 * 1024 * 1024
_INSTANT = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Kept:
    """A file of a backup. `modified_ns` is the source's, by which the next backup knows that it is the same."""

    name: str
    digest: str
    size_bytes: int
    mode: int
    modified_ns: int


@dataclass(frozen=True)
class Backup:
    """One backup: when it was begun (UTC), of which site, what was published and sealed then, and its files."""

    taken_at: datetime
    site_id: str | None
    publication: int | None
    code_hash: str | None
    head: str | None
    files: tuple[Kept, ...]
    keys: tuple[Kept, ...] = field(default=())

    @property
    def size_bytes(self) -> int:
        """How much a restore writes."""
        return sum(file.size_bytes for file in self.files)


class Repository:
    """A folder of backups; one that is there stays as it is until `forget`."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is kept."""
        self.folder = folder
        self._objects = folder / "objects"

    def keep(self, source: Path) -> tuple[str, int]:
        """Copy a file unless it is there, and return its hash and size; what is kept has reached the disk."""
        self._objects.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".incoming-", dir=self._objects)
        incoming = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out, source.open("rb") as content:
                digest, size = copied(content.read, out.write)
                out.flush()
                os.fsync(out.fileno())
            target = self.object(digest)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                incoming.chmod(0o444)
                incoming.replace(target)
        finally:
            incoming.unlink(missing_ok=True)
        return digest, size

    def object(self, digest: str) -> Path:
        """Return where a file with this hash lies."""
        return self._objects / digest[:2] / digest

    def write(self, backup: Backup) -> Path:
        """Write the list of names in one step: a backup that was cut off is none."""
        told = _json(backup)
        folder = self.folder / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{backup.taken_at.strftime(_INSTANT)}.json"
        incoming = target.with_name(f".{target.name}")
        with incoming.open("w", encoding="utf-8") as out:
            out.write(json.dumps({"hash": _hash(told), "backup": told}, ensure_ascii=False))
            out.flush()
            os.fsync(out.fileno())
        incoming.replace(target)
        return target

    def instants(self) -> list[datetime]:
        """Return the instants of the backups, oldest first."""
        names = sorted(path.stem for path in (self.folder / "backups").glob("[0-9]*.json"))
        return [datetime.strptime(name, _INSTANT).replace(tzinfo=UTC) for name in names]

    def read(self, instant: datetime) -> Backup:
        """Return a backup; raises LakeError where its list was changed or cut."""
        path = self.folder / "backups" / f"{instant.strftime(_INSTANT)}.json"
        try:
            document = json.loads(path.read_text("utf-8"))
            told, said = document["backup"], document["hash"]
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise LakeError(f"{path}: this list of a backup cannot be read; restore from another one") from cause
        if _hash(told) != said or told.get("layout") != LAYOUT:
            raise LakeError(f"{path}: this list was changed after it was written; restore from another one")
        del told["layout"]
        told["taken_at"] = datetime.fromisoformat(told["taken_at"])
        lists = {name: tuple(Kept(**file) for file in told[name]) for name in ("files", "keys")}
        return Backup(**told | lists)

    def at(self, instant: datetime | None) -> Backup:
        """Return the newest backup, or the newest that was taken by an instant."""
        known = [found for found in self.instants() if instant is None or found <= instant]
        if not known:
            when = "" if instant is None else f" of {instant.isoformat()} or before"
            raise LakeError(f"{self.folder}: there is no backup{when}; `nengtan backup FOLDER` takes one")
        return self.read(known[-1])

    def faults(self, files: Iterable[Kept]) -> list[str]:
        """Return what of these files is missing or no longer what it was, a sentence each; all of them are read."""
        found = []
        for digest, name in {file.digest: file.name for file in files}.items():
            path = self.object(digest)
            if not path.exists():
                found.append(f"{name}: its content is missing from {path.parent}")
            elif _digest_of(path) != digest:
                found.append(f"{name}: its content was changed, {path}")
        return found

    def forget(self, instants: Iterable[datetime]) -> int:
        """Remove backups and what no other one needs; return how many bytes that freed."""
        for instant in instants:
            (self.folder / "backups" / f"{instant.strftime(_INSTANT)}.json").unlink()
        needed = {file.digest for instant in self.instants() for file in self.read(instant).files}
        freed = 0
        for path in self._objects.glob("??/*"):
            if path.name not in needed:
                freed += path.stat().st_size
                path.unlink()
        return freed


def copied(read: Callable[[int], bytes], write: Callable[[bytes], object]) -> tuple[str, int]:
    """Copy what `read` gives to `write`; return the hash and size of it."""
    hasher, size = hashlib.sha256(), 0
    while chunk := read(_CHUNK):
        hasher.update(chunk)
        write(chunk)
        size += len(chunk)
    return hasher.hexdigest(), size


def _digest_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _json(backup: Backup) -> dict[str, Any]:
    return {"layout": LAYOUT, **asdict(backup), "taken_at": backup.taken_at.isoformat()}


def _hash(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
