"""What must hold of a record, one sentence for each rule; the record as a text and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings

from exchange.footprints import codec, identities
from exchange.footprints.record import Company, Figures, Text
from lake.errors import FootprintError
from tests.unit.exchange.footprints.records import CEMENT, END, footprints


def changed(part, **values):
    return replace(CEMENT, **{part: replace(getattr(CEMENT, part), **values)})


BROKEN = [
    ("figures", {"footprint": Decimal("613.400001")}, "The footprint 613.400001 is not the sum 613.400000"),
    ("figures", {"including_uptake": Decimal(613)}, "The footprint including uptake 613 is not 611.150000"),
    ("figures", {"packaging": Decimal(-1)}, "packaging is -1; it is zero or positive."),
    ("figures", {"capture": Decimal(1)}, "capture is 1; what is taken up, removed or captured is zero or negative."),
    ("figures", {"land_management_fossil": Decimal(700)}, "Fossil emissions of land management are within"),
    ("method", {"is_packaging_included": False}, "A figure for packaging is given although packaging is said"),
    ("product", {"amount": Decimal(0)}, "The declared amount is 0; it is more than zero."),
    ("product", {"mass_kg": Decimal(900)}, "The declared unit is 1 t, its mass is told as 900 kg."),
    ("product", {"unit": "count", "mass_kg": Decimal(-1)}, "The mass per declared unit is -1 kg; it is zero or more."),
    ("product", {"ids": ("po425",)}, "The product has no identifier that is a URN."),
    ("company", {"ids": ()}, "The company has no identifier that is a URN."),
    ("scope", {"reference_from": END}, "The reference period ends before it begins."),
    ("scope", {"country": "CN"}, "Region, country and subdivision are alternatives; more than one is told."),
    ("scope", {"boundary": "gate_to_gate"}, "The boundary 'gate_to_gate' is neither cradle_to_gate nor"),
    ("quality", {"exempted_ratio": Decimal("1.1")}, "exempted_ratio is 1.1; it is a ratio from 0 to 1."),
    ("quality", {"time": Decimal("0.9")}, "The rating of time is 0.9; it is from 1 to 5."),
    ("method", {"gwp_sets": ()}, "The characterisation factors or the standards are not told."),
]
WHOLE = [
    ({"status": "withdrawn"}, "The status 'withdrawn' is neither Active nor Deprecated."),
    ({"preceding": (CEMENT.record_id,)}, "A footprint precedes itself, or one precedes it twice."),
    ({"valid_from": END - timedelta(days=1)}, "The validity period begins before the reference period has ended."),
    ({"valid_from": END, "valid_to": END}, "The validity period ends before it begins."),
    ({"valid_to": datetime(2029, 1, 1, tzinfo=UTC)}, "The validity period ends more than 3 years after"),
    ({"contributions": CEMENT.contributions[:1]}, "The contributions sum to 611.300000, not to the footprint"),
]


@pytest.mark.parametrize(("part", "values", "sentence"), BROKEN)
def test_a_record_that_breaks_a_rule_cannot_be_made(part, values, sentence):
    with pytest.raises(FootprintError, match=r"footprint 0b7c9f0e.* of po425: ") as caught:
        changed(part, **values)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("values", "sentence"), WHOLE)
def test_a_record_as_a_whole_is_looked_at_too(values, sentence):
    with pytest.raises(FootprintError) as caught:
        replace(CEMENT, **values)
    assert sentence in str(caught.value)


def test_a_partners_record_is_made_and_says_what_is_broken():
    figures = Figures(Decimal("2.3"), Decimal("2.0"), Decimal("1.5"))
    record = replace(CEMENT, figures=figures, company=Company("", Text("甲", ""), ()), is_own=False, contributions=())
    assert record.broken == (
        "The footprint 2.3 is not the sum 1.5 of its parts.",
        "The footprint including uptake 2.0 is not 2.3, footprint and uptake.",
        "The company has no identifier that is a URN.",
    )


def test_a_partners_rounding_is_no_fault():
    figures = Figures(Decimal("2.3"), Decimal("2.3"), Decimal("1.51"), Decimal("0.84"))
    assert not replace(CEMENT, figures=figures, is_own=False, contributions=()).broken
    figures = replace(figures, land_use_change=Decimal("0.86"))
    assert replace(CEMENT, figures=figures, is_own=False, contributions=()).broken


def test_three_years_where_nothing_is_told():
    assert identities.valid_period(CEMENT) == (END, datetime(2028, 12, 31, 16, tzinfo=UTC))
    assert identities.years_later(datetime(2024, 2, 29, tzinfo=UTC), 3) == datetime(2027, 2, 28, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(footprints())
def test_a_record_comes_back_from_its_text(record):
    assert codec.record(codec.text(record)) == record
    assert codec.text(codec.record(codec.text(record))) == codec.text(record)


def test_a_text_that_was_tampered_with_is_refused():
    with pytest.raises(FootprintError, match="is not the sum"):
        codec.record(codec.text(CEMENT).replace('"fossil":"611.300000"', '"fossil":"511.300000"'))


def test_the_same_content_has_the_same_hash_in_every_release():
    later = replace(CEMENT, record_id="9d1f6bb7-79c7-4ea6-8ad0-6f58a9c2b001", version=2, preceding=(CEMENT.record_id,))
    assert codec.content_hash(later) == codec.content_hash(CEMENT)
    assert codec.content_hash(changed("quality", time=Decimal("1.3"))) != codec.content_hash(CEMENT)
