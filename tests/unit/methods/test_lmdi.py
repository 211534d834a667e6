"""LMDI-I leaves nothing over; published cases and the limits at zero; printed digits add up."""

from decimal import Decimal
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.drivers.lmdi import Factor, Term, effects, printed

#: The example of the R package LMDIR (M. K. Heun, CRAN; data frame of create_simple_LMDI, its tests and its
#: spreadsheet): two categories of three factors in 1971 and 1972, and the effects that it publishes.
PUBLISHED = {
    "before": [[1, 10, 2], [4, 5, 3]],
    "after": [[4, 5, 3], [5, 6, 4]],
    "of each": [[50.47438029, -25.23719014, 14.76280986], [19.31568569, 15.78206435, 24.90224996]],
    "in all": [69.79006598, -9.455125793, 39.66505981],
}


def term(before: list[int], after: list[int]) -> Term:
    factors = [
        Factor(str(number), Decimal(was), Decimal(now))
        for number, (was, now) in enumerate(zip(before, after, strict=True))
    ]
    return Term(Decimal(prod(before)), Decimal(prod(after)), factors, rest="rest")


def test_a_published_example() -> None:
    terms = [term(was, now) for was, now in zip(PUBLISHED["before"], PUBLISHED["after"], strict=True)]  # type: ignore[arg-type]
    found = effects(terms)
    assert [float(found[str(number)]) for number in range(3)] == pytest.approx(PUBLISHED["in all"], abs=1e-8)
    for one, expected in zip(terms, PUBLISHED["of each"], strict=True):
        assert [float(effects([one])[str(number)]) for number in range(3)] == pytest.approx(expected, abs=1e-8)
    assert sum(printed(found, Decimal(100)).values()) == 100


@pytest.mark.parametrize(
    ("values", "factor", "expected"),
    [  # Ang, Zhang and Choi 1998, table 2: value before and after, factor before and after, its effect
        ((0, 42), (0, 7), 42),
        ((42, 0), (7, 0), -42),
        ((0, 42), (7, 7), 0),
        ((42, 0), (7, 7), 0),
        ((0, 0), (7, 7), 0),
        ((0, 0), (0, 0), 0),
        ((0, 0), (7, 0), 0),
        ((0, 0), (0, 7), 0),
    ],
)
def test_the_limits_at_zero(values: tuple[int, int], factor: tuple[int, int], expected: int) -> None:
    factors = [Factor("this", Decimal(factor[0]), Decimal(factor[1]))]
    if 0 not in factor:  # another factor explains what this one does not
        factors.append(Factor("other", Decimal(values[0]), Decimal(values[1])))
    found = effects([Term(Decimal(values[0]), Decimal(values[1]), factors, rest="rest")])
    assert found.get("this", 0) == expected
    assert sum(found.values()) == values[1] - values[0]


def test_the_limit_is_the_limit() -> None:
    """What the formula gives for an ever smaller number comes to what is given for zero."""
    tiny = Decimal("1e-300")
    other = Factor("b", Decimal(3), Decimal(4))
    nearly = effects([Term(6 * tiny, Decimal(12), [Factor("a", 2 * tiny, Decimal(3)), other], "")])
    zero = effects([Term(Decimal(0), Decimal(12), [Factor("a", Decimal(0), Decimal(3)), other], "")])
    assert float(nearly["a"]) == pytest.approx(float(zero["a"]), rel=0.002)
    assert zero == {"a": Decimal(12)}


#: Thousandths, up to a million; a fifth are zeros, the hard case.
NUMBERS = st.integers(-(10**8), 4 * 10**8).map(lambda number: Decimal(max(number, 0)) / 1000)
CATEGORIES = st.lists(st.tuples(*[NUMBERS] * 6), min_size=1, max_size=3)


def turned(one: Term) -> Term:
    return Term(one.after, one.before, [Factor(each.effect, each.after, each.before) for each in one.factors], one.rest)


@given(categories=CATEGORIES)
@settings(max_examples=1000, deadline=None)
def test_nothing_is_left_over(categories: list[tuple[Decimal, ...]]) -> None:
    terms = []
    for before, after in ((numbers[:3], numbers[3:]) for numbers in categories):
        factors = [Factor(name, *pair) for name, pair in zip("abc", zip(before, after, strict=True), strict=True)]
        terms.append(Term(prod(before, start=Decimal(1)), prod(after, start=Decimal(1)), factors, rest="c"))
    found = effects(terms)
    change = sum((one.after - one.before for one in terms), Decimal(0))
    assert abs(sum(found.values()) - change) <= Decimal("1e-9") * abs(change) or abs(change) < Decimal("1e-9")
    backwards = effects([turned(one) for one in terms])
    for effect, amount in found.items():  # time may run the other way
        assert float(backwards[effect]) == pytest.approx(-float(amount), rel=1e-9, abs=1e-9)
    shown = printed(found, change)
    assert sum(shown.values()) == (change.quantize(Decimal("0.000001")) if shown else 0)
    assert all(abs(shown[effect] - found[effect]) <= Decimal("0.000001") for effect in shown)
