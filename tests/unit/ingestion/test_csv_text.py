"""CSV: a malformed row costs itself and nothing else."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import csv_text
from lake.errors import SourceShapeError

HEADER = "point_id,reading_at,value"


def _rows(
    body: str, encoding: str = "utf-8", size: int = 1000
) -> tuple[list[dict[str, str]], list[int], dict[int, str]]:
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    malformed: dict[int, str] = {}
    for text in csv_text.stretches(io.BytesIO(body.encode(encoding)), encoding, None, size):
        found = csv_text.rows(text, {name: place for place, name in enumerate(text.header)}, {"point_id"})
        rows += found.table.to_pylist()
        lines += list(found.lines)
        malformed |= {line: text.line(line) for line in found.malformed}
    return rows, lines, malformed


def _first(data: bytes, encoding: str = "utf-8", delimiter: str | None = None) -> csv_text.CsvText:
    return next(csv_text.stretches(io.BytesIO(data), encoding, delimiter))


def test_rows_keep_their_line_numbers() -> None:
    rows, lines, malformed = _rows(f"{HEADER}\na,1,2\n\nb,3\nc,5,6\n,,\r\nd,7,8,9\ne,9,10")
    assert [row["point_id"] for row in rows] == ["a", "c", "", "e"]
    assert lines == [2, 5, 6, 8]
    assert sorted(malformed) == [4, 7]


@pytest.mark.parametrize("spoiled", ['b,"3,4', 'b",3,4', '"b,3,4'])
def test_an_open_quotation_mark_spoils_its_own_line_only(spoiled: str) -> None:
    rows, lines, malformed = _rows(f'{HEADER}\na,1,2\n{spoiled}\nc,5,6\nd,"7",8\n')
    assert [row["point_id"] for row in rows] == ["a", "c", "d"]
    assert rows[2]["reading_at"] == "7"
    assert lines == [2, 4, 5]
    assert list(malformed) == [3]


def test_a_quoted_delimiter_is_text() -> None:
    rows, _, malformed = _rows(f'{HEADER}\n"a,b",1,2\n')
    assert (rows[0]["point_id"], malformed) == ("a,b", {})


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    rows, _, _ = _rows("表计,时间,示数\n电表一,1,2\n", encoding)
    assert rows == [{"表计": "电表一", "时间": "1", "示数": "2"}]


def test_bytes_that_are_no_text_do_not_stop_the_file() -> None:
    text = _first(b"point_id,reading_at,value\na\xff,1,2\nb,3,4\n")
    found = csv_text.rows(text, {"point_id": 0}, set())
    assert found.table.column("point_id").to_pylist() == ["a\ufffd", "b"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows, _, _ = _rows(f"a{delimiter}b\n1{delimiter}2\n")
    assert rows == [{"a": "1", "b": "2"}]


def test_lines_are_given_back_as_received() -> None:
    text = _first(b"a,b\r\n1,2\r\n3,4", delimiter=",")
    assert text.lines([1, 2, 3]) == ["a,b", "1,2", "3,4"]


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(SourceShapeError, match="encoding 'gbkk'"):
        _first(b"", "gbkk")
    with pytest.raises(SourceShapeError, match="empty"):
        _first(b"", "gbk")
    with pytest.raises(SourceShapeError, match="no header"):
        _first(b"\r\na,b\n", "gbk")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
@given(size=st.integers(1, 60))
def test_where_a_file_is_cut_makes_no_difference(encoding: str, size: int) -> None:
    body = f'{HEADER}\n电表,1,2\n\nb,3\n"c",5,6\r\nd"x,7,8\n,,\ne,9,10'
    assert _rows(body, encoding, size) == _rows(body, encoding)
    assert [row["point_id"] for row in _rows(body, encoding, size)[0]] == ["电表", "c", "", "e"]
    assert _rows(body, encoding, size)[2] == {4: "b,3", 6: 'd"x,7,8'}


def test_a_header_alone_has_no_rows() -> None:
    assert _rows(HEADER) == ([], [], {})
    assert _rows(f"{HEADER}\n") == ([], [], {})


def test_a_carriage_return_inside_a_line_spoils_that_line_only() -> None:
    text = next(csv_text.stretches(io.BytesIO(b"point_id,value\r\na,1\r\nb,\r2\r\nc,3\r\n"), "utf-8", None))
    found = csv_text.rows(text, {"address": 0, "value": 1}, set())
    assert found.table.to_pydict() == {"address": ["a", "c"], "value": ["1", "3"]}
    assert found.lines.tolist() == [2, 4]
    assert found.malformed == {3: "a carriage return stands inside the line"}


def test_marks_that_pair_up_on_paper_only_do_not_swallow_the_lines_behind_them() -> None:
    text = next(csv_text.stretches(io.BytesIO(b'a,b\n1,2\nx"y,"z\np",q"\n"5"" rod",3"x4"\n"7",8\n'), "utf-8", None))
    found = csv_text.rows(text, {"a": 0, "b": 1}, set())
    assert found.table.to_pydict() == {"a": ["1", 'p"', '5" rod', "7"], "b": ["2", 'q"', '3"x4"', "8"]}
    assert found.lines.tolist() == [2, 4, 5, 6]
    assert found.malformed == {3: "a quotation mark is not closed on its line"}
