from quality.detectors import arrivals, faults, registers
from tests.unit.quality import lake_views

DAY = 96


def test_what_readings_suffered_is_told_with_its_range():
    con = lake_views.connection()
    lake_views.point(con, "broken")
    con.execute(
        "create table quality.reading_faults as select 'broken' as point_id, fault, '清零' as fault_name_zh, "
        "'began again' as fault_name_en, timestamptz '2025-01-02 00:00:00+00' as fault_at, "
        "5.0::decimal(18, 6) as value, 'kWh' as value_unit, 7.5::decimal(18, 6) as quantity, "
        "low::decimal(18, 6) as quantity_low, high::decimal(18, 6) as quantity_high, "
        "'kWh' as quantity_unit, date '2025-01-02' as local_date "
        "from (values ('reset', 0, 10), ('reset', 0, 20), ('glitch', null, null)) as found (fault, low, high)"
    )
    glitch, reset = faults.detect(con)
    assert (glitch.kind, glitch.severity, "can be" in glitch.message_en) == ("reading_glitch", "low", False)
    assert (reset.kind, reset.severity, reset.evidence["times"]) == ("reading_reset", "high", 2)
    assert "15 kWh is counted" in reset.message_en
    assert "0–30 kWh" in reset.message_zh


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
