"""Commits that a power cut tore: nobody was told of them, so they are set aside and their sender repeats them.

What somebody was told of is on the disk, whole (`lake/durable.py`). A newest log entry that stops in the middle, or
that adds a file which is not there as long as it says, was therefore never told, unless a publication rests on it. It
is kept beside the table, in `_torn/`.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_LOG, _HINT = "_delta_log", "_last_checkpoint"
#: Where what was torn lies, beside its table.
ASIDE = "_torn"
_MAGIC = b"PAR1"


def heal(root: Path, told: int = -1) -> list[str]:
    """Set aside what is torn at the end of a table's log; return what was done, as sentences.

    Versions up to `told` stay whatever they look like. The caller is the one writer of the table.
    """
    done = _without_torn_checkpoint(root)
    while (version := newest(root)) is not None and version > told and (why := _torn(root, version)) is not None:
        entry = entry_of(root, version)
        aside = _set_aside(root, entry)
        done.append(f"{entry}: {why}; a power cut tore this commit before anybody was told of it, it lies in {aside}")
    return done


def is_told(root: Path, version: int) -> bool:
    """Whether the newest version of a table is whole, so that somebody may have been told of it."""
    return not entry_of(root, version).exists() or _torn(root, version) is None  # a tidied log has a checkpoint of it


def entry_of(root: Path, version: int) -> Path:
    """Return the log entry of a version."""
    return root / _LOG / f"{version:020d}.json"


def is_whole(path: Path, size_bytes: int | None = None) -> bool:
    """Whether a Parquet file is there, as long as it should be, with a beginning and an end."""
    try:
        size = path.stat().st_size
        with path.open("rb") as content:
            begins = content.read(4) == _MAGIC
            content.seek(max(size - 4, 0))
            return begins and content.read(4) == _MAGIC and size_bytes in (None, size)
    except OSError:
        return False


def newest(root: Path) -> int | None:
    """Return the newest version that has a log entry."""
    return max((int(path.stem) for path in (root / _LOG).glob("*.json") if path.stem.isdigit()), default=None)


def _torn(root: Path, version: int) -> str | None:
    """Return why an entry is torn; None where it is whole, or wrong in its middle, which no power cut does."""
    lines = entry_of(root, version).read_bytes().rstrip(b"\0\n").split(b"\n")
    actions: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            actions.append(json.loads(line))
        except ValueError:
            return "it stops in the middle" if number == len(lines) else None
    for action in actions:
        add = action.get("add")
        if add is not None and not _is_there(root / unquote(str(add["path"])), int(add["size"])):
            return f"it adds {unquote(str(add['path']))}, which is not there whole"
    return None


def _is_there(path: Path, size_bytes: int) -> bool:
    """Whether a file that was added is as long as it was and does not end in nothing."""
    return path.exists() and path.stat().st_size == size_bytes and is_whole(path)


def _without_torn_checkpoint(root: Path) -> list[str]:
    """Set aside checkpoints that were torn, and the hint that names one: the log says the same."""
    torn = [path for path in (root / _LOG).glob("*.checkpoint*.parquet") if not is_whole(path)]
    done = [f"{path}: is torn, the log is read without it; it lies in {_set_aside(root, path)}" for path in torn]
    hint = root / _LOG / _HINT
    if hint.exists() and (torn or not _is_json(hint)):
        hint.unlink()
    return done


def _is_json(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except ValueError:
        return False


def _set_aside(root: Path, path: Path) -> Path:
    folder = root / ASIDE
    folder.mkdir(exist_ok=True)
    target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{path.name}"
    path.replace(target)
    return target
