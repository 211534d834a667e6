"""The numbers of the allocation plans: each stands in the text it was taken out of, and one counts in a year."""

from decimal import Decimal
from itertools import combinations

import pytest

from factors import load


@pytest.fixture(scope="module")
def library():
    return load.load()


def digits(value: Decimal) -> set[str]:
    """How a number may be printed: as it is, and a share as a percentage."""
    return {f"{number.normalize():f}" for number in (value, value * 100)}


def test_each_number_stands_in_the_text_it_was_taken_out_of(library):
    printed = {row["parameter_id"]: row for row in library["ets_allocation"].to_pylist()}
    named = [row for row in library["ets_rules"].to_pylist() if row["printed_id"]]
    assert len(named) > 20
    for row in named:
        if row["parameter"] != "equals_emissions":  # a word, not a number
            cells = printed[row["printed_id"]]
            text = " ".join(str(cells[column]) for column in ("name_zh", "value", "note")).replace("10 000", "10000")
            assert any(number in text for number in digits(row["value"])), (row["rule_id"], text)


def test_one_number_counts_in_a_year(library):
    rows = library["ets_rules"].to_pylist()
    key = ("rule", "sector", "parameter", "unit_class")
    for one, other in combinations(rows, 2):
        if all(one[column] == other[column] for column in key):
            assert max(one["year_from"], other["year_from"]) > min(one["year_to"] or 9999, other["year_to"] or 9999), (
                one["rule_id"]
            )


def test_a_deadline_lies_after_its_year(library):
    rows = library["ets_deadlines"].to_pylist()
    assert all(row["due_on"].year > row["year"] for row in rows)
    assert {row["sector"] for row in rows if row["kind"] == "surrender" and row["year"] == 2025} == {
        "power",
        "steel",
        "cement",
        "aluminium",
    }
