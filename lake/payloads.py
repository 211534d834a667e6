"""The verbatim record: payloads kept once, named by their content hash, never changed."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from lake import durable
from lake.batch import Kept
from lake.errors import LakeError

_CHUNK = 4 * 1024 * 1024
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,12}){0,2}")


def keep(area: Path, payload: bytes | Path | Kept, suffix: str) -> Kept:
    """Store a payload under its SHA-256 and return where; storing it again changes nothing.

    A file is copied and hashed in one pass, so that what is parsed afterwards is exactly what was kept, even where the
    sender is still writing.
    """
    if isinstance(payload, Kept):
        return payload
    if not _SUFFIX.fullmatch(suffix):
        raise LakeError(f"payload suffix {suffix!r}: give a file extension such as .csv")
    area.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".incoming-", dir=area)
    incoming = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            digest, size = _copy(payload, out.write)
            out.flush()
            os.fsync(out.fileno())
        target = area / digest[:2] / f"{digest}{suffix}"
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            incoming.chmod(0o444)
            incoming.replace(target)
            durable.keep([target])
    finally:
        incoming.unlink(missing_ok=True)
    return Kept(digest, size, target)


def find(area: Path, digest: str) -> Path:
    """Return the file of a kept payload."""
    for path in sorted((area / digest[:2]).glob(f"{digest}*")):
        return path
    raise LakeError(f"payload {digest}: not in {area}; restore the lake from a backup that has it")


def digest_of(path: Path) -> str:
    """Return the hash of a file as it is now."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _copy(payload: bytes | Path, write: Callable[[bytes], int]) -> tuple[str, int]:
    hasher = hashlib.sha256()
    size = 0
    if isinstance(payload, bytes):
        hasher.update(payload)
        write(payload)
        return hasher.hexdigest(), len(payload)
    with payload.open("rb") as source:
        while chunk := source.read(_CHUNK):
            hasher.update(chunk)
            write(chunk)
            size += len(chunk)
    return hasher.hexdigest(), size
