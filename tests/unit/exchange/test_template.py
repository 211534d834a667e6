"""From rows to the body of a message."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from exchange.template import as_json, filled
from lake.errors import UplinkError

ROWS = [
    {"unit": "works", "month": date(2026, 1, 1), "value": Decimal("12345678901.123456"), "code": "a", "gone": None},
    {"unit": "works", "month": date(2026, 1, 1), "value": Decimal("-0.10"), "code": '"b"\x00', "gone": None},
]


def test_values_keep_their_kind_and_their_digits() -> None:
    template = {
        "u": "{unit}",
        "m": "{month:%Y%m}",
        "d": "{month}",
        "v": "{value}",
        "n": "{gone}",
        "t": "x {value} {gone}",
    }
    text = as_json(filled(template, ROWS))
    assert '"v": 12345678901.123456' in text
    assert json.loads(text) == {
        "u": "works",
        "m": "202601",
        "d": "2026-01-01",
        "v": 12345678901.123456,
        "n": None,
        "t": "x 12345678901.123456 ",
    }


def test_each_row_is_repeated_and_what_is_no_placeholder_stays() -> None:
    template = {"fixed": [1, True, None, "{}"], "rows": ["head", {"$each": {"c": "{code}", "v": "{value:.1f}"}}]}
    assert json.loads(as_json(filled(template, ROWS))) == {
        "fixed": [1, True, None, "{}"],
        "rows": ["head", {"c": "a", "v": "12345678901.1"}, {"c": '"b"\x00', "v": "-0.1"}],
    }


def test_times_are_told_with_their_zone() -> None:
    row = {"at": datetime(2026, 1, 1, 8, 15, tzinfo=UTC)}
    assert as_json(filled({"at": "{at}"}, [row])) == '{"at": "2026-01-01T08:15:00+00:00"}'


@pytest.mark.parametrize("template", ["{nothing}", "{value:%Y}"])
def test_what_the_query_does_not_give_is_one_sentence(template: str) -> None:
    with pytest.raises(UplinkError):
        filled({"x": template}, ROWS)
