"""Putting back the files of a living lake that cannot be read, from the newest backup that has each.

Files of tables never change once they are written, so a backup's copy of one is what it was. Nothing that can be read
is touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lake import damage
from lake.backup import parts, restore
from lake.backup.repository import Kept, Repository
from lake.build import running
from lake.errors import LakeError
from lake.store import Lake

_IDENTITY = "lake.json"


@dataclass(frozen=True)
class Mended:
    """The files that were put back, and the sentences of those that no backup has."""

    put_back: tuple[Path, ...]
    lost: tuple[str, ...]


def mend(repository: Repository, lake: Lake) -> Mended:
    """Put back what cannot be read; marts are left to the next run.

    Raises LakeError where a run is at work, or the backup is damaged itself.
    """
    kept = {file.name: file for instant in repository.instants() for file in repository.read(instant).files}
    put_back: list[Path] = []
    with running(lake):
        while found := [path for path in _damaged(lake) if path not in put_back]:
            fresh = [one for path in found for one in _copies(kept, lake, path)]
            for path, file in fresh:
                if path.exists():
                    path.touch()  # a file of the same size and time is taken to be the same
                restore.written(repository.object(file.digest), path, file)
            if not fresh:
                break
            put_back += [path for path, _ in fresh]
    lost = tuple(one.sentence for one in damage.look(lake) if one.mart is None) if lake.site_id() else ()
    return Mended(tuple(put_back), lost)


def _damaged(lake: Lake) -> Iterator[Path]:
    try:
        if lake.site_id() is None:
            yield lake.root / _IDENTITY
    except LakeError:
        yield lake.root / _IDENTITY
    yield from (one.path for one in damage.look(lake) if one.mart is None)


def _copies(kept: dict[str, Kept], lake: Lake, path: Path) -> Iterator[tuple[Path, Kept]]:
    """Yield what the backups have of a file, or of a log in which entries are missing."""
    name = f"{parts.LAKE}/{path.relative_to(lake.root).as_posix()}"
    if name in kept:
        yield path, kept[name]
    for inside, file in kept.items() if path.is_dir() else ():
        target = path / Path(inside).name
        if inside.startswith(f"{name}/") and not target.exists():
            yield target, file
