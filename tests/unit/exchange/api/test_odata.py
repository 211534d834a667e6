"""The part of OData that PACT v2 lists, against a second reading of it, and against whatever people type."""

import operator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.api import odata
from exchange.api.refusal import NOT_IMPLEMENTED, Refusal

BODY: dict[str, Any] = {
    "created": "2025-03-01T00:00:00Z",
    "productCategoryCpc": "3342",
    "companyIds": ["urn:one", "urn:it's"],
    "productIds": ["urn:p:1"],
    "pcf": {
        "geographyCountry": "DE",
        "referencePeriodStart": "2024-01-01T00:00:00Z",
        "referencePeriodEnd": "2025-01-01T00:00:00+00:00",
    },
}


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        ("productCategoryCpc eq '3342'", True),
        ("productCategoryCpc eq '33'", False),
        ("pcf/geographyCountry eq 'DE'", True),
        (
            "(pcf/referencePeriodStart ge '2023-01-01T00:00:00.000Z') and (pcf/referencePeriodEnd lt '2024-01-01')",
            False,
        ),
        ("(pcf/referencePeriodStart ge 2023-01-01T00:00:00Z) and (pcf/referencePeriodEnd le 2025-01-01)", True),
        ("productIds/any(productId:(productId eq 'urn:p:1'))", True),
        ("productIds/any(p:p eq 'urn:p:2')", False),
        ("companyIds/any(c:(c eq 'urn:it''s'))", True),
        ("created ge '2025-03-01T08:00:00+08:00'", True),
        ("created gt '2025-03-01T08:00:00+08:00'", False),
        ("created lt '2025-02-28T23:59:59.9Z'", False),
        ("updated ge '2000-01-01T00:00:00Z'", False),  # it was never updated
        ("((created le '2025-03-01T00:00:00Z' and (((pcf/geographyCountry ge 'AA')))))", True),
    ],
)
def test_examples(statement: str, holds: bool) -> None:
    assert odata.parsed(statement)(BODY) is holds


@pytest.mark.parametrize(
    ("statement", "is_known"),
    [
        ("created ne '2025'", False),
        ("created eq '1' or created eq '2'", False),
        ("not created eq '1'", False),
        ("contains(created, '1')", False),
        ("status eq 'Active'", False),
        ("productIds eq 'urn:p:1'", False),
        ("extensions/any(x:x eq '1')", False),
        ("productIds/any(p:p ne '1')", False),
        ("productIds/all(p:p eq '1')", False),
        ("created eq", True),
        ("created eq 'open", True),
        ("created eq '1' '2'", True),
        ("(created eq '1'", True),
        ("created eq 1;drop", True),
        ("(" * 5000, True),
        ("(" * 30 + "created eq '1'" + ")" * 30, True),
        ("productIds/any(p:((p eq '1')", True),
        ("and", True),
    ],
)
def test_what_is_outside_is_told_apart_from_what_is_no_statement(statement: str, is_known: bool) -> None:
    with pytest.raises(Refusal) as refused:
        odata.parsed(statement)
    assert refused.value.status == 400
    if not is_known:
        assert refused.value.code == NOT_IMPLEMENTED


WORDS = (
    "created",
    "eq",
    "and",
    "any",
    "productIds/any",
    "(",
    ")",
    ":",
    "'",
    "''",
    "'x'",
    " ",
    "2025-01-01",
    "/",
    "$",
    "or",
)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=25).map("".join)))
def test_whatever_is_typed_is_a_test_or_a_refusal(statement: str) -> None:
    try:
        odata.parsed(statement)(BODY)
    except Refusal as refusal:
        assert refusal.status == 400


PATHS = ("created", "updated", "productCategoryCpc", "pcf/geographyCountry", "pcf/referencePeriodStart")
OPERATORS = {"eq": operator.eq, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
VALUES = st.one_of(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC).isoformat()),  # noqa: DTZ001
    st.sampled_from(["3342", "DE", "urn:it's", "2025-03-01T00:00:00Z", "urn:p:1", ""]),
)
COMPARED = st.tuples(st.sampled_from(PATHS), st.sampled_from(sorted(OPERATORS)), VALUES)
LISTED = st.tuples(st.sampled_from(("companyIds", "productIds")), st.just("any"), VALUES)


@given(st.lists(st.tuples(st.one_of(COMPARED, LISTED), st.integers(0, 3)), min_size=1, max_size=5))
def test_statements_mean_what_they_say(terms: list[tuple[tuple[str, str, str], int]]) -> None:
    statement = " and ".join("(" * depth + said(*term) + ")" * depth for term, depth in terms)
    assert odata.parsed(statement)(BODY) is all(meant(*term) for term, _ in terms)


def said(path: str, how: str, value: str) -> str:
    quoted = "'" + value.replace("'", "''") + "'"
    return f"{path}/any(x:(x eq {quoted}))" if how == "any" else f"{path} {how} {quoted}"


def meant(path: str, how: str, value: str) -> bool:
    found: Any = BODY
    for name in path.split("/"):
        found = found.get(name)
    if how == "any":
        return value in found
    if found is None:
        return False
    try:
        return bool(OPERATORS[how](datetime.fromisoformat(found), datetime.fromisoformat(value)))
    except ValueError:
        return bool(OPERATORS[how](found, value))
