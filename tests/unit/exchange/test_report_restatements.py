"""Restatements of a period in a report: by publication and cause, of the statutory account alone."""

from types import SimpleNamespace

import duckdb
import pytest

from exchange.reports import closed
from exchange.reports.document import Draft
from exchange.reports.figures import Figures
from lake import periods

_ROWS = """
    create schema evidence;
    create table evidence.restatements as
    select publication, timestamptz '2026-01-05 00:00:00+00' as published_at, organization_id, month, mart, basis,
        cause_position, cause as cause_name_zh, cause as cause_name_en, change::decimal(18, 6) as change
    from (values
        (3, 'works', date '2025-03-01', 'carbon.emissions_monthly', 'statutory', 1, 'late data', 12.345678),
        (3, 'works', date '2025-04-01', 'carbon.emissions_monthly', 'statutory', 1, 'late data', 0.004322),
        (3, 'works', date '2025-03-01', 'carbon.emissions_monthly', 'statutory', 7, 'factor', -2.5),
        (3, 'works', date '2025-03-01', 'carbon.emissions_monthly', 'location', 1, 'late data', 99),
        (3, 'works', date '2024-12-01', 'carbon.emissions_monthly', 'statutory', 1, 'late data', 99),
        (3, 'other', date '2025-03-01', 'carbon.emissions_monthly', 'statutory', 1, 'late data', 99),
        (3, 'works', date '2025-03-01', 'energy.comprehensive_monthly', 'calorific', 1, 'late data', 99)
    ) as found (publication, organization_id, month, mart, basis, cause_position, cause, change)
"""


def of(period: str, *, is_published: bool = True) -> Draft:
    with duckdb.connect() as marts:
        marts.execute(_ROWS)
        figures = Figures(None, marts, "works", periods.period(period), "en", None)
        figures.manifest = SimpleNamespace(marts={"evidence.restatements": None} if is_published else {})
        draft = Draft("en")
        draft.section("一", "one")
        closed.restated(draft, figures)
    return draft


def test_causes_are_summed_over_the_months_of_the_period():
    [section] = of("2025").finished()
    [table] = [block for block in section.blocks if hasattr(block, "rows")]
    assert [*table.texts()] == [
        ("3 (2026-01-05)", "2025-03 – 2025-04", "late data", "12.35"),
        ("3 (2026-01-05)", "2025-03 – 2025-03", "factor", "-2.50"),
    ]


@pytest.mark.parametrize(("period", "is_published"), [("2025-07", True), ("2025", False)])
def test_nothing_is_said_where_nothing_was_restated(period, is_published):
    [section] = of(period, is_published=is_published).finished()
    assert section.blocks == ()
