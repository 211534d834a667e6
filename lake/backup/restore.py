"""Restoring a backup onto an empty place: every file is hashed as it is written; the folder is a lake at the end."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lake import recovery
from lake.backup import parts
from lake.backup.repository import Backup, Kept, Repository, copied
from lake.errors import LakeError
from lake.store import Lake

#: Written first and removed last: a restore that was cut off is finished by the next one.
_MARK = "restoring.json"
#: Without it the folder is no lake; it comes when everything else is there.
_IDENTITY = f"{parts.LAKE}/lake.json"


@dataclass(frozen=True)
class Restored:
    """What a restore wrote; `missing_keys` have to be brought from where they are kept apart."""

    backup: Backup
    files: int
    size_bytes: int
    missing_keys: tuple[str, ...]


def restore(
    repository: Repository, homes: Mapping[str, Path], at: datetime | None = None, keys: Path | None = None
) -> Restored:
    """Write the newest backup, or the newest by an instant, to the homes, and make the readers' files anew.

    Raises LakeError where a home has files already, or a file of the backup is missing or was changed.
    """
    backup = repository.at(at)
    mark = homes[parts.LAKE] / _MARK
    told = {"taken_at": backup.taken_at.isoformat()}
    if not mark.exists() or json.loads(mark.read_text("utf-8")) != told:
        _empty(homes, {file.name.split("/", 1)[0] for file in (*backup.files, *backup.keys)})
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(json.dumps(told), encoding="utf-8")
    for file in (file for file in backup.files if file.name != _IDENTITY):
        written(repository.object(file.digest), _place(homes, file), file)
    missing = []
    for key in backup.keys:
        source = None if keys is None else keys / key.name
        if source is None or not source.exists():
            missing.append(key.name)
        else:
            written(source, _place(homes, key), key)
    for file in (file for file in backup.files if file.name == _IDENTITY):
        written(repository.object(file.digest), _place(homes, file), file)
    recovery.recover(Lake(str(homes[parts.LAKE])))
    mark.unlink()
    return Restored(backup, len(backup.files), backup.size_bytes, tuple(missing))


def _place(homes: Mapping[str, Path], file: Kept) -> Path:
    home, inside = file.name.split("/", 1)
    return homes[home] / inside


def _empty(homes: Mapping[str, Path], needed: Iterable[str]) -> None:
    """Raise LakeError where something lies that a restore would mix with what it writes."""
    for name in needed:
        home = homes[name]
        own = {parts.LAKE: ("lake.json", "raw", "ref", "marts", "payloads"), parts.REGISTERS: ("*.sqlite", "exchange")}
        found = sorted(path for pattern in own.get(name, ("*",)) for path in home.glob(pattern))
        if found:
            raise LakeError(f"{found[0]} is there already; restore into folders that are empty")


def written(source: Path, target: Path, file: Kept) -> None:
    """Copy one file beside its place, and put it there when its hash is right; raises LakeError where it is not."""
    if target.exists() and target.stat().st_mtime_ns == file.modified_ns and target.stat().st_size == file.size_bytes:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".{target.name}.incoming")
    try:
        with source.open("rb") as content, incoming.open("wb") as out:
            digest, _ = copied(content.read, out.write)
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError as cause:
        raise LakeError(
            f"{file.name}: its content {file.digest} is missing from the backup; take another one"
        ) from cause
    if digest != file.digest:
        incoming.unlink()
        raise LakeError(f"{file.name}: {source} is not what was kept; take another backup, or another copy of this one")
    incoming.chmod(file.mode)
    os.utime(incoming, ns=(file.modified_ns, file.modified_ns))
    shutil.move(incoming, target)
