"""Alerts of one series by hand: once while it lasts, hysteresis, how long, what is usual, escalated, acknowledged."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from assets import alerts
from lake.site.alerts import WATCHED
from methods.alerts import evidence, lives, rows, usual, watched, words
from methods.alerts.lives import Series
from tests.integration.alert_site import (
    BUDGET,
    EXPIRES_ON,
    LAST,
    LEAK,
    LEAK_ON,
    METER,
    RULES,
    ZONE,
    midnight,
    opened,
    rule,
)

NAN = float("nan")
HOUR = 3600


def series(*values: float) -> Series:
    count = np.arange(len(values), dtype=np.int64)
    return Series(count * HOUR, (count + 1) * HOUR, np.array(values, float))


def found(*values: float, limit: float = 10, clear: float = 10, hours: int = 0) -> list[tuple[int, int, int | None]]:
    """Return (first, told, closing) of each alert above a limit."""
    one = series(*values)
    beyond, back = lives.limits(one.values, limit, clear, is_above=True)
    return [(life.first, life.told, life.closing) for life in lives.lives(one, beyond, back, hours * HOUR)]


def test_one_alert_while_it_lasts() -> None:
    assert found(9, 11, 12, 11, 9, 9, 11) == [(1, 1, 4), (6, 6, None)]
    assert found(9, 9, 9) == []


def test_between_the_limits_nothing_changes() -> None:
    assert found(9, 11, 9, 11, 9, 7, 9, clear=8) == [(1, 1, 5)]
    assert found(9, 11, 9, 11, 9, 7, 9) == [(1, 1, 2), (3, 3, 4)]


def test_what_did_not_last_is_not_told() -> None:
    assert found(9, 11, 11, 9, 11, 11, 11, 11, hours=3) == [(4, 6, None)]


def test_what_is_over_ends_an_alert() -> None:
    assert found(9, 11, np.inf) == [(1, 1, 2)]
    assert found(9, np.inf) == []


def test_a_missing_value_neither_begins_nor_ends() -> None:
    assert found(9, 11, NAN, 11, NAN, 9, hours=3) == [(1, 3, 5)]
    assert found(NAN, NAN) == []


def judged(values: list[float], **more: Any) -> usual.Judged:
    first = date(2025, 3, 3).toordinal()
    days = [first + number for number in range(len(values))]
    kinds = ["rest" if number % 7 >= 5 else "working" for number in range(len(values))]
    known = {"limit": 0.3, "clear": 0.15, "is_leak": True} | more
    return usual.judged(np.array(values), days, kinds, **known)


def test_a_rise_against_like_days_is_beyond_and_an_odd_day_moves_nothing() -> None:
    flow = [100.0 + number % 3 for number in range(70)]
    flow[40] = 900
    calm = judged([*flow, 102, 101])
    assert list(np.flatnonzero(calm.beyond)) == [40]
    assert calm.usual[-1] == pytest.approx(101, abs=1)
    risen = judged([*flow, *[140.0] * 20])
    assert list(np.flatnonzero(risen.beyond)) == [40, *range(70, 90)]
    assert risen.usual[89] == pytest.approx(101, abs=1)  # the rise is no part of what is usual
    assert risen.limit[89] == pytest.approx(risen.usual[89] * 1.3)


def test_working_days_and_days_of_rest_have_a_usual_of_their_own() -> None:
    flow = [20.0 if number % 7 >= 5 else 100.0 + number % 3 for number in range(63)]
    assert not judged(flow).beyond.any()
    flow[62] = 100  # as on a working day, on a Sunday
    assert list(np.flatnonzero(judged(flow).beyond)) == [62]


def test_what_lasts_for_eight_weeks_is_usual_then() -> None:
    found = judged([*[100.0 + number % 3 for number in range(42)], *[150.0 + number % 3 for number in range(100)]])
    assert list(np.flatnonzero(found.beyond)) == list(range(42, 98))
    assert found.adopted == {98}
    assert found.back[98]


def test_too_few_days_and_a_flow_that_is_usually_none_say_nothing() -> None:
    assert not judged([1.0] * 5 + [9.0]).beyond.any()
    assert not judged([0.0] * 40 + [9.0] * 5).beyond.any()
    assert judged([0.0] * 40 + [9.0] * 5, is_leak=False, limit=5, clear=2.5).beyond.any()


def of(*rules: dict[str, Any], until: date = LAST, **more: Any) -> list[dict[str, Any]]:
    with opened(rules or RULES, until=until, **more) as connection:
        return list(alerts.of_rules(connection, ZONE).to_pylist())


def test_a_leak_a_budget_and_a_meter_are_told_once_each_in_time_and_in_words() -> None:
    told = {row["rule_id"]: row for row in of()}
    assert sorted(told) == ["budget", "leak", "meter"]
    assert len(of()) == 3
    leak, budget, meter = told["leak"], told["budget"], told["meter"]
    assert leak["started_at"] == midnight(LEAK_ON)
    # the third night is the first at whose end 48 hours have passed; it is over at six
    assert leak["raised_at"] == midnight(LEAK_ON) + timedelta(days=2, hours=6)
    assert (leak["state"], leak["subject"], leak["organization_id"]) == ("open", "pumps", "works")
    assert leak["usual_value"] == pytest.approx(5.0, abs=0.2)  # type: ignore[operator]
    more = float(leak["first_value"] - leak["usual_value"]) * 24
    assert float(leak["day_excess_cny"]) == pytest.approx(more * 3)
    assert float(leak["day_excess_tce_calorific"]) == pytest.approx(more * 0.0002, abs=1e-6)
    assert leak["message_zh"].startswith("泵站新水夜间最小流量自 2025-06-17 起升至 9 m³/h，平日为 5（升高 80%）")
    assert "Pump house: the least flow of fresh water at night rose to 9 m³/h since 2025-06-17" in leak["message_en"]
    assert budget["raised_at"] == midnight(date(2025, 7, 1))
    assert budget["message_en"] == (
        "Works: energy (calorific) of the month from 2025-06-01 is 111.0% of its budget, the limit is 100.0%."
    )
    assert budget["closed_at"] == midnight(date(2025, 8, 1))  # July stays inside
    assert meter["raised_at"] == midnight(EXPIRES_ON + timedelta(days=1))
    assert meter["message_zh"] == "泵站 water检定有效期至 2025-06-20；请送检或更换。"


def test_a_budget_is_told_in_the_month_that_passes_it() -> None:
    assert of(BUDGET, until=date(2025, 6, 27)) == []
    (row,) = of(BUDGET, until=date(2025, 6, 28))
    assert (row["raised_at"], row["state"]) == (midnight(date(2025, 6, 29)), "open")
    (later,) = of(BUDGET)
    assert later["alert_id"] == row["alert_id"]


def test_data_that_comes_day_by_day_tells_what_all_at_once_does() -> None:
    """An alert once told keeps its id and its instant, and the last state is that of the whole."""
    seen: dict[str, datetime] = {}
    for number in range(0, 44, 7):
        for row in of(LEAK, METER, until=date(2025, 6, 18) + timedelta(days=number)):
            assert seen.setdefault(row["alert_id"], row["raised_at"]) == row["raised_at"]
    assert {row["alert_id"]: row["raised_at"] for row in of(LEAK, METER)} == seen


def test_a_leak_that_is_repaired_ends_and_one_that_nobody_answers_goes_on_to_others() -> None:
    (row,) = of(LEAK, repaired_on=date(2025, 6, 25))
    assert row["closed_at"] == midnight(date(2025, 6, 25)) + timedelta(hours=6)
    assert row["closing_reason_en"] == "back within its limit"
    assert (row["escalation_level"], row["escalated_at"]) == (1, row["raised_at"] + timedelta(hours=24))
    (early,) = of(LEAK, until=date(2025, 6, 19))
    assert (early["escalation_level"], early["escalated_at"]) == (0, None)


def test_an_acknowledgement_holds_for_its_alert_and_keeps_it_from_others() -> None:
    said = {"rule_id": "leak", "subject": "pumps", "person_id": "p1", "remark": "valve", "organization_id": "works"}
    raised = midnight(LEAK_ON) + timedelta(days=2, hours=6)
    with opened((LEAK,)) as connection:
        acknowledged = [{**said, "raised_at": raised, "acknowledged_at": raised + timedelta(hours=3)}]
        connection.register("acknowledged", pa.Table.from_pylist(acknowledged))
        connection.execute("create table ref.alert_acknowledgements as from acknowledged")
        (row,) = alerts.of_rules(connection, ZONE).to_pylist()
    assert (row["state"], row["acknowledged_by"], row["remark"]) == ("acknowledged", "p1", "valve")
    assert row["escalation_level"] == 0


def test_a_rule_says_it_in_its_own_words_and_holds_on_its_days() -> None:
    own = rule("own", "threshold", "pumps", "consumption_day", 850, carrier="medium", message_en="{subject}: {value}!")
    (row,) = of(own)
    assert row["message_en"] == "Pump house: 851!"
    assert row["message_zh"].startswith("泵站耗能工质日用量自 ")
    assert of({**own, "valid_to": LEAK_ON}) == []
    assert of({**own, "valid_from": date(2025, 7, 1)})[0]["started_at"] == midnight(date(2025, 7, 1))


@pytest.mark.parametrize("quantity", sorted(watched.STATEMENTS))
def test_every_quantity_has_words_a_rule_and_a_query(quantity: str) -> None:
    assert {name for names in WATCHED.values() for name in names} == set(watched.STATEMENTS)
    about = rule("any", "threshold", "pumps", quantity, 1)
    facts = dict.fromkeys(("subject", "organization", "carrier", "value", "limit", "usual"), "x")
    facts |= dict.fromkeys(("unit", "since", "rise", "energy", "cost", "due"), "x")
    for language in words.LANGUAGES:
        assert "{" not in words.said(about, language, facts)
    text = evidence.query(about, evidence.Of("it's", "energy", is_point=False), date(2025, 1, 1), ZONE)
    assert duckdb.extract_statements(text)[0].type == duckdb.StatementType.SELECT


def test_identity_is_of_the_rule_the_subject_and_the_beginning() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    ids = {rows.identity(*key, at) for key in (("a", "u", None), ("a", "v", None), ("b", "u", None))}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)
