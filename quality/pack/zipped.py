"""One zip of a folder, the same bytes for the same members: names in order, one date, no trace of the machine."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

_DATE = (1980, 1, 1, 0, 0, 0)
#: Columns are packed already; packing them again takes time and gives nothing.
_PACKED = frozenset({".parquet", ".zip", ".gz", ".xlsx", ".docx", ".pdf", ".png", ".jpg"})


def members(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the files below a folder by their names in the zip, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def write(folder: Path, file: Path) -> None:
    """Write all files of a folder into one zip, which is there whole or not at all."""
    incoming = file.with_name(f".{file.name}.incoming")
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(incoming, "w") as archive:
        for name, path in members(folder):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=6)
    incoming.replace(file)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
