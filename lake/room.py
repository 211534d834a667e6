"""No room on the disk: every library says it in its own words, and one sentence tells what to do."""

import shutil

from lake.errors import LakeError
from lake.store import Lake

_WORDS = ("no space left", "disk is full", "disk i/o error", "quota exceeded")
#: With less than this a run can write nothing that matters.
_LITTLE_BYTES = 1_000_000


def explained(root: str, said: str) -> LakeError | None:
    """Return the error where what a library said comes from a disk without room; None where there is some."""
    lake = Lake(root)
    if not lake.root.exists():
        return None
    free = shutil.disk_usage(lake.root).free
    if free >= _LITTLE_BYTES and not any(words in said.lower() for words in _WORDS):
        return None
    return LakeError(
        f"{lake.root}: its disk has no room ({free / 1e6:,.1f} MB free); make room and run again: what was published "
        "stays as it is, and what was begun is undone or finished by the next run"
    )
