"""What a compressed file that somebody sends may hold: plain archives, and office files, which are archives of XML.

Nothing is unpacked to disk. Sizes are those that the archive tells; the reader gives no more of a member than that.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO
from xml.parsers import expat

from lake.errors import NotTakenError

#: What a member unpacks to at most where it is larger than a megabyte: XML of spreadsheets reaches about thirty.
_MOST_RATIO, _SMALL = 200, 1_000_000
_MOST_MEMBERS = 2_000
_CHUNK = 1 << 16
#: A member of an office file that makes it the kind that its name says.
PARTS = {".xlsx": "xl/workbook.xml", ".docx": "word/document.xml", ".ofd": "OFD.xml"}
_MACROS = re.compile(
    r"(^|/)(vbaProject\w*\.bin|vbaData\.xml|macrosheets/|activeX/|dialogsheets/|customUI)", re.IGNORECASE
)
_OUTSIDE = re.compile(r"(^|/)(externalLinks/|connections\.xml$|queryTables/|webextensions/|afchunk)", re.IGNORECASE)
_INSIDE = re.compile(r"(^|/)(embeddings/|oleObject\w*\.bin$)", re.IGNORECASE)
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
_EXTERNAL = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
#: Functions that fetch from elsewhere, start programs or call libraries.
_CALLS = re.compile(
    rb"<f\b[^>]*>[^<]*\b(WEBSERVICE|RTD|CALL|REGISTER|REGISTER\.ID|EXEC|INITIATE|DDE\w*)\s*\([^<]*", re.IGNORECASE
)
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError),
    *(struct.error, KeyError, expat.ExpatError),
)


def check_parts(file: IO[bytes], suffix: str, most_unpacked: int) -> None:
    """Raise NotTakenError where a file is no office file of this kind that can be read without harm.

    Macros and links are let be: they do nothing where only saved values are read.
    """
    with _opened(file, suffix, most_unpacked) as archive:
        _check_kind(archive, suffix)


def check_office(file: IO[bytes], suffix: str, most_unpacked: int) -> None:
    """Raise NotTakenError where a file is no office file of this kind, or holds what acts when somebody opens it."""
    with _opened(file, suffix, most_unpacked) as archive:
        _check_kind(archive, suffix)
        names = archive.namelist()
        types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
        if any(map(_MACROS.search, names)) or b"macroenabled" in types.lower():
            raise NotTakenError("upload_macros")
        for name in names:
            if _OUTSIDE.search(name):
                raise NotTakenError("upload_links", name=name)
            if _INSIDE.search(name) or _is_archive(archive, name):
                raise NotTakenError("upload_nested", name=name)
            if _reaches_out(archive, name):
                raise NotTakenError("upload_links", name=name)


def check_zip(file: IO[bytes], most_unpacked: int, check_member: Callable[[str, bytes], None]) -> None:
    """Raise NotTakenError where an archive holds what is not taken; `check_member` looks at each document in it."""
    with _opened(file, ".zip", most_unpacked) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                check_member(member.filename, archive.read(member))


def has_formulas(file: IO[bytes]) -> bool:
    """Whether any cell of a workbook holds a formula."""
    with zipfile.ZipFile(file) as archive:
        return any(
            _found(archive, name, re.compile(rb"<(?:\w+:)?f[\s>/]"))
            for name in archive.namelist()
            if _SHEETS.search(name)
        )


@contextmanager
def _opened(file: IO[bytes], suffix: str, most_unpacked: int) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), most_unpacked)
            yield archive
    except NotTakenError:
        raise
    except _BROKEN as cause:  # a damaged archive makes its reader raise whatever it trips over
        raise NotTakenError("upload_kind", suffix=suffix) from cause


def _check_members(members: list[zipfile.ZipInfo], most_unpacked: int) -> None:
    if len(members) > _MOST_MEMBERS:
        raise NotTakenError("upload_many", most=_MOST_MEMBERS)
    if sum(member.file_size for member in members) > most_unpacked:
        raise NotTakenError("upload_unpacked", most=most_unpacked // 1_000_000)
    seen = set[str]()
    for member in members:
        name = member.filename
        if name in seen or ".." in PurePosixPath(name.replace("\\", "/")).parts or re.match(r"[/\\]|[A-Za-z]:", name):
            raise NotTakenError("upload_path", name=name)
        seen.add(name)
        if member.flag_bits & 1:
            raise NotTakenError("upload_encrypted")
        if member.file_size > max(_SMALL, member.compress_size * _MOST_RATIO):
            raise NotTakenError("upload_unpacked", most=most_unpacked // 1_000_000)


def _is_archive(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as member:
        return is_packed(member.read(8))


def is_packed(beginning: bytes) -> bool:
    """Whether bytes begin an archive, an old office file or a program."""
    return beginning.startswith(
        (
            b"PK\x03\x04",
            b"PK\x05\x06",
            b"Rar!",
            b"7z\xbc\xaf",
            b"\x1f\x8b",
            b"BZh",
            b"\xfd7zXZ",
            b"\xd0\xcf\x11\xe0",
            b"MZ",
            b"\x7fELF",
        )
    )


def _check_kind(archive: zipfile.ZipFile, suffix: str) -> None:
    if PARTS[suffix] not in archive.namelist():
        raise NotTakenError("upload_kind", suffix=suffix)
    for name in archive.namelist():
        if name.endswith((".xml", ".rels", ".vml")):
            _check_prolog(archive, name)


def _reaches_out(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a part's relations lie elsewhere, but for links that a reader follows, or its formulas call out."""
    if name.endswith(".rels"):
        return any(b"/hyperlink" not in relation for relation in _EXTERNAL.findall(archive.read(name)))
    return _SHEETS.search(name) is not None and _found(archive, name, _CALLS)


def _check_prolog(archive: zipfile.ZipFile, name: str) -> None:
    parser, state = expat.ParserCreate(), {"root": False, "type": False}
    parser.StartDoctypeDeclHandler = lambda *_: state.update(type=True)
    parser.StartElementHandler = lambda *_: state.update(root=True)
    parser.EntityDeclHandler = lambda *_: state.update(type=True)
    with archive.open(name) as part:
        while not (state["root"] or state["type"]) and (piece := part.read(_CHUNK)):
            parser.Parse(piece)
    if state["type"]:
        raise NotTakenError("upload_entities", name=name)


def _found(archive: zipfile.ZipFile, name: str, wanted: re.Pattern[bytes]) -> bool:
    """Whether a part holds something; it is read piece by piece, a formula has 8,192 letters at most."""
    before = b""
    with archive.open(name) as part:
        while piece := part.read(_CHUNK):
            if wanted.search(before + piece):
                return True
            before = (before + piece)[-40_000:]
    return False
