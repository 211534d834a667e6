"""CSV bytes to columns of text: malformed rows are set aside one by one and the good rows beside them go on.

A reading's row is one line: a quotation mark that is opened and not closed spoils its own line, never the rest of the
file. Nothing is typed here, so that no value is touched before it is judged.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from lake.errors import SourceShapeError

_BLOCK = 8 * 1024 * 1024
_STRETCH = 64 * 1024 * 1024
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvText:
    """A decoded stretch of a file, its header in front; `before` lines of the file lie between the two."""

    data: bytes
    header: list[str]
    delimiter: str
    before: int = 0

    def continued(self, content: bytes) -> "CsvText":
        """Return the stretch that follows this one."""
        head = self.data[: self.data.find(b"\n") + 1]
        return CsvText(head + content, self.header, self.delimiter, self.before + self.data.count(b"\n") - 1)

    @cached_property
    def _breaks(self) -> npt.NDArray[np.int64]:
        return np.flatnonzero(np.frombuffer(self.data, np.uint8) == ord("\n")).astype(np.int64)

    def line(self, number: int) -> str:
        """Return the received text of one line, numbered in the whole file from 1, which is the header."""
        number = number if number == 1 else number - self.before
        start = 0 if number == 1 else int(self._breaks[number - 2]) + 1
        stop = int(self._breaks[number - 1]) if number <= len(self._breaks) else len(self.data)
        return self.data[start:stop].rstrip(b"\r").decode()

    def lines(self, numbers: list[int]) -> list[str]:
        """Return the received text of lines."""
        return [self.line(number) for number in numbers]

    def unclosed(self) -> list[int]:
        """Return the lines of this stretch on which a quotation mark opens and does not close."""
        if b'"' not in self.data:
            return []
        content = np.frombuffer(self.data, np.uint8)
        marks = np.flatnonzero(content == ord('"'))
        line = np.searchsorted(self._breaks, marks)
        counts = np.bincount(line, minlength=1)
        opens = (np.arange(len(marks)) - (np.cumsum(counts) - counts)[line]) % 2 == 0
        ends, between = np.frombuffer(b'"\r\n', np.uint8), ord(self.delimiter)
        beside = np.where(opens, content[marks - 1], content[np.minimum(marks + 1, len(content) - 1)])
        is_odd_one = ~(np.isin(beside, ends) | (beside == between))
        doubtful = np.setdiff1d(line[is_odd_one], np.flatnonzero(counts % 2))
        spoilt = [index for index in doubtful.tolist() if not self._closes(index + 1 + self.before)]
        return sorted(int(index) + 1 for index in [*np.flatnonzero(counts % 2), *spoilt])

    def _closes(self, number: int) -> bool:
        """Whether the quotation marks of a line pair up where a reader looks for them, at the ends of its fields."""
        try:
            next(csv.reader([self.line(number)], delimiter=self.delimiter, strict=True))
        except csv.Error:
            return False
        return True

    def torn(self) -> list[int]:
        """Return the lines of this stretch with a carriage return before their end, which readers take for an end."""
        if b"\r" not in self.data:
            return []
        content = np.frombuffer(self.data, np.uint8)
        strays = np.flatnonzero((content[:-1] == ord("\r")) & (content[1:] != ord("\n")))
        return [int(index) + 1 for index in np.unique(np.searchsorted(self._breaks, strays))]

    def blank(self) -> npt.NDArray[np.int64]:
        """Return the lines of this stretch that hold nothing."""
        if b"\n\n" not in self.data and b"\n\r\n" not in self.data:
            return np.empty(0, np.int64)
        starts = np.concatenate(([0], self._breaks + 1))
        stops = np.concatenate((self._breaks, [len(self.data)]))
        lengths = stops - starts
        ends_in_return = np.flatnonzero(
            (lengths == 1) & (np.frombuffer(self.data + b" ", np.uint8)[starts] == ord("\r"))
        )
        return np.union1d(np.flatnonzero(lengths == 0), ends_in_return) + 1

    def without(self, numbers: list[int]) -> bytes:
        """Return the file with some lines made empty, so that the other lines keep their numbers."""
        lines = self.data.split(b"\n")
        for number in numbers:
            lines[number - 1] = b""
        return b"\n".join(lines)


@dataclass(frozen=True)
class CsvRows:
    """The well-formed rows: wanted columns as text, and each row's line number; and the lines that are not."""

    table: pa.Table
    lines: npt.NDArray[np.int64]
    malformed: dict[int, str]


