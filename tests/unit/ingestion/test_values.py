"""Values: every digit that was sent, or nothing."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import values


def _counts(column: pa.Array, decimals: int = 3, sentinels: tuple[str, ...] = ()) -> list[int | None]:
    return values.counts(pa.chunked_array([column]), decimals, sentinels).to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5", 1500),
        (" 2 ", 2000),
        ("-0.001", -1),
        ("1e3", 1_000_000),
        ("+3", 3000),
        ("", None),
        ("--", None),
        ("NaN", None),
        ("inf", None),
        ("1,5", None),
        ("#VALUE!", None),
        ("999999999999999", 999_999_999_999_999_000),
        ("1000000000000000", None),
        (None, None),
    ],
)
def test_texts(text: str | None, expected: int | None) -> None:
    assert _counts(pa.array([text], pa.string())) == [expected]


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=3))
def test_no_digit_of_a_text_is_lost(number: Decimal) -> None:
    assert _counts(pa.array([str(number)])) == [int(number * 1000)]


def test_numbers_of_every_type() -> None:
    assert _counts(pa.array([1.5, float("nan"), float("inf"), None, 1e16])) == [1500, None, None, None, None]
    assert _counts(pa.array([123.456], pa.float32())) == [123456]
    assert _counts(pa.array([7, None, -7], pa.int16())) == [7000, None, -7000]
    assert _counts(pa.array([2**63, 5], pa.uint64())) == [None, 5000]
    assert _counts(pa.array([True, False])) == [1000, 0]
    assert _counts(pa.array([Decimal("1.2345")])) == [1234]
    assert _counts(pa.array([Decimal("1.5")], pa.decimal256(50, 3))) == [1500]
    assert _counts(pa.array(["1", "x", "1"]).dictionary_encode()) == [1000, None, 1000]
    assert _counts(pa.array([], pa.string())) == []


def test_sentinels_are_no_values() -> None:
    assert _counts(pa.array(["65535", "-9999", "1"]), sentinels=("65535", "-9999", "--")) == [None, None, 1000]


def test_empty_cells_of_a_wide_table() -> None:
    texts = pa.chunked_array([["1", " ", None, ""]])
    assert list(values.is_missing(texts).to_pylist()) == [False, True, True, True]
    floats = pa.chunked_array([[1.0, float("nan"), None]])
    assert list(values.is_missing(floats).to_pylist()) == [False, True, True]
