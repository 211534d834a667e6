from quality.detectors import arrivals, faults, jumps, registers
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


def test_a_jump_that_no_rating_bounds_is_told_with_what_hangs_on_it():
    """Eight weeks of ten a day; then one interval holds 500, or the day fills up as when a plant starts."""
    con = lake_views.connection()
    for name in ("jumped", "after_a_gap", "started", "rated", "young"):
        lake_views.point(con, name)
    con.execute("update ref.points set physical_max = 100 where point_id = 'rated'")
    con.execute(
        "create table energy.intervals as select point_id, date '2025-01-01' + day::integer as local_date, "
        "case when day < 55 then 0.1 when point_id = 'started' then 5 when point_id = 'after_a_gap' and slot < 40 "
        "then 12.5 when point_id <> 'after_a_gap' and slot = 40 then 500 else 0.1 end::decimal(18, 6) as quantity, "
        "case when day = 55 and point_id = 'after_a_gap' and slot < 40 then 'estimated' else 'measured' end as quality "
        "from ref.points cross join range(56) as days (day) cross join range(96) as slots (slot) "
        "where point_id <> 'young' or day > 44"
    )
    con.execute(
        "create table quality.completeness_daily as select point_id, local_date, 'kWh' as quantity_unit, "
        "sum(quantity)::decimal(18, 6) as quantity from energy.intervals group by point_id, local_date"
    )
    found = {one.subject: one for one in jumps.detect(con)}
    assert set(found) == {"jumped", "after_a_gap"}
    assert found["jumped"].evidence["quantity"] == found["after_a_gap"].evidence["quantity"] == 500
    assert "0 to 500 kWh" in found["jumped"].message_en
    assert "平常一天约 9.6 kWh" in found["jumped"].message_zh


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