def stretches(
    file: BinaryIO, encoding: str, delimiter: str | None, size: int = _STRETCH, *, is_open: bool = False
) -> Iterator[CsvText]:
    """Yield a file as UTF-8 in stretches of whole lines, so that a file may be larger than memory.

    Undecodable bytes become marks that no name and no number has. Where somebody still writes the file (`is_open`), a
    last line without its end is left out: half a number is a number, too.
    """
    codec = _codec(encoding)
    is_cuttable = "\n".encode(codec) == b"\n"
    text: CsvText | None = None
    while block := file.read(size) + file.readline() if is_cuttable else file.read():
        content = _as_utf8(block, codec)
        if not content.endswith(b"\n"):
            content = content[: content.rfind(b"\n") + 1] if is_open else content + b"\n"
        if content:
            text = _opened(content, delimiter) if text is None else text.continued(content)
            yield text
    if text is None:
        raise SourceShapeError("the file is empty")


def _codec(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as cause:
        raise SourceShapeError(f"encoding {encoding!r} is unknown; write utf-8, gbk or gb18030") from cause
    return "utf-8" if name == "utf-8-sig" else name


def _opened(content: bytes, delimiter: str | None) -> CsvText:
    """Return the first stretch of a file; the delimiter is looked for in the header where it is not declared."""
    content = content.removeprefix(codecs.BOM_UTF8)
    first = content[: content.find(b"\n")].decode().rstrip("\r")
    if not first.strip():
        raise SourceShapeError("the file has no header in its first line")
    used = delimiter or max(_DELIMITERS, key=first.count)
    try:
        header = next(csv.reader(io.StringIO(first), delimiter=used))
    except csv.Error as cause:
        raise SourceShapeError(f"the first line is no header of a CSV file ({cause})") from cause
    return CsvText(content, [name.strip() for name in header], used)


def _as_utf8(data: bytes, codec: str) -> bytes:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return data.decode(codec, errors="replace").encode()
    return data if codec == "utf-8" else text.encode()


def rows(text: CsvText, wanted: dict[str, int], coded: set[str]) -> CsvRows:
    """Read the wanted columns (name: its place in the header); those in `coded` have few distinct texts."""
    spoilt = dict.fromkeys(text.unclosed(), "a quotation mark is not closed on its line")
    spoilt |= dict.fromkeys(text.torn(), "a carriage return stands inside the line")
    malformed: dict[int, str] = {}

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        malformed[row.number] = f"{row.actual_columns} columns where the header has {row.expected_columns}"
        return "skip"

    places = {f"c{place}": name for name, place in wanted.items()}
    kinds = {
        place: pa.dictionary(pa.int32(), pa.string()) if name in coded else pa.string()
        for place, name in places.items()
    }
    table = arrow_csv.read_csv(
        pa.BufferReader(text.without(list(spoilt)) if spoilt else text.data),
        arrow_csv.ReadOptions(
            use_threads=False,  # row numbers exist only where one thread reads
            block_size=_BLOCK,
            column_names=[f"c{place}" for place in range(len(text.header))],
            skip_rows=1,
        ),
        arrow_csv.ParseOptions(
            delimiter=text.delimiter,
            quote_char='"' if b'"' in text.data else False,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        arrow_csv.ConvertOptions(column_types=kinds, include_columns=list(places), strings_can_be_null=False),
    )
    numbers = np.setdiff1d(np.arange(2, table.num_rows + len(malformed) + 2), list(malformed), assume_unique=True)
    aside = np.union1d(text.blank(), list(spoilt)).astype(np.int64)
    malformed = {number: why for number, why in malformed.items() if text.line(number + text.before).strip()}
    malformed |= spoilt
    table = table.rename_columns(list(places.values()))
    if len(aside):
        stays = ~np.isin(numbers, aside)
        table, numbers = table.filter(pa.array(stays)), numbers[stays]
    before = text.before
    return CsvRows(table, numbers + before, {number + before: why for number, why in malformed.items()})
