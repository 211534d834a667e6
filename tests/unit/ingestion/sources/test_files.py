"""Files: long and wide, CSV and Parquet, new, changed and unreadable."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from ingestion import csv_text
from ingestion.pull import pull
from ingestion.sources import files
from lake.store import Lake
from tests.unit.ingestion.made import points_table, site

LONG = "point_id,reading_at,value\n"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def _pull(lake: Lake, folder: Path, points: dict[str, str | None], **settings: Any) -> Any:
    given = {"kind": "files", "path": "in/*", "decimals": 2, **settings}
    return pull(lake, site(folder, {"meter": given}, points_table(points)))


def _drop(folder: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding=encoding)
    os.utime(path, (1_700_000_000, 1_700_000_000))  # nobody writes it any more
    return path


def _raw(lake: Lake) -> list[tuple[str, str, str]]:
    table = lake.delta("raw", "meter__reading").to_pyarrow_table(
        columns=["point_id", "reading_at", "value", "known_at"]
    )
    rows = sorted(
        table.to_pylist(), key=lambda row: tuple(row[name] for name in ("point_id", "reading_at", "known_at"))
    )
    return [(row["point_id"], f"{row['reading_at']:%Y-%m-%dT%H:%M}", str(row["value"])) for row in rows]


def _reasons(lake: Lake) -> dict[str, str]:
    rows = lake.delta("quarantine", "meter__reading").to_pyarrow_table().to_pylist()
    return {row["reason_code"]: row["payload"] for row in rows}


def test_good_rows_land_beside_every_kind_of_bad_one(lake: Lake, tmp_path: Path) -> None:
    _drop(
        tmp_path,
        "a.csv",
        LONG + "p,2026-01-01T00:00:00Z,1.5\np,2026-01-01T00:15:00Z\nx,2026-01-01T00:15:00Z,1\n"
        "p,later,1\np,2026-01-01T00:30:00Z,n/a\np,2126-01-01T00:30:00Z,1\np,2026-01-01T00:45:00Z,2.5\n",
    )
    pulled = _pull(lake, tmp_path, {"p": None})
    assert [(landed.rows_read, landed.rows_landed, landed.rows_refused) for landed in pulled] == [(7, 2, 5)]
    assert _raw(lake) == [("p", "2026-01-01T00:00", "1.50"), ("p", "2026-01-01T00:45", "2.50")]
    assert _reasons(lake) == {
        "bad_row": "p,2026-01-01T00:15:00Z",
        "unknown_point": "x,2026-01-01T00:15:00Z,1",
        "bad_time": "p,later,1",
        "bad_value": "p,2026-01-01T00:30:00Z,n/a",
        "future_time": "p,2126-01-01T00:30:00Z,1",
    }
    assert pulled[0].reasons == dict.fromkeys(sorted(_reasons(lake)), 1)


def test_an_unchanged_file_is_not_opened_again(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _drop(tmp_path, "a.csv", LONG + "p,2026-01-01T00:00:00Z,1\n")
    assert len(_pull(lake, tmp_path, {"p": None})) == 1
    monkeypatch.setattr(Lake, "keep", lambda *_: pytest.fail("the file was opened"))
    assert list(_pull(lake, tmp_path, {"p": None})) == []
    monkeypatch.undo()
    os.utime(path, (1, 1))
    touched = _pull(lake, tmp_path, {"p": None})
    assert [(landed.rows_landed, landed.rows_repeated) for landed in touched] == [(0, 1)]


def test_a_file_that_grew_adds_what_is_new(lake: Lake, tmp_path: Path) -> None:
    _drop(tmp_path, "a.csv", LONG + "p,2026-01-01T00:00:00Z,1\n")
    _pull(lake, tmp_path, {"p": None})
    _drop(tmp_path, "a.csv", LONG + "p,2026-01-01T00:00:00Z,1\np,2026-01-01T00:15:00Z,2\n")
    assert [(one.rows_landed, one.rows_repeated) for one in _pull(lake, tmp_path, {"p": None})] == [(1, 1)]


def test_a_mended_mapping_reads_again_and_keeps_knowledge_times(lake: Lake, tmp_path: Path) -> None:
    _drop(tmp_path, "1.csv", LONG + "p,2026-01-01T00:00:00Z,1\nq,2026-01-01T00:00:00Z,7\n")
    _pull(lake, tmp_path, {"p": None})
    _drop(tmp_path, "2.csv", LONG + "p,2026-01-01T00:00:00Z,2\n")
    _pull(lake, tmp_path, {"p": None})
    again = _pull(lake, tmp_path, {"p": None, "q": None})
    assert [(one.rows_landed, one.rows_repeated, one.rows_refused) for one in again] == [(1, 1, 0), (0, 1, 0)]
    assert _raw(lake) == [
        ("p", "2026-01-01T00:00", "1.00"), ("p", "2026-01-01T00:00", "2.00"), ("q", "2026-01-01T00:00", "7.00"),
    ]  # fmt: skip


def test_wide_files_match_columns_tolerantly(lake: Lake, tmp_path: Path) -> None:
    mapping = {
        "shape": "wide",
        "time": {"column": "Time Stamp", "format": "%d/%m/%Y %H:%M", "midnight": "next_day"},
        "values": "from points.address",
    }
    _drop(
        tmp_path,
        "a.csv",
        "\ufefftime.stamp,USAGE kwh,Other\n01/01/2026 0:15,1.5,x\n01/01/2026 0:30,,x\n"
        "01/01/2026 0:00,2.5,x\nnever,3,x\n",
    )
    pulled = _pull(lake, tmp_path, {"p": "Usage_kWh", "q": "absent"}, mapping=mapping, timezone="Asia/Shanghai")
    assert [(one.rows_landed, one.rows_refused) for one in pulled] == [(2, 1)]
    assert _raw(lake) == [("p", "2025-12-31T16:15", "1.50"), ("p", "2026-01-01T16:00", "2.50")]
    assert _reasons(lake) == {"bad_time": "never,3,x"}


def test_start_labels_become_ends(lake: Lake, tmp_path: Path) -> None:
    mapping = {"shape": "wide", "time": {"column": "t", "label": "start"}}
    _drop(tmp_path, "a.csv", "t;p\n2026-01-01T00:00:00Z;1\n")
    _pull(lake, tmp_path, {"p": None}, mapping=mapping)
    assert _raw(lake) == [("p", "2026-01-01T00:15", "1.00")]


def test_named_columns_and_an_older_encoding(lake: Lake, tmp_path: Path) -> None:
    mapping = {"columns": {"address": "表计", "time": "采集时间", "value": "示数"}}
    _drop(tmp_path, "a.csv", "采集时间,表计,示数,备注\n2026/1/1 8:00,一号电表,12.34,好\n", "gbk")
    _pull(lake, tmp_path, {"p": "一号电表"}, mapping=mapping, encoding="gbk", timezone="Asia/Shanghai")
    assert _raw(lake) == [("p", "2026-01-01T00:00", "12.34")]


def test_parquet_long_and_wide(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    at = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 15, tzinfo=UTC)]
    pq.write_table(
        pa.table({"point_id": ["p", "x"], "reading_at": at, "value": [1.25, 2.0]}), tmp_path / "in/a.parquet"
    )
    assert [(one.rows_landed, one.rows_refused) for one in _pull(lake, tmp_path, {"p": None})] == [(1, 1)]
    assert '"point_id": "x"' in _reasons(lake)["unknown_point"]
    (tmp_path / "in/a.parquet").unlink()
    pq.write_table(pa.table({"reading_at": at, "p": [None, 3.5]}), tmp_path / "in/b.parquet")
    _pull(lake, tmp_path, {"p": None}, mapping={"shape": "wide"})
    assert _raw(lake) == [("p", "2026-01-01T00:00", "1.25"), ("p", "2026-01-01T00:15", "3.50")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", "no parquet"),
        ("a.csv", ""),
        ("a.csv", "time,amount\n1,2\n"),
        ("a.csv", "point_id,reading_at,value\rp,2026-01-01T00:00:00Z,1\r"),
        ("a.csv", "point_id,reading_at,value,Value\np,2026-01-01T00:00:00Z,1,2\n"),
        ("a.csv_old-1", "no table"),
    ],
)
def test_an_unreadable_file_is_one_refused_row_and_others_go_on(
    lake: Lake, tmp_path: Path, name: str, content: str
) -> None:
    _drop(tmp_path, name, content)
    _drop(tmp_path, "z.csv", LONG + "p,2026-01-01T00:00:00Z,1\n")
    pulled = _pull(lake, tmp_path, {"p": None})
    assert [(one.rows_landed, dict(one.reasons)) for one in pulled] == [(0, {"bad_payload": 1}), (1, {})]
    assert list(_pull(lake, tmp_path, {"p": None})) == []


def test_parquet_that_no_reader_takes_is_one_refused_row(lake: Lake, tmp_path: Path) -> None:
    at = pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 1000)
    value = pa.array(range(1000), pa.float64())
    (tmp_path / "in").mkdir()
    for name, columns in {
        "damaged": {"point_id": ["p"] * 1000, "reading_at": at, "value": value},
    }.items():
        pq.write_table(pa.table(columns), tmp_path / f"in/{name}.parquet")
    damaged = bytearray((tmp_path / "in/damaged.parquet").read_bytes())
    damaged[50:2000] = bytes(byte ^ 0x5A for byte in damaged[50:2000])
    (tmp_path / "in/damaged.parquet").write_bytes(damaged)
    twice = pa.Table.from_arrays([pa.array(["p"]), at[:1], value[:1], value[:1]], [*LONG.strip().split(","), "value"])
    pq.write_table(twice, tmp_path / "in/twice.parquet")
    _drop(tmp_path, "z.csv", LONG + "p,2026-01-01T00:00:00Z,1\n")
    pulled = _pull(lake, tmp_path, {"p": None}, timezone="Asia/Shanghai")
    assert [(one.rows_landed, one.rows_refused) for one in pulled] == [(0, 1), (0, 1), (1, 0)]


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_time_beyond_every_calendar_is_one_refused_row(
    lake: Lake, tmp_path: Path, unit: str, zone: str | None
) -> None:
    good = 1_767_225_600 * {"ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    at = pa.array([good, 2**62, -(2**62), 2**63 - 1], pa.int64()).cast(pa.timestamp(unit, zone))
    (tmp_path / "in").mkdir()
    table = pa.table({"point_id": ["p"] * 4, "reading_at": at, "value": [1.0, 2.0, 3.0, float("inf")]})
    pq.write_table(table, tmp_path / "in/a.parquet")
    pulled = _pull(lake, tmp_path, {"p": None}, timezone="Asia/Shanghai")
    assert [(one.rows_landed, one.rows_refused) for one in pulled] == [(1, 3)]
    for row in lake.delta("quarantine", "meter__reading").to_pyarrow_table().to_pylist():
        json.loads(row["payload"], parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_half_a_last_line_waits_for_its_end(lake: Lake, tmp_path: Path) -> None:
    begun = LONG + "p,2026-01-01T00:00:00Z,1\np,2026-01-01T00:15:00Z,12"
    path = _drop(tmp_path, "a.csv", "point_id,read")
    os.utime(path)
    assert _pull(lake, tmp_path, {"p": None}) == []
    path.write_text(begun, encoding="utf-8")
    assert [(one.rows_landed, one.rows_refused) for one in _pull(lake, tmp_path, {"p": None})] == [(1, 0)]
    path.write_text(begun + "3\n", encoding="utf-8")
    assert [(one.rows_landed, one.rows_repeated) for one in _pull(lake, tmp_path, {"p": None})] == [(1, 1)]
    assert [row[2] for row in _raw(lake)] == ["1.00", "123.00"]
    path.write_text(begun + "3\np,2026-01-01T00:30:00Z,124", encoding="utf-8")
    os.utime(path, (1, 1))
    assert [one.rows_landed for one in _pull(lake, tmp_path, {"p": None})] == [1]


def test_a_knowledge_time_that_is_none_is_refused_and_an_empty_one_is_the_landing(lake: Lake, tmp_path: Path) -> None:
    head, at = LONG.strip() + ",known_at\n", "2026-01-01T00:00:00Z"
    rows = [f"p,{at},1,2026-01-02", f"p,{at},2,soon", f"p,{at},3,", f"p,{at},4,2026-01-02T00:00:00Z", f"p,{at},5, "]
    _drop(tmp_path, "a.csv", head + "\n".join([*rows, ""]))
    pulled = _pull(lake, tmp_path, {"p": None})
    assert [(one.rows_landed, dict(one.reasons)) for one in pulled] == [(3, {"bad_time": 2})]
    assert _raw(lake)[0][2] == "4.00"


def test_a_file_that_may_not_be_read_is_named_and_others_go_on(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.csv", "z.csv"):
        _drop(tmp_path, name, LONG + "p,2026-01-01T00:00:00Z,1\n")
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "a.csv")
    pulled = _pull(lake, tmp_path, {"p": None})
    assert [one.origin for one in pulled] == ["z.csv"]
    assert "no right to read a.csv" in pulled.away["meter"]


def test_files_larger_than_a_stretch_land_at_once(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_ROWS", 3)
    monkeypatch.setattr(csv_text.stretches, "__defaults__", (40,))
    at = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(10)]
    rows = [f"{name},{moment.isoformat()},{moment.hour}\n" for moment in at for name in ("p", "x")]
    _drop(tmp_path, "a.csv", LONG + "".join(rows))
    pq.write_table(
        pa.table({"point_id": ["p", "y"] * 5, "reading_at": at, "value": [-1.0 - hour for hour in range(10)]}),
        tmp_path / "in/b.parquet",
    )
    pulled = _pull(lake, tmp_path, {"p": None})
    assert [(one.rows_read, one.rows_landed, one.rows_refused) for one in pulled] == [(20, 10, 10), (10, 5, 5)]
    refused = lake.delta("quarantine", "meter__reading").to_pyarrow_table().sort_by("position").to_pylist()
    told = {row["position"]: row["payload"] for row in refused if row["batch_id"] == pulled[0].batch_id}
    assert told == {2 * hour + 3: rows[2 * hour + 1].rstrip() for hour in range(10)}
    told = {row["position"]: row["payload"] for row in refused if row["batch_id"] == pulled[1].batch_id}
    assert [json.loads(text)["value"] for _, text in sorted(told.items())] == [-2, -4, -6, -8, -10]


def test_a_file_that_breaks_off_keeps_what_was_read(lake: Lake, tmp_path: Path) -> None:
    _drop(tmp_path, "a.csv", LONG + "p,2026-01-01T00:00:00Z,1\np,2026-01-01T00:1")
    pulled = _pull(lake, tmp_path, {"p": None})
    assert [(one.rows_landed, dict(one.reasons)) for one in pulled] == [(1, {"bad_row": 1})]


def test_a_missing_folder_is_away_and_others_go_on(lake: Lake, tmp_path: Path) -> None:
    _drop(tmp_path, "z.csv", LONG + "p,2026-01-01T00:00:00Z,1\n")
    sources = {
        "gone": {"kind": "files", "path": "nowhere/*.csv"},
        "meter": {"kind": "files", "path": "in/*.csv"},
        "live": {"kind": "mqtt"},
    }
    pulled = pull(lake, site(tmp_path, sources, points_table({"p": None})))
    assert "there is no folder" in pulled.away["gone"]
    assert [landed.source for landed in pulled] == ["meter"]


def test_the_sender_may_give_status_and_knowledge_time(lake: Lake, tmp_path: Path) -> None:
    _drop(
        tmp_path,
        "a.csv",
        "point_id,reading_at,value,status,known_at\np,2026-01-01T00:00:00Z,1,estimated,2026-01-02T00:00:00Z\n",
    )
    _pull(lake, tmp_path, {"p": None})
    row = lake.delta("raw", "meter__reading").to_pyarrow_table().to_pylist()[0]
    assert (row["status"], row["known_at"], row["position"]) == ("estimated", datetime(2026, 1, 2, tzinfo=UTC), 2)


def _workbook(folder: Path, rows: list[list[Any]]) -> None:
    book = Workbook()
    page = book.create_sheet("示数")
    for row in rows:
        page.append(row)
    (folder / "in").mkdir()
    book.save(folder / "in/meters.xlsx")


def test_an_excel_sheet_with_its_faults_named_by_row(lake: Lake, tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - a wall clock, as people type it
    _workbook(
        tmp_path,
        [
            ["某某公司抄表记录"],
            ["采集时间", "表计", "示数"],
            [at, "一号电表", 12.34],
            ["2026/1/1 9:00", "一号电表", "13.5"],
            [],
            [at, "一号电表", "#DIV/0!"],
            [at, "无此表", 1],
        ],
    )
    columns = {"address": "表计", "time": "采集时间", "value": "示数"}
    mapping = {"sheet": "示数", "header_row": 2, "columns": columns}
    (landed,) = _pull(lake, tmp_path, {"p": "一号电表"}, mapping=mapping, timezone="Asia/Shanghai")
    assert _raw(lake) == [("p", "2026-01-01T00:00", "12.34"), ("p", "2026-01-01T01:00", "13.50")]
    assert dict(landed.reasons) == {"bad_value": 1, "unknown_point": 1}
    rows = lake.delta("quarantine", "meter__reading").to_pyarrow_table().to_pylist()
    assert {(row["position"], row["reason_code"]) for row in rows} == {(6, "bad_value"), (7, "unknown_point")}


def test_a_workbook_that_is_none_or_has_no_such_sheet_is_refused(lake: Lake, tmp_path: Path) -> None:
    _workbook(tmp_path, [["point_id", "reading_at", "value"]])
    _drop(tmp_path, "b.xlsx", "no workbook")
    _pull(lake, tmp_path, {"p": None}, mapping={"sheet": "另一"})
    rows = lake.delta("quarantine", "meter__reading").to_pyarrow_table().to_pylist()
    told = sorted(row["reason"] for row in rows)
    assert "b.xlsx: no Excel workbook" in told[0]
    assert "meters.xlsx: no sheet '另一'; it has Sheet, 示数" in told[1]


def test_a_comma_before_the_decimals(lake: Lake, tmp_path: Path) -> None:
    texts = ("1.234,5", "0,25", "-12", "12.34", "1,2,3", "1.23.456")
    rows = "".join(f"p;2026-01-01T00:0{number}:00Z;{text}\n" for number, text in enumerate(texts))
    _drop(tmp_path, "a.csv", LONG.replace(",", ";") + rows)
    (landed,) = _pull(lake, tmp_path, {"p": None}, decimal_mark=",")
    assert [value for _, _, value in _raw(lake)] == ["1234.50", "0.25", "-12.00"]
    assert dict(landed.reasons) == {"bad_value": 3}
