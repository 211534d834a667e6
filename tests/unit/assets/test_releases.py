"""footprint.releases: what was released beside what is published now, and the finding where they part."""

import duckdb
import pytest

from assets import releases as asset
from exchange.footprints.release_rows import RELEASES
from exchange.footprints.releases import Asked, release, rows, withdraw
from tests.unit.exchange.footprints.published_marts import place, publish
from tests.unit.exchange.footprints.test_releases import LI, SHEN, restate

__all__ = ["place"]
GRANTS = """
    create schema quality; create schema ref;
    create table quality.completeness_daily as select date '2026-01-31' as local_date;
    create table ref.customer_grants as select * from (values
        ('c1', 'po425', date '2026-01-01', null), ('c1', 'po425', date '2025-01-01', date '2026-01-01'),
        ('c2', 'po425', date '2026-01-31', date '2026-02-01'), ('c3', 'po425', date '2026-02-01', null),
        ('c4', 'other', null, null)
    ) as grants (customer_id, product_id, valid_from, valid_to)
"""


@pytest.fixture
def made(place):
    publish(place, GRANTS)

    def make():
        with duckdb.connect(str(place.marts), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            table, found = asset.of_releases(connection, rows(place.lake))
        return table, table.to_pylist(), found

    return make


def test_nothing_released_is_an_empty_mart(made):
    table, _, found = made()
    assert table.schema == RELEASES
    assert (table.num_rows, found) == (0, [])


def test_versions_and_recipients(place, made):
    first = release(place, Asked("po425", "2024"), LI).record.record_id
    second = release(place, Asked("po425", "2025"), SHEN).record.record_id
    _, told, found = made()
    assert [row["status"] for row in told] == ["deprecated", "active"]
    assert [row["status_name_zh"] for row in told] == ["已被新版取代", "有效"]
    assert [row["recipients_count"] for row in told] == [0, 2]
    assert (told[0]["superseded_by"], told[1]["preceding"]) == (second, first)
    assert [row["is_latest"] for row in told] == [False, True]
    assert [str(row["period_end_on"]) for row in told] == ["2024-12-31", "2025-12-31"]
    assert [str(row["difference_kgco2e"]) for row in told] == ["0.000000", "0.000000"]
    assert found == []
    withdraw(place, second, SHEN)
    _, told, found = made()
    assert [row["status"] for row in told] == ["deprecated", "withdrawn"]
    assert not any(row["is_current"] for row in told)
    assert found == []


def test_a_restated_figure_is_a_finding_until_it_is_released_anew(place, made):
    release(place, Asked("po425", "2025"), LI)
    restate(place)
    _, told, found = made()
    assert (told[0]["differs"], str(told[0]["difference_kgco2e"])) == (True, "-3.400000")
    (one,) = found
    assert (one.kind, one.severity, one.owner) == ("released_footprint_differs", "high", "li")
    assert "第 1 版发布 613.400 kgCO2e/1 t，现为 610.000，差 -3.400" in one.message_zh
    assert "610.000 now, -3.400; release it anew, or withdraw it." in one.message_en
    release(place, Asked("po425", "2025"), SHEN)
    assert made()[2] == []


def test_what_is_no_longer_complete_is_a_finding(place, made):
    release(place, Asked("po425", "2025"), LI)
    publish(place, "update footprint.products set is_complete = false where period = '2025'")
    _, told, found = made()
    assert told[0]["published_footprint_kgco2e"] is None
    assert "no complete figure now" in found[0].message_en
