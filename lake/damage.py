"""Files of the lake that cannot be read: which, what that means, and what to do; one sentence each.

Marts can be made again, so the next run does that. What was received, what it refers to and what proves it cannot: it
has to come back from a backup. Nothing here looks at content that can be read; that is `nengtan evidence verify`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from lake import commits, manifest, torn
from lake.errors import LakeError
from lake.store import Lake

#: Told at once; more of them have one cause.
_TOLD = 3


@dataclass(frozen=True)
class Damage:
    """One file that cannot be read. `mart` is the mart that it belongs to, where it can be made again."""

    path: Path
    what: str
    mart: str | None = None

    @property
    def sentence(self) -> str:
        """What it is and what to do, without a full stop."""
        if self.mart is not None:
            return f"{self.path} {self.what}; it belongs to the mart {self.mart}, which the next run makes anew"
        return (
            f"{self.path} {self.what}; nothing else has what it held: put it back with "
            "`nengtan restore BACKUP --mend --lake LAKE`, then run again"
        )


def explained(root: str) -> LakeError | None:
    """Return the error that names the files that cannot be read, and see to it that the next run makes marts anew.

    None where all of them can be read: then something else went wrong.
    """
    lake = Lake(root)
    found = list(look(lake))
    mark(lake, [one.mart for one in found if one.mart])
    if not found:
        return None
    more = f"; so are {len(found) - _TOLD} more files" if len(found) > _TOLD else ""
    return LakeError("; ".join(one.sentence for one in found[:_TOLD]) + more)


def look(lake: Lake) -> Iterator[Damage]:
    """Read every file of the lake that a run may need, and yield those that cannot be read."""
    for area in ("raw", "quarantine", "ref", "evidence"):
        for name in lake.tables(area):
            yield from _of_table(lake.path(area, name))
    published = manifest.last(lake.area("marts"))
    for mart, known in published.marts.items() if published else ():
        folder = lake.path("marts", mart.replace(".", "/"))
        for path in known.files:
            if (what := _unreadable(folder / path)) is not None:
                yield Damage(folder / path, what, mart)


def mark(lake: Lake, marts: list[str]) -> None:
    """Remember that the files of these marts are not to be relied on, until the next publication."""
    area = lake.area("marts")
    known = manifest.numbers(area)
    if marts and known:
        manifest.doubt(area, known[-1], frozenset(marts))


def mark_torn(lake: Lake) -> list[str]:
    """Mark the published marts that lack a file, or the end of one; return them, as sentences."""
    published = manifest.last(lake.area("marts"))
    found = {
        mart: path
        for mart, known in (published.marts.items() if published else ())
        for path in (lake.path("marts", mart.replace(".", "/")) / file for file in known.files)
        if not torn.is_whole(path)
    }
    mark(lake, list(found))
    return [f"{path} is missing or torn: the mart {mart} is made anew" for mart, path in sorted(found.items())]


def _of_table(root: Path) -> Iterator[Damage]:
    try:
        files = [Path(commits.local(uri)) for uri in DeltaTable(root).file_uris()]
    except DeltaError as cause:
        yield Damage(_unreadable_entry(root), f"cannot be read ({_first_line(cause)})")
        return
    for path in files:
        if (what := _unreadable(path)) is not None:
            yield Damage(path, what)


def _unreadable_entry(root: Path) -> Path:
    """Return the file of a log that cannot be read, or the log."""
    for path in sorted((root / "_delta_log").glob("*.json")):
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                json.loads(line)
        except ValueError:
            return path
    return root / "_delta_log"


def _unreadable(path: Path) -> str | None:
    if not path.exists():
        return "is missing"
    try:
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                file.read_row_group(number)
    except Exception as cause:  # noqa: BLE001 -- whatever the reader stumbles over is in the file
        return f"cannot be read ({_first_line(cause)})"
    return None


def _first_line(cause: Exception) -> str:
    return str(cause).strip().splitlines()[0][:160] if str(cause).strip() else type(cause).__name__
