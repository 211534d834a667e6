"""The bridge of a line and the split of an activity: whatever moves, the parts add up to the last digit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.restatement import bridge, causes, split
from methods.restatement.bridge import Line
from methods.restatement.causes import Part, Parts

amounts = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=6)
factors = st.decimals(min_value=0, max_value=100, places=6)
potentials = st.sampled_from([Decimal(1), Decimal(28), Decimal("27.9"), Decimal(265)])


def line(activity: Decimal, factor: Decimal, gwp: Decimal, tonnes: str = "0.001", method: str = "clause") -> Line:
    """Return a line as the marts reckon it."""
    bare = Line(activity, Decimal(0), factor, Decimal(tonnes), gwp)
    rate = bare._told
    assert rate is not None
    return Line(activity, bridge.at(activity, rate), factor, Decimal(tonnes), gwp, method, f"{factor}")


lines = st.builds(line, amounts, factors, potentials, st.sampled_from(["1", "0.001"]), st.sampled_from(["a", "b"]))
data = st.dictionaries(st.sampled_from(causes.ORDER[:5]), amounts.map(Part), max_size=5)


@given(st.none() | lines, st.none() | lines, data)
def test_the_parts_add_up_whatever_moved(old: Line | None, new: Line | None, told: dict[str, Part]) -> None:
    change = (new.activity if new else Decimal(0)) - (old.activity if old else Decimal(0))
    moved = split.of(change, told, causes.BOUNDARY, takes_rest=True)
    assert sum((part.change for part in moved.values()), Decimal(0)) == change
    found = bridge.parts(old, new, moved)
    before, after = ((one.value or Decimal(0)) if one else Decimal(0) for one in (old, new))
    assert found.total == after - before


@given(lines, amounts, factors)
def test_data_at_the_old_factor_then_the_factor_on_the_new_data(old: Line, later: Decimal, factor: Decimal) -> None:
    """Each part is what a recomputation with the other side frozen gives."""
    new = line(old.activity + later, factor, old.gwp or Decimal(1), str(old.tonnes), old.method)
    frozen = line(old.activity + later, old.factor or Decimal(0), old.gwp or Decimal(1), str(old.tonnes), old.method)
    alone = line(old.activity, factor, old.gwp or Decimal(1), str(old.tonnes), old.method)
    found = bridge.parts(old, new, {causes.LATE: Part(later)} if later else {}).by_cause
    values = [Decimal(0) if one.value is None else one.value for one in (old, frozen, new, alone)]
    assert found.get(causes.LATE, Part()).change == values[1] - values[0]
    told = found.get(causes.FACTOR, Part())
    assert told.change == values[2] - values[1]
    if told.change and later:
        assert told.interaction == (values[2] - values[1]) - (values[3] - values[0])


def test_a_rule_that_is_another_one_takes_what_the_activity_does_not_explain() -> None:
    old, new = line(Decimal(100), Decimal(2), Decimal(1)), line(Decimal(110), Decimal(3), Decimal(1), method="new rule")
    found = bridge.parts(old, new, {causes.ENTRY: Part(Decimal(10))}).by_cause
    assert {cause: part.change for cause, part in found.items()} == {
        causes.ENTRY: Decimal("0.020000"),
        causes.METHOD: Decimal("0.110000"),
    }
    assert found[causes.METHOD].subjects == {"clause → new rule"}


def test_a_potential_is_told_apart_from_the_factor_before_it() -> None:
    old, new = line(Decimal(1000), Decimal(2), Decimal(28)), line(Decimal(1000), Decimal(3), Decimal("27.9"))
    found = bridge.parts(old, new, {}).by_cause
    assert {cause: part.change for cause, part in found.items()} == {
        causes.FACTOR: Decimal(28),
        causes.POTENTIAL: Decimal("-0.3"),
    }


def test_a_value_that_changed_although_nothing_did_has_no_cause() -> None:
    old = line(Decimal(10), Decimal(2), Decimal(1))
    new = Line(old.activity, Decimal("5"), old.factor, old.tonnes, old.gwp, old.method, old.valuation)
    assert list(bridge.parts(old, new, {}).by_cause) == [causes.UNEXPLAINED]


@pytest.mark.parametrize(
    ("change", "told", "expected"),
    [
        ("10", {causes.LATE: "7", causes.READING: "3"}, {causes.LATE: "7", causes.READING: "3"}),
        ("-10", {causes.LATE: "7", causes.READING: "3"}, {causes.LATE: "-7", causes.READING: "-3"}),  # sold
        ("1", {causes.LATE: "2", causes.READING: "1"}, {causes.LATE: "0.666667", causes.READING: "0.333333"}),
        ("0", {causes.LATE: "5", causes.READING: "-5"}, {causes.LATE: "5", causes.READING: "-5"}),
        ("4", {}, {causes.BOUNDARY: "4"}),
        (
            "4",
            {causes.LATE: "500", causes.READING: "-499"},
            {causes.LATE: "500", causes.READING: "-499", causes.BOUNDARY: "3"},
        ),
    ],
)
def test_causes_share_what_an_activity_is_made_of(change, told, expected) -> None:
    found = split.of(Decimal(change), {cause: Part(Decimal(part)) for cause, part in told.items()}, causes.BOUNDARY)
    assert {cause: part.change for cause, part in found.items()} == {c: Decimal(p) for c, p in expected.items()}


def test_halves_round_away_from_zero_as_the_marts_do() -> None:
    assert bridge.rounded(Fraction(5, 10_000_000)) == Decimal("0.000001")
    assert bridge.rounded(Fraction(-5, 10_000_000)) == Decimal("-0.000001")
    assert bridge.rounded(Fraction(4, 10_000_000)) == 0


def test_a_reason_names_what_moved_in_both_languages() -> None:
    part = Part(Decimal(1), rows=3, subjects=frozenset({"b", "a"}))
    assert causes.reason(causes.LATE, part, 0) == "3条数据在原数发布之后才到：a、b"
    assert causes.reason(causes.LATE, part, 1) == "3 rows came after the old figure: a, b"
    assert causes.reason(causes.BOUNDARY, Part(), 1) == "Organisations, units or allocations changed"
    both = Parts()
    both.add(causes.LATE, part)
    both.add(causes.LATE, part)
    assert both.by_cause[causes.LATE].rows == 3  # the same rows behind two lines are told once
