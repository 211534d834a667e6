"""Releasing: what is refused, what stays, what follows what; made from published rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange.footprints import profiles, releases
from exchange.footprints.releases import Asked, release, rows, withdraw
from lake.closing_acts import By
from lake.errors import FootprintError
from tests.unit.exchange.footprints.published_marts import place, publish

__all__ = ["place"]
LI, SHEN = By("li", "", "command"), By("shen", "late data of the belt", "portal")
CHANGED = "update footprint.{} set {} where period = '2025' and {}"


def restate(place, fossil="610.0"):
    """Let a restatement change the published footprint of 2025."""
    names = f"footprint_kgco2e = {fossil}, footprint_including_uptake_kgco2e = {fossil}, fossil_kgco2e = {fossil}"
    publish(place, CHANGED.format("products", names, "true"))
    changed = f"contribution_kgco2e = {fossil} - 112.5"
    publish(place, CHANGED.format("contributions", changed, "contributor = 'kiln/coal'"))


def test_a_release_says_what_was_published(place):
    one = release(place, Asked("po425", "2025"), LI)
    record = one.record
    assert (record.version, record.status, one.is_current, one.status) == (1, "Active", True, "active")
    assert (record.figures.footprint, record.figures.packaging) == (Decimal("613.400000"), Decimal("2.500000"))
    assert record.scope.reference_from == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert record.scope.reference_to == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert record.scope.subdivision == "CN-JS"
    assert record.company.ids == ("urn:pathfinder:company:customcode:vendor-assigned:91320000MA00000B0E",)
    assert record.product.ids == ("urn:pathfinder:product:customcode:vendor-assigned:po425",)
    assert record.product.classifications[0] == "urn:pact:productclassification:un-cpc:37440"
    assert record.method.allocation_text.en == "by mass (one kiln)"
    assert record.method.exempted_text.zh == "耐火砖 (少于 1 %)"
    assert [source.name for source in record.method.sources] == ["MEE 2024", "UK GHG factors"]
    boundary, *stages = record.scope.boundary_text.en.replace(". ", "; ").split("; ")
    assert (boundary, sorted(stages)) == (
        "cradle to gate", ["packaging: kiln", "production: kiln", "raw_materials: kiln"],
    )  # fmt: skip
    assert record.quality.coverage_ratio == Decimal("0.995924")
    assert sum(part.contribution for part in record.contributions) == record.figures.footprint
    assert profiles.faults(record, 3) == profiles.faults(record, 2) == ()
    assert rows(place.lake) == [one]


def test_what_was_released_never_changes(place):
    one = release(place, Asked("po425", "2025"), LI)
    restate(place)
    assert rows(place.lake)[0].record == one.record


def test_the_next_release_follows_the_one_before(place):
    first = release(place, Asked("po425", "2024"), LI)
    second = release(place, Asked("po425", "2025"), By("li", "the year 2025", "command"))
    restate(place)
    third = release(place, Asked("po425", "2025"), SHEN)
    known = rows(place.lake)
    assert [one.status for one in known] == ["deprecated", "deprecated", "active"]
    assert [one.record.status for one in known] == ["Deprecated", "Deprecated", "Active"]
    assert [one.record.version for one in known] == [1, 2, 3]
    assert third.record.preceding == (second.record.record_id, first.record.record_id)
    assert [one.superseded_by for one in known] == [second.record.record_id, third.record.record_id, None]
    assert profiles.written(known[2].record, 3)["precedingPfIds"] == list(third.record.preceding)
    assert third.record.comment.en == "late data of the belt"


def test_a_withdrawal_leaves_none_current_and_a_new_release_follows(place):
    one = release(place, Asked("po425", "2025"), LI)
    back = withdraw(place, one.record.record_id, SHEN)
    assert (back.status, back.record.status, back.withdrawn_by) == ("withdrawn", "Deprecated", "shen")
    assert not any(found.is_current for found in rows(place.lake))
    again = release(place, Asked("po425", "2025"), By("li", "was right after all", "command"))
    assert again.record.preceding == (one.record.record_id,)
    assert again.content_hash == one.content_hash
    assert again.is_current


def test_what_happened_since(place):
    first = release(place, Asked("po425", "2024"), LI)
    second = release(place, Asked("po425", "2025"), By("li", "the year 2025", "command"))
    assert releases.since(place.lake, second.released_at) == []
    told = releases.since(place.lake, first.released_at)
    assert [one.status for one in told] == ["deprecated", "active"]
    withdraw(place, second.record.record_id, SHEN)
    told = releases.since(place.lake, second.released_at)
    assert [one.record.record_id for one in told] == [second.record.record_id]
    assert len(rows(place.lake, first.released_at)) == 1


REFUSED = [
    ("2026", "true", "no footprint of 'po425' for '2026' is published"),
    ("2025", "is_complete = false, missing_en = 'no meter of coal'", "is not complete: no meter of coal"),
    ("2025", "footprint_kgco2e = null", "is not complete"),
    ("2025", "exempted_ratio = null", "how much po425 leaves out for 2025 is not known"),
    ("2025", "exempted_ratio = 0.050001", "leaves out 5.000100 % of its emissions; more than 5 % is not released"),
    ("2025", "fossil_kgco2e = 613.300000", "is not the sum 613.300000 of its parts"),
    ("2025", "p5 = p5, mass_per_declared_unit_kg = 900", "its mass is told as 900.000000 kg"),
    ("2099", "true", "the period has not ended"),
]


@pytest.mark.parametrize(("period", "change", "sentence"), REFUSED)
def test_what_is_refused(place, period, change, sentence):
    if change != "true":
        publish(place, CHANGED.format("products", change, "true"))
    with pytest.raises(FootprintError) as caught:
        release(place, Asked("po425", period), LI)
    assert sentence in str(caught.value)
    assert rows(place.lake) == []


def test_contributions_that_do_not_sum_are_refused(place):
    publish(place, CHANGED.format("contributions", "contribution_kgco2e = 109", "contributor = 'kiln/power'"))
    with pytest.raises(FootprintError, match=r"The contributions sum to 612\.400000, not to the footprint"):
        release(place, Asked("po425", "2025"), LI)


def test_the_same_content_again_is_refused(place):
    release(place, Asked("po425", "2025"), LI)
    with pytest.raises(FootprintError, match="released with the same content already, as version 1"):
        release(place, Asked("po425", "2025"), SHEN)


def test_a_later_release_needs_a_reason_and_is_not_of_an_earlier_period(place):
    release(place, Asked("po425", "2025"), LI)
    with pytest.raises(FootprintError, match="the release of 2025 is later and current"):
        release(place, Asked("po425", "2024"), SHEN)
    restate(place)
    with pytest.raises(FootprintError, match="a reason says what is new"):
        release(place, Asked("po425", "2025"), LI)


def test_a_product_of_two_organisations_has_to_be_named(place):
    publish(
        place, "insert into footprint.products select * replace ('other' as organization_id) from footprint.products"
    )
    with pytest.raises(FootprintError, match="is made by several organisations; name one"):
        release(place, Asked("po425", "2025"), LI)
    one = release(place, Asked("po425", "2025", "works"), LI)
    assert one.organization_id == "works"
    with pytest.raises(FootprintError, match="no footprint of 'po425'"):
        release(place, Asked("po425", "2025", "mine"), LI)


def test_a_validity_of_ones_own(place):
    end = datetime(2025, 12, 31, 16, tzinfo=UTC)
    one = release(place, Asked("po425", "2025", valid_to=end + timedelta(days=365)), LI)
    assert (one.record.valid_from, one.record.valid_to) == (end, end + timedelta(days=365))
    with pytest.raises(FootprintError, match="more than 3 years"):
        release(place, Asked("po425", "2025", valid_to=end + timedelta(days=1100)), SHEN)


def test_withdrawing_is_refused(place):
    one = release(place, Asked("po425", "2025"), LI)
    with pytest.raises(FootprintError, match="there is no release x"):
        withdraw(place, "x", SHEN)
    with pytest.raises(FootprintError, match="needs a reason"):
        withdraw(place, one.record.record_id, LI)
    withdraw(place, one.record.record_id, SHEN)
    with pytest.raises(FootprintError, match="was withdrawn already"):
        withdraw(place, one.record.record_id, SHEN)
