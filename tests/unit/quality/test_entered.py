"""Doubts of entered sheets are findings with the state that people gave them."""

from datetime import UTC, date, datetime

import pyarrow as pa

from lake.review_doubts import DOUBT
from quality import findings
from quality.detectors import entered
from tests.unit.quality import lake_views

FOUND, CLOSED, LATER = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))


def doubt(name: str, **other: object) -> dict[str, object]:
    known = {
        "entry_id": "e",
        "version": 1,
        "doubt_id": name,
        "rule_id": "high",
        "entity": "finance",
        "organization_id": "mill",
        "month": date(2025, 1, 1),
        "line": 1,
        "subject": "output_value",
        "message_zh": "超出合理范围",
        "message_en": "is outside",
        "state": "open",
        "assigned_to": "li",
        "told_at": FOUND,
    }
    return {**known, **other}


def rows(doubts: list[dict[str, object]], earlier: pa.Table | None, at: datetime) -> pa.Table:
    connection = lake_views.connection()
    connection.register("given", pa.Table.from_pylist(doubts, DOUBT))
    connection.execute("create table ref.review_doubts as select * from given")
    return findings.rows(connection, list(entered.detect(connection)), earlier, "run", at)


def test_a_doubt_is_open_with_its_person_until_somebody_closes_it_with_a_reason():
    first = rows([doubt("a"), doubt("b")], None, FOUND)
    assert [(row["state"], row["owner"], row["closing_reason"]) for row in first.to_pylist()] == [
        ("open", "li", None),
        ("open", "li", None),
    ]
    closed = {"state": "closed", "closed_by": "shen", "closed_at": CLOSED, "reason": "a yearly contract"}
    later = rows([doubt("a", **closed), doubt("b", assigned_to="shen")], first, LATER).to_pylist()
    told = [(row["state"], row["closed_by"], row["closed_at"], row["closing_reason"]) for row in later]
    assert told == [("closed", "shen", CLOSED, "a yearly contract"), ("open", None, None, None)]
    assert [row["owner"] for row in later] == ["li", "shen"]
    assert {row["first_seen_at"] for row in later} == {FOUND}
    assert {row["organization_id"] for row in later} == {"mill"}


def test_what_was_mended_says_so():
    (row,) = rows([doubt("a", state="mended", closed_at=CLOSED)], None, LATER).to_pylist()
    assert (row["state"], row["closed_at"]) == ("closed", CLOSED)
    assert "corrected" in row["closing_reason"]
