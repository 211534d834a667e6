from datetime import timedelta

from quality.detectors import arrivals, registers
from tests.unit.quality import lake_views

DAY = 96


def test_a_step_back_is_found_and_a_roll_over_or_exchange_is_not():
    con = lake_views.connection()
    rising = [float(value) for value in range(200)]
    for name, size in (("back", None), ("rolled", 1000.0), ("exchanged", None)):
        lake_views.point(con, name, "register", size)
    lake_views.readings(con, "back", [*rising, 100.0, 101.0])
    lake_views.readings(con, "rolled", [value + 801 for value in rising[:199]] + [0.0, 1.0])
    lake_views.readings(con, "exchanged", [*rising, 0.0, 1.0])
    at = lake_views.START + 200 * lake_views.QUARTER - timedelta(minutes=3)
    con.execute("insert into ref.meter_events values ('m_exchanged', ?, 'exchange', now())", [at])
    found = list(registers.detect(con))
    assert [(one.kind, one.subject, one.evidence["steps"]) for one in found] == [("register_backwards", "back", 1)]
    assert str(found[0].evidence["largest_step"]).startswith("99")


def test_a_register_that_stands_still_for_a_week_is_found():
    con = lake_views.connection()
    for name in ("stuck", "alive", "never_moved"):
        lake_views.point(con, name)
    lake_views.readings(con, "stuck", [float(value) for value in range(DAY)] + [95.0] * 8 * DAY)
    lake_views.readings(con, "alive", [float(value) for value in range(9 * DAY)])
    lake_views.readings(con, "never_moved", [5.0] * 9 * DAY)
    found = list(registers.detect(con))
    assert [(one.kind, one.subject, one.evidence["days"]) for one in found] == [("register_stuck", "stuck", 8)]


def test_a_counted_point_without_any_reading_is_found():
    con = lake_views.connection()
    for name in ("heard", "silent", "unused"):
        lake_views.point(con, name)
    con.execute("insert into energy.readings_latest values ('heard')")
    con.execute("insert into ref.energy_units values ('unit', 'plant', '车间')")
    con.execute("insert into ref.allocations values ('heard', 'unit', 'steam'), ('silent', 'unit', 'steam')")
    found = list(arrivals.detect(con))
    assert [(one.kind, one.subject) for one in found] == [("point_silent", "silent")]
    assert "车间" in found[0].message_zh


def test_two_values_at_one_instant_are_found():
    con = lake_views.connection()
    con.execute("insert into energy.readings_latest values ('p')")
    lake_views.point(con, "p")
    lake_views.readings(con, "p", [1.0, 2.0, 3.0])
    lake_views.readings(con, "p", [1.0, 2.5, 3.0])
    found = list(arrivals.detect(con))
    assert [(one.kind, one.subject, one.evidence["instants"]) for one in found] == [("contradicting_values", "p", 1)]
