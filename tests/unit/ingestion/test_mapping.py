"""Mappings: the gateway dialects of the field, and what is not of the mapping's shape."""

import json
from typing import Any

import pytest

from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from lake.errors import SourceShapeError

FLAT = {"device": "$.device", "time": "$.ts", "values": "$.values"}


def _gather(mapping: dict[str, Any], text: str, topic: str = "") -> list[tuple[Any, ...]]:
    columns = Columns()
    JsonMapping(mapping).gather(0, Document(text, topic), columns)
    rows = columns.table().select(["address", "time", "value", "status"]).to_pylist()
    return [tuple(row.values()) for row in rows]


def test_flat_object() -> None:
    text = '{"device":"m01","ts":1700000000,"values":{"EP":123.40,"on":true,"gone":null}}'
    assert _gather(FLAT, text) == [
        ("m01/EP", "1700000000", "123.40", None),
        ("m01/on", "1700000000", "1", None),
        ("m01/gone", "1700000000", None, None),
    ]


def test_list_of_items_with_their_own_time_and_quality() -> None:
    mapping = {
        "records": "$.devs[*]",
        "device": "$.dev",
        "values": "$.d",
        "item": {"key": "m", "value": "v", "time": "ts", "quality": "dq"},
    }
    text = '{"devs":[{"dev":"m01","d":[{"m":"EP","v":"1.5","dq":1,"ts":"x"}]},{"dev":"m02","d":[]}]}'
    assert _gather(mapping, text) == [("m01/EP", "x", "1.5", "1")]


def _statuses(mapping: dict[str, Any], *words: Any) -> list[str | None]:
    compiled, columns = JsonMapping({"quality": "$.q", "values": "$.v", **mapping}), Columns()
    for number, word in enumerate(words):
        compiled.gather(number, Document(json.dumps({"v": 1, "q": word})), columns)
    found: list[str | None] = compiled.table(columns).column("status").to_pylist()
    return found


def test_the_words_of_a_sender_for_good_and_bad() -> None:
    assert _statuses({}, 1, "ok", None) == ["1", "ok", None]
    assert _statuses({"quality_good": [1, 192]}, 1, 192, 0, "bad", None, "stale") == [
        "good", "good", "bad_0", "bad", None, "bad_stale",
    ]  # fmt: skip
    assert _statuses({"quality_bad": [0, "stale"]}, 1, 0, "stale", 0) == ["1", "bad_0", "bad_stale", "bad_0"]
    assert _statuses({"quality_good": [1]}) == []


def test_members_that_are_objects() -> None:
    mapping = {"device": "topic/2", "values": "$.params", "item": {"value": "value", "time": "time"}}
    text = '{"params":{"EP":{"value":12.1,"time":1700000000000}}}'
    assert _gather(mapping, text, "/sys/m01/post") == [("m01/EP", "1700000000000", "12.1", None)]


def test_tags_with_one_value_each() -> None:
    mapping = {"records": "$.items[*]", "device": "$.tag", "time": "$.ts", "values": "$.value", "quality": "$.q"}
    text = '{"items":[{"tag":"T1","ts":"a","value":1,"q":"good"},{"tag":"T2","ts":"b","value":-2.50,"q":"bad"}]}'
    assert _gather(mapping, text) == [("T1", "a", "1", "good"), ("T2", "b", "-2.50", "bad")]


def test_lists_below_any_key() -> None:
    mapping = {"records": "$.*[*]", "time": "$.ts", "values": "$.values"}
    assert _gather(mapping, '{"dev":[{"ts":1,"values":{"k":1}}]}', "t") == [("t/k", "1", "1", None)]


def test_no_digit_is_lost() -> None:
    sent = "12345678901234567.123456789"
    assert _gather({"values": "$"}, f'{{"EP":{sent}}}')[0][2] == sent


def test_no_records_are_no_rows() -> None:
    assert _gather({"records": "$.items[*]", "values": "$.v"}, '{"items":[]}') == []


@pytest.mark.parametrize(
    "text",
    ['{"device": "m01", "values": {', "", "[]x", '{"device":"m01"}', '"text"', "\ufeff{}", "null", "[" * 100_000],
)
def test_what_is_not_of_the_shape_is_one_error_and_no_row(text: str) -> None:
    columns = Columns()
    with pytest.raises(DocumentError):
        JsonMapping(FLAT).gather(0, Document(text), columns)
    assert columns.table().num_rows == 0


def test_a_document_spoiled_in_the_middle_adds_nothing() -> None:
    columns = Columns()
    mapping = JsonMapping({"records": "$[*]", "values": "$.v"})
    with pytest.raises(DocumentError):
        mapping.gather(0, Document('[{"v":{"a":1}},{"w":2}]'), columns)
    assert columns.table().num_rows == 0


def test_values_that_are_no_scalars_are_kept_as_text() -> None:
    assert _gather({"values": "$.v"}, '{"v":{"a":{"b":1},"c":[1]}}') == [
        ("a", None, '{"b": "1"}', None), ("c", None, '["1"]', None),
    ]  # fmt: skip


def test_a_path_that_is_no_jsonpath_is_named() -> None:
    with pytest.raises(SourceShapeError, match="no JSONPath"):
        JsonMapping({"values": "$[?("})


def test_many_documents_know_where_each_row_came_from() -> None:
    columns, mapping = Columns(), JsonMapping(FLAT)
    for number in range(3):
        mapping.gather(number, Document(json.dumps({"device": "m", "ts": 1, "values": {"a": 1, "b": 2}})), columns)
    table = columns.table()
    assert table.column("document").to_pylist() == [0, 0, 1, 1, 2, 2]
    assert table.column("position").to_pylist() == list(range(6))


def test_what_json_has_no_word_for_stays_text() -> None:
    mapping, columns = JsonMapping({"device": "$.d", "values": "$.v"}), Columns()
    mapping.gather(0, Document('{"d": "g", "v": {"a": NaN, "b": -Infinity, "c": 1e400}}'), columns)
    assert columns.table().column("value").to_pylist() == ["NaN", "-Infinity", "1e400"]


@pytest.mark.parametrize(
    "text", ['{"device":"\\ud868","values":{"a":1}}', b'{"device":"\xed\xa1\xa8","values":{"a":1}}']
)
def test_half_a_character_is_no_json(text: str | bytes) -> None:
    columns = Columns()
    with pytest.raises(DocumentError, match="no JSON"):
        JsonMapping({"device": "$.device", "values": "$.values"}).gather(0, Document(text), columns)
    JsonMapping({"values": "$.v"}).gather(0, Document('{"v":{"\\ud83d\\ude00":1}}'), columns)
    assert columns.table().column("address").to_pylist() == ["\U0001f600"]
