"""CSV: a malformed row costs itself and nothing else."""

import pytest

from ingestion import csv_text
from lake.errors import SourceShapeError

HEADER = "point_id,reading_at,value"


def _rows(body: str, encoding: str = "utf-8") -> tuple[list[dict[str, str]], list[int], dict[int, str]]:
    text = csv_text.decode(body.encode(encoding), encoding, None)
    found = csv_text.rows(text, {name: place for place, name in enumerate(text.header)}, {"point_id"})
    return found.table.to_pylist(), list(found.lines), found.malformed


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
    text = csv_text.decode(b"point_id,reading_at,value\na\xff,1,2\nb,3,4\n", "utf-8", None)
    found = csv_text.rows(text, {"point_id": 0}, set())
    assert found.table.column("point_id").to_pylist() == ["a\ufffd", "b"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows, _, _ = _rows(f"a{delimiter}b\n1{delimiter}2\n")
    assert rows == [{"a": "1", "b": "2"}]


def test_lines_are_given_back_as_received() -> None:
    text = csv_text.decode(b"a,b\r\n1,2\r\n3,4", "utf-8", ",")
    assert text.lines([1, 2, 3]) == ["a,b", "1,2", "3,4"]


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(SourceShapeError, match="encoding 'gbkk'"):
        csv_text.decode(b"", "gbkk", None)
    with pytest.raises(SourceShapeError, match="empty"):
        csv_text.decode(b"\r\n", "gbk", None)


def test_a_header_alone_has_no_rows() -> None:
    assert _rows(HEADER) == ([], [], {})
    assert _rows(f"{HEADER}\n") == ([], [], {})
