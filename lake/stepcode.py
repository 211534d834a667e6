"""The code of the marts that Python makes: when it is other code, they are made again although nothing came."""

import hashlib
from functools import cache
from pathlib import Path

#: Under this name the manifest of a publication has the code's hash beside those of the models.
KEY = "python"
_ROOMS = ("assets", "methods", "quality")
_ENDINGS = (".py", ".yaml", ".csv", ".sql")


@cache
def fingerprint(root: Path = Path(__file__).parents[1]) -> str:
    """Return the hash of the rooms whose code makes marts."""
    found = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted(path for path in (root / room).rglob("*") if path.suffix in _ENDINGS):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
