"""Damaged tables: CSV files whose lines are hurt, and workbooks whose bytes or sheets are."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from ingestion import admit, csv_text, excel_table, shapes
from ingestion.portal import workbook
from ingestion.portal.kinds import kinds
from ingestion.portal.refusal import Refusal
from ingestion.source import Context
from lake.errors import SourceShapeError
from tests.fuzzing import mutated
from tests.unit.ingestion.made import context

AT = datetime(2026, 6, 1, tzinfo=UTC)
_LINES = 500
_HALF = Decimal("0.0000005")
_POINTS: dict[str, str | None] = {f"m{number}": f"表{number}" for number in range(5)}
_TIME = re.compile(
    r"\+?(\d+)\s*[-/]\s*(\d+)\s*[-/]\s*(\d+)\s*[T\s]\s*(\d+)\s*:\s*(\d+)\s*(?::\s*(\d+))?\s*(?:[.,]\s*(\d+))?\s*"
    r"(Z|z|[+-]\s*\d\d[:\s]*(?:\d\d)?)"
)
_NAMES = {address: point for point, address in _POINTS.items()}
_DIALECTS = (("utf-8", ",", "."), ("gbk", ";", ","), ("gb18030", "\t", "."))


def _lines(delimiter: str, mark: str) -> list[str]:
    texts = [f"{number * 37}.{number:02d}".replace(".", mark) for number in range(50)]
    return [
        delimiter.join((f"表{number % 5}", f"2026-01-{1 + number % 28:02d}T08:00:00+08:00", text, "good"))
        for number, text in enumerate(texts)
    ]


def csv_lines(count: int) -> int:
    """Read files of damaged lines; a row that is taken says what its line says, the lines beside it are safe."""
    accepted, number = 0, 0
    while number < count:
        encoding, delimiter, mark = _DIALECTS[number // _LINES % 3]
        good = [line.encode(encoding) for line in _lines(delimiter, mark)]
        hurt = list(mutated(good, min(_LINES, count - number), seed=number))
        number += len(hurt)
        body = b"".join(line + b"\n" + good[place % 50] + b"\n" for place, line in enumerate(hurt))
        header = delimiter.join(("point_id", "reading_at", "value", "status")).encode(encoding)
        settings = {"encoding": encoding, "delimiter": delimiter, "decimal_mark": mark}
        accepted += _read(header + b"\n" + body, context(Path(), settings, _POINTS), len(hurt))
    return accepted


def _read(content: bytes, source: Context, hurt: int) -> int:
    """Return how many lines were taken beside those that nobody had touched."""
    settings, taken, told = source.settings, 0, set[int]()
    for text in csv_text.stretches(io.BytesIO(content), settings["encoding"], settings["delimiter"]):
        shape = shapes.shape_of(text.header, source)
        found = csv_text.rows(text, shape.columns, {"address", "status"})
        rows = shapes.received(shape, found.table, found.lines)
        admitted = admit.admit(rows, source.points, source.rules(shape.clock), AT, text.lines)
        told |= {*found.malformed, *admitted.refused["position"].to_pylist()}
        for row in admitted.readings.to_pylist():
            _check(row, text.line(row["position"]), settings["delimiter"], settings["decimal_mark"])
            told.add(row["position"])
            taken += 1
        assert told >= {line for line in range(2, text.data.count(b"\n") + 1) if text.line(line).strip()}
    assert taken >= hurt  # every second line was good, and stays so
    return taken - hurt


def _check(row: dict[str, object], line: str, delimiter: str, mark: str) -> None:
    """A reading is what its line says, read by somebody else: it has no check sum, a turned digit is a digit."""
    address, at, text, *_ = next(csv.reader([line], delimiter=delimiter))
    assert _NAMES[address.strip()] == row["point_id"]
    assert _instant(at.strip()) == row["reading_at"]
    plain = text.strip().replace(".", "").replace(",", ".") if mark == "," else text.strip()
    assert abs(Decimal(plain) - Decimal(str(row["value"]))) <= _HALF  # of the six places that a source keeps


def _instant(text: str) -> datetime:
    """Read a time number by number: one that lost a leading digit is a time, too."""
    found = _TIME.fullmatch(text)
    assert found is not None, repr(text)
    *parts, fraction, zone = found.groups()
    numbers = [int(part or 0) for part in parts]
    micros = int((fraction or "0").ljust(6, "0")[:6])
    digits = re.sub(r"\D", "", zone).ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    *minute, second = numbers
    at = datetime(*minute, tzinfo=UTC) + timedelta(seconds=second, microseconds=micros)  # type: ignore[misc]
    return at + shift if zone[0] == "-" else at - shift


def _book() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["month", "organization_id", "point_id", "value"])
    for number in range(20):
        sheet.append([f"2026-{1 + number % 12:02d}", "works", f"p{number}", number * 1.5])
    book.save(out)
    return out.getvalue()


def _books(count: int) -> Iterator[bytes]:
    """Yield workbooks with damaged bytes, and workbooks that are whole around a damaged part."""
    good = _book()
    with zipfile.ZipFile(io.BytesIO(good)) as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    hurt = {name: mutated([content], count, seed=place) for place, (name, content) in enumerate(contents.items())}
    names, whole = sorted(contents), mutated([good], count)
    for number in range(count):
        if number % 2:
            yield next(whole)
            continue
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for name, content in contents.items():
                packed.writestr(name, next(hurt[name]) if name == names[number // 2 % len(names)] else content)
        yield out.getvalue()


def workbooks(count: int, folder: Path) -> int:
    """Open workbooks as a dropped file and as an upload; one that cannot be read is refused in a sentence."""
    accepted, file = 0, folder / "dropped"
    for book in _books(count):
        file.write_bytes(book)
        try:
            header, table, numbers = excel_table.header_and_rows(file, None, 1)
            assert table.num_columns == len(header)
            assert table.num_rows == len(numbers) <= 2000
            accepted += 1
        except SourceShapeError:
            pass
        try:
            filled = workbook.read(book, kinds()["production"])
            assert len(filled.rows) == len(filled.lines)
        except Refusal:
            pass
    return accepted
