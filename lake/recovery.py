"""What a dead run, a power cut or a bad disk left: undone, finished or set aside before a run begins."""

import shutil
from contextlib import nullcontext
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from lake import commits, damage, doors, manifest, martfiles, publication, snapshots, tenants, torn
from lake.errors import LakeBusyError
from lake.manifest import Manifest, Mart
from lake.store import Lake

#: Publications whose data stays for readers that opened them.
_KEPT = 3
_KEPT_S = 3600.0
_REMEMBERED = 30


def recover(lake: Lake) -> list[str]:
    """Undo or finish what a dead run left, tidy up, and return what was done, as sentences."""
    area = lake.area("marts")
    done = [*manifest.set_aside(area), *damage.mark_torn(lake), *_healed(lake)]
    published = manifest.last(area)
    for name in lake.tables("marts"):
        mart = published.marts.get(name.replace("/", ".")) if published else None
        try:
            if martfiles.undo(area / name, mart):
                done.append(f"marts/{name}: put back to publication {published.number if published else 0}")
        except DeltaError:  # its log does not lead back
            damage.mark(lake, [name.replace("/", ".")])
            shutil.rmtree(area / name)
            done.append(f"marts/{name}: its log is damaged, so it is made anew")
    published = manifest.last(area)
    if published is not None and _stale(area, lake.root, published):
        publication.finish(area, lake.root, published)
        done.append(f"publication {published.number}: its files for readers were made again")
    for left in lake.area("build").glob("*/temp"):  # every build has one; the orchestrator's home beside them has none
        shutil.rmtree(left.parent, ignore_errors=True)
    _sweep(lake)
    return done


def _healed(lake: Lake) -> list[str]:
    """Set aside the commits that a power cut tore, of every table that no collector is writing."""
    done = []
    for area in ("raw", "quarantine", "ref", "evidence"):
        for name in lake.tables(area):
            path = lake.path(area, name)
            try:
                with lake.writing(name.partition("__")[0]) if area in {"raw", "quarantine"} else nullcontext():
                    if area != "ref" or not _is_known(lake, name):
                        done += commits.healed(path)
            except LakeBusyError:
                continue  # its writer has looked when it began
    return done


def _is_known(lake: Lake, thing: str) -> bool:
    """Whether the newest commit of a thing is whole, or made the snapshot that the index names: then it stays."""
    path = lake.path("ref", thing)
    newest = torn.newest(path)
    if newest is None or torn.is_told(path, newest):
        return True
    row = None if thing == snapshots.INDEX else snapshots.currents(lake.area("ref")).get(thing)
    if row is None or not row["rows"]:
        return False
    try:
        before = DeltaTable(path, version=newest - 1).to_pyarrow_table(
            columns=["known_at"], filters=[("known_at", "=", row["known_at"])]
        )
    except DeltaError:
        return True
    return not before.num_rows


def _stale(area: Path, folder: Path, published: Manifest) -> bool:
    files = (folder / doors.MARTS, folder / doors.SEALED, *tenants.files(folder, area, published))
    return any(doors.number(file) != published.number for file in files)


def _sweep(lake: Lake) -> None:
    area = lake.area("marts")
    manifest.forget(area, _REMEMBERED)
    recent = [manifest.read(area, number) for number in manifest.numbers(area)[-_KEPT:]]
    for name in lake.tables("marts"):
        kept = {path for one in recent for path in one.marts.get(name.replace("/", "."), _NOTHING).files}
        martfiles.sweep(area / name, kept, _KEPT_S)


_NOTHING = Mart(version=0, files=(), rows=0, columns=())
