"""One writer per source: an advisory lock that the operating system drops when its holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lake.errors import LakeBusyError


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file for the length of the block, or say who has to stop first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise LakeBusyError(f"{what}: another process is writing it ({path}); wait for it or stop it") from cause
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
