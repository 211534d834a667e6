"""Admission: good rows go on, each other one is refused with its own reason."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ingestion import admit, points
from ingestion.admit import Rules
from ingestion.time import Clock
from lake.schemas import REFUSED
from tests.unit.ingestion.made import context, points_table

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
POINTS = points.of_source(points_table({"p": "a/1", "q": None}, size="100"), "meter")
GOOD = ("a/1", "2026-01-01T00:00:00Z", "5")


def _admit(rows: list[tuple[str | None, str | None, str | None]], rules: Rules | None = None) -> admit.Admitted:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    table = pa.table(
        {
            "position": pa.array(range(len(rows)), pa.int64()),
            **{
                name: pa.array(column, pa.string())
                for name, column in zip(("address", "time", "value"), columns, strict=True)
            },
        }
    )
    return admit.admit(table, POINTS, rules or Rules(3), NOW, lambda places: [repr(rows[place]) for place in places])


def _codes(admitted: admit.Admitted) -> list[str]:
    return admitted.refused.column("reason_code").to_pylist()


def test_a_good_row_becomes_a_reading() -> None:
    admitted = _admit([GOOD])
    assert admitted.refused.num_rows == 0
    row = admitted.readings.to_pylist()[0]
    assert (row["point_id"], str(row["value"]), row["unit"], row["status"], row["known_at"], row["position"]) == (
        "p", "5.000", "kWh", "good", None, 0,
    )  # fmt: skip
    assert row["reading_at"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_every_reason_stands_beside_good_rows() -> None:
    bad = {
        "unknown_point": ("a/9", GOOD[1], "5"),
        "bad_time": ("a/1", "2026-13-01T00:00:00Z", "5"),
        "bad_value": ("a/1", GOOD[1], "five"),
        "future_time": ("a/1", "2026-01-01T12:10:01Z", "5"),
        "register_out_of_range": ("a/1", GOOD[1], "100"),
    }
    rows = [row for refused in bad.values() for row in (GOOD, refused)]
    admitted = _admit(rows)
    assert _codes(admitted) == list(bad)
    assert admitted.readings.column("position").to_pylist() == [0, 2, 4, 6, 8]
    for row, given_row in zip(admitted.refused.to_pylist(), bad.values(), strict=True):
        assert row["payload"] == repr(given_row)
        assert rows[row["position"]] == given_row
        assert len(row["reason"]) > 10
    assert admitted.refused.schema == REFUSED


def test_ten_minutes_of_clock_error_are_allowed() -> None:
    assert _codes(_admit([("a/1", "2026-01-01T12:10:00Z", "5")])) == []


def test_a_negative_register_is_out_of_range_and_its_last_count_is_not() -> None:
    assert _codes(_admit([("q", GOOD[1], "-0.001"), ("q", GOOD[1], "99.999"), ("q", GOOD[1], "0")])) == [
        "register_out_of_range"
    ]


def test_missing_cells_are_refused_each_for_its_reason() -> None:
    assert _codes(_admit([(None, GOOD[1], "5"), ("a/1", None, "5"), ("a/1", GOOD[1], None)])) == [
        "unknown_point", "bad_time", "bad_value",
    ]  # fmt: skip


def test_no_rows_are_no_rows() -> None:
    admitted = _admit([])
    assert (admitted.readings.num_rows, admitted.refused.num_rows) == (0, 0)


def test_typed_columns_pass_too() -> None:
    table = pa.table(
        {
            "position": [1, 2],
            "address": pa.array(["a/1", "q"]).dictionary_encode(),
            "time": pa.array([datetime(2026, 1, 1, 8), datetime(2026, 1, 1, 9)], pa.timestamp("ns")),  # noqa: DTZ001
            "value": [1.5, 2.5],
            "status": ["stale", None],
            "known": pa.array([datetime(2026, 1, 1, 3, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        }
    )
    admitted = admit.admit(table, POINTS, Rules(2, Clock("Asia/Shanghai")), NOW, lambda places: ["" for _ in places])
    rows = admitted.readings.to_pylist()
    assert [(row["point_id"], str(row["value"]), row["status"]) for row in rows] == [
        ("p", "1.50", "stale"), ("q", "2.50", "good"),
    ]  # fmt: skip
    assert rows[0]["reading_at"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert [row["known_at"] for row in rows] == [datetime(2026, 1, 1, 3, tzinfo=UTC), None]
    refused = admit.admit(table, POINTS, Rules(2), NOW, lambda places: ["" for _ in places]).refused
    assert refused.column("reason_code").to_pylist() == ["bad_time", "bad_time"]


def test_one_address_may_be_two_points() -> None:
    both = points.of_source(points_table({"p": "a/1", "again": "a/1"}), "meter")
    table = pa.table({"position": [0], "address": ["a/1"], "time": [GOOD[1]], "value": ["5"]})
    admitted = admit.admit(table, both, Rules(3), NOW, lambda places: ["" for _ in places])
    assert admitted.readings.column("point_id").to_pylist() == ["p", "again"]


def test_files_may_name_any_point_of_the_site(tmp_path: Path) -> None:
    table = pa.concat_tables([points_table({"mine": "x"}), points_table({"theirs": "y"}, source="other")])
    found = points.of_source(table, "meter", by_id=True)
    assert found.addresses() == ["x", "theirs"]
    assert points.of_source(table, "meter").addresses() == ["x"]
    one, two = context(tmp_path, {}, {"p": "x"}), context(tmp_path, {}, {"p": "y"})
    assert one.fingerprint() != two.fingerprint()


ADDRESS = st.sampled_from(["a/1", "q", "nobody", ""])
TIME = st.sampled_from([GOOD[1], "2026-01-01T00:15:00+08:00", "2026-01-01 00:00", "2031-01-01T00:00:00Z", "never"])
VALUE = st.sampled_from(["5", "99.9995", "-1", "1e9", "x", ""])


@given(st.lists(st.tuples(ADDRESS, TIME, VALUE), max_size=12), st.data())
def test_every_row_is_admitted_or_refused_alone(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    admitted = _admit(list(rows))
    assert admitted.readings.num_rows + admitted.refused.num_rows == len(rows)
    verdicts = dict(zip(admitted.refused.column("position").to_pylist(), _codes(admitted), strict=True))
    for place, row in enumerate(rows):
        alone = _codes(_admit([row]))
        assert alone == ([verdicts[place]] if place in verdicts else [])


def test_nothing_is_known_before_it_is_read_or_after_it_arrived() -> None:
    rows = pa.table(
        {
            "position": [0, 1, 2, 3],
            "address": ["a/1"] * 4,
            "time": ["2026-01-01T08:00:00Z"] * 4,
            "value": ["5"] * 4,
            "known": ["2026-01-01T07:51:00Z", "2026-01-01T07:49:00Z", "2026-01-01T12:09:00Z", "2226-01-01T12:00:00Z"],
        }
    )
    admitted = admit.admit(rows, POINTS, Rules(3), NOW, lambda places: [str(place) for place in places])
    assert admitted.readings.column("position").to_pylist() == [0, 2]
    assert _codes(admitted) == ["future_time", "future_time"]
    early, late = admitted.refused.column("reason").to_pylist()
    assert "after its own known_at" in early
    assert "known_at 2226" in late
