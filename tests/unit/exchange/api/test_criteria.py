"""Alternatives within a key, all keys together, in any case of letters; and times as they are written."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.api import criteria
from exchange.api.refusal import Refusal

PRODUCTS, COMPANIES = ("urn:p:1", "urn:p:2", "urn:p:3"), ("urn:c:1", "urn:c:2")


class One:
    """A footprint as a list sees it."""

    def __init__(self, **other: Any) -> None:
        pcf = {"referencePeriodEnd": "2024-02-29T00:00:00Z", **other.pop("pcf", {})}
        self._body = {
            "productIds": [PRODUCTS[0]],
            "companyIds": [COMPANIES[0]],
            "status": "Active",
            "pcf": pcf,
            **other,
        }

    def document(self, version: int) -> dict[str, Any]:
        assert version == 3
        return self._body


def holds(one: One, **asked: str | list[str]) -> bool:
    told = {key: [value] if isinstance(value, str) else value for key, value in asked.items()}
    return criteria.matching([one], told) == [one]  # type: ignore[list-item, comparison-overlap]


def test_letters_may_be_large_or_small() -> None:
    one = One(pcf={"geographyCountry": "CN"}, productClassifications=["urn:cpc:374"])
    assert holds(
        one, productId="URN:P:1", companyId="Urn:C:1", geography="cn", classification="URN:cpc:374", status="active"
    )


@pytest.mark.parametrize(
    "place",
    [{"geographyCountry": "CN"}, {"geographyRegionOrSubregion": "Asia"}, {"geographyCountrySubdivision": "CN-JS"}],
)
def test_a_place_is_any_of_the_three(place: dict[str, str]) -> None:
    assert holds(One(pcf=place), geography=["XX", *place.values()])
    assert not holds(One(pcf=place), geography="XX")
    assert not holds(One(), geography=next(iter(place.values()))), "the world is no place that is asked for"


@pytest.mark.parametrize(
    ("at", "on", "after", "before"),
    [
        ("2024-02-28T23:59:59Z", False, True, False),
        ("2024-02-29T00:00:00Z", True, False, False),
        ("2024-02-29T08:00:00+08:00", True, False, False),
        ("2024-02-29T08:00:00 08:00", True, False, False),  # a plus sign that nobody escaped
        ("2024-02-29", True, False, False),
        ("2027-03-01T00:00:00Z", True, False, False),  # three years after a leap day
        ("2027-03-01T00:00:01Z", False, False, True),
    ],
)
def test_without_a_period_it_is_valid_for_three_years(at: str, on: bool, after: bool, before: bool) -> None:
    one = One()
    assert holds(one, validOn=at) is on
    assert holds(one, validAfter=at) is after
    assert holds(one, validBefore=at) is before


def test_a_period_of_its_own_counts() -> None:
    one = One(validityPeriodStart="2024-03-01T00:00:00Z", validityPeriodEnd="2024-06-01T00:00:00Z")
    assert not holds(one, validOn="2024-02-29T00:00:00Z")
    assert holds(one, validOn="2024-06-01T00:00:00Z")
    assert holds(one, validBefore="2024-06-01T00:00:00.001Z")


def test_what_is_empty_asks_for_nothing_and_what_is_no_time_is_refused() -> None:
    assert holds(One(), productId="", geography="", classification="", validOn="")
    for key in ("validOn", "validAfter", "validBefore"):
        with pytest.raises(Refusal):
            criteria.matching([], {key: ["soon"]})
    for name in ("$filter", "x-atq-invoice"):
        with pytest.raises(Refusal):
            criteria.refuse_unknown([name])
    criteria.refuse_unknown(["productId", "comment", "_"])


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(PRODUCTS), min_size=1), st.sampled_from(["Active", "Deprecated"])), max_size=6
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "productId": st.lists(st.sampled_from([*PRODUCTS, "urn:p:4"]), max_size=3),
            "status": st.lists(st.sampled_from(["Active", "Deprecated", "Bogus"]), max_size=2),
        },
    ),
)
def test_keys_hold_together_and_values_are_alternatives(
    told: list[tuple[set[str], str]], asked: dict[str, list[str]]
) -> None:
    ones = [One(productIds=sorted(products), status=status) for products, status in told]
    expected = [
        one
        for one, (products, status) in zip(ones, told, strict=True)
        if (not asked.get("productId") or products & set(asked["productId"]))
        and (not asked.get("status") or status in asked["status"])
    ]
    assert criteria.matching(ones, asked) == expected  # type: ignore[arg-type, comparison-overlap]


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_refusal(text: str) -> None:
    try:
        assert criteria.instant(text, "validOn").tzinfo is not None
    except Refusal as refusal:
        assert refusal.status == 400


def test_a_day_is_its_first_instant() -> None:
    assert criteria.instant("2025-01-01", "validOn") == datetime(2025, 1, 1, tzinfo=UTC)
