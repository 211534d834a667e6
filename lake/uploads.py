"""What a file that somebody sends may be: its kind by its content, its size, and nothing in it that acts by itself.

One rule for every door that takes files of people. What is not taken raises NotTakenError, whose message is one
sentence; its key and facts let a page say it in the reader's language. What is in a document beyond its form is not
judged: a signature, a scan, a PDF's own scripts.
"""

import csv
import io
from collections.abc import Callable, Collection
from pathlib import PurePosixPath

from lake import archives, cells
from lake.errors import NotTakenError

#: What a file unpacks to at most: a document, and a workbook whose cells are read.
MOST_UNPACKED, MOST_UNPACKED_CELLS = 200_000_000, 60_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNINGS: dict[str, Callable[[bytes], bool]] = {
    ".pdf": lambda content: b"%PDF-" in content[:1024],
    ".png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    ".jpg": lambda content: content.startswith(b"\xff\xd8\xff"),
    ".jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    ".webp": lambda content: content.startswith(b"RIFF") and content[8:12] == b"WEBP",
    ".xls": lambda content: content.startswith(_OLE),
    ".doc": lambda content: content.startswith(_OLE),
}
_TEXTS = (".csv", ".txt", ".json")
#: Names of the streams of an old office file that hold macros, or the whole of an encrypted new one.
_OLD_MACROS = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA\0"))
_OLD_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def check(name: str, content: bytes, kinds: Collection[str], most_bytes: int) -> str:
    """Return the ending of a file that is taken, by its name in small letters.

    Raises NotTakenError where the kind is none of `kinds`, the content is of another one, too large or empty, an
    archive unpacks to too much or holds archives, or there are macros, links to elsewhere, entities or (CSV) formulas.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in kinds:
        raise NotTakenError("file_kinds")
    if not content:
        raise NotTakenError("upload_empty")
    if len(content) > most_bytes:
        raise NotTakenError("file_too_large", most=most_bytes // 1_000_000)
    if suffix == ".zip":
        archives.check_zip(io.BytesIO(content), MOST_UNPACKED, _member(kinds))
    else:
        check_content(suffix, content)
    return suffix


def check_content(suffix: str, content: bytes, most_unpacked: int = MOST_UNPACKED) -> None:
    """Raise NotTakenError where the content is no file of this ending, or holds what is not taken."""
    if suffix in archives.PARTS:
        if content.startswith(_OLE) and _OLD_ENCRYPTED in content:
            raise NotTakenError("upload_encrypted")
        archives.check_office(io.BytesIO(content), suffix, most_unpacked)
    elif suffix in _TEXTS:
        _check_text(suffix, content)
    elif not _BEGINNINGS[suffix](content):
        raise NotTakenError("upload_kind", suffix=suffix)
    elif suffix in (".xls", ".doc") and any(mark in content for mark in _OLD_MACROS):
        raise NotTakenError("upload_macros")


def _member(kinds: Collection[str]) -> Callable[[str, bytes], None]:
    """Return what looks at a document in an archive: it is of the same kinds, and no archive itself."""

    def look(name: str, content: bytes) -> None:
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == ".zip" or (suffix not in kinds and archives.is_packed(content[:8])):
            raise NotTakenError("upload_nested", name=name)
        if suffix not in kinds:
            raise NotTakenError("upload_member", name=name)
        if content:
            check_content(suffix, content)

    return look


def _check_text(suffix: str, content: bytes) -> None:
    text = _decoded(content)
    if text is None or archives.is_packed(content[:8]):
        raise NotTakenError("upload_kind", suffix=suffix)
    if suffix != ".csv":
        return
    lines = text.splitlines()
    delimiter = max(",;\t", key=(lines or [""])[0].count)
    try:
        for line, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
            if any(map(cells.is_formula, row)):
                raise NotTakenError("upload_formula", line=line)
    except csv.Error as cause:
        raise NotTakenError("upload_kind", suffix=suffix) from cause


def _decoded(content: bytes) -> str | None:
    """Return a text in one of the encodings that people here write; None where it is none."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None
