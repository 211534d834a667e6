"""Until when an instrument is calibrated, and what falls due."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ingestion.portal import instruments

TODAY, ZONE = date(2026, 6, 1), ZoneInfo("Asia/Shanghai")


def meter(name: str, calibrated: date | None, due: date | None, level: str | None = "unit") -> dict[str, object]:
    return {"meter_id": name, "calibrated_on": calibrated, "calibration_due_on": due, "gb17167_level": level}


def test_what_is_overdue_stands_first() -> None:
    found = instruments.register(
        [
            meter("later", date(2025, 1, 1), date(2031, 1, 1)),
            meter("soon", date(2025, 1, 1), date(2026, 7, 31)),
            meter("over", date(2020, 1, 1), date(2026, 5, 31), "entity"),
            meter("never", None, None, None),
            meter("today", date(2020, 1, 1), TODAY),
        ],
        [],
        ZONE,
        TODAY,
        60,
    )
    assert [(one.meter["meter_id"], one.state) for one in found] == [
        ("over", "expired"),
        ("today", "due"),
        ("soon", "due"),
        ("later", "valid"),
        ("never", "unknown"),
    ]
    assert instruments.by_level(found) == [("entity", 1, 0), ("unit", 3, 3), ("none", 1, 0)]


def test_a_calibration_renews_as_long_as_the_first_was_to_hold() -> None:
    events = [
        {"meter_id": "m", "event": "calibration", "event_at": datetime(2026, 4, 30, 17, tzinfo=UTC)},
        {"meter_id": "m", "event": "calibration", "event_at": datetime(2027, 1, 1, tzinfo=UTC)},  # not yet
        {"meter_id": "m", "event": "reset", "event_at": datetime(2026, 5, 20, tzinfo=UTC)},
    ]
    (one,) = instruments.register([meter("m", date(2024, 1, 1), date(2026, 1, 1))], events, ZONE, TODAY, 60)
    assert (one.calibrated_on, one.due_on, one.state) == (date(2026, 5, 1), date(2028, 5, 1), "valid")


def test_trainings_that_end_first_stand_first() -> None:
    people = [
        {"person_id": name, "trained_for": "GB/T 23331", "training_due_on": due}
        for name, due in (("a", None), ("b", date(2026, 6, 30)), ("c", date(2026, 5, 1)))
    ]
    people.append({"person_id": "d", "trained_for": None, "training_due_on": None})
    found = [(row["person_id"], state) for row, state in instruments.trainings(people, TODAY, 30)]
    assert found == [("c", "expired"), ("b", "due"), ("a", "unknown")]
