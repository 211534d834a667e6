"""What outlives a power cut: files that the disk has, and folders that know their names.

A file that was written and renamed is in memory first; the Delta library leaves it there. Whoever is told that
something was kept has to be told after these calls.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path


def keep(paths: Iterable[Path]) -> None:
    """Wait until the disk has these files, and the folders above them have their names."""
    files = list(paths)
    for path in (*files, *sorted({path.parent for path in files})):
        _flush(path)


def keep_all(folder: Path) -> None:
    """Wait until the disk has everything that was written to the file system of a folder: one call for many files."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        failed = ctypes.CDLL(None, use_errno=True).syncfs(descriptor)
    finally:
        os.close(descriptor)
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(folder))


def replace(path: Path, content: bytes) -> None:
    """Write a small file in one step that a power cut does not undo: all of it, or what was there before."""
    incoming = path.with_name(f".{path.name}.incoming")
    with incoming.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    incoming.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
