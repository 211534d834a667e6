"""What a position asks somebody to do is told, and nothing of a year that is settled or far away."""

from quality.detectors import carbon_assets
from tests.unit.quality import lake_views


def test_deadlines_shortfalls_and_credits_beyond_their_share() -> None:
    con = lake_views.connection()
    con.execute("create schema if not exists carbon")
    con.execute(
        "create table carbon.positions as select organization_id, year, is_settled, is_latest, days::integer as "
        "days_left_count, date '2025-12-31' as surrender_due_on, outstanding::decimal(18, 6) as outstanding_t, "
        "buy::decimal(18, 6) as to_buy_t, used::decimal(18, 6) as offset_t, 50::decimal(18, 6) as ccer_cap_t "
        "from (values ('far', 2024, false, true, 61, 1000, 0.5, 0), ('near', 2024, false, true, 60, 1000, 200, 0), "
        "('late', 2024, false, true, -3, 10, 0, 51), ('done', 2024, true, false, 2, 0, 0, 50), "
        "('open', 2025, false, false, null, null, null, 0)) "
        "as found (organization_id, year, is_settled, is_latest, days, outstanding, buy, used)"
    )
    found = {(one.subject, one.kind): one for one in carbon_assets.detect(con)}
    assert sorted(found) == [
        ("late/2024", "ccer_over_share"),
        ("late/2024", "surrender_due"),
        ("near/2024", "allowance_shortfall"),
        ("near/2024", "surrender_due"),
    ]
    assert (found["near/2024", "surrender_due"].severity, found["late/2024", "surrender_due"].severity) == (
        "medium",
        "high",
    )
    assert "还有 60 天" in found["near/2024", "surrender_due"].message_zh
    assert "were due on 2025-12-31" in found["late/2024", "surrender_due"].message_en
