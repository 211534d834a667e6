"""The program finds what textbooks print, and says what cannot be met."""

import itertools
import random

import numpy as np
import pytest

from methods.dispatch.program import InfeasibleError, Program


def test_the_factory_of_a_textbook_with_its_shadow_prices() -> None:
    """Wyndor Glass: F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, ch. 3 and 4."""
    program = Program()
    made = program.add(2, cost=[-3, -5])
    program.keep("plant 1", -np.inf, 4, 1, (made[None, :1], 1.0))
    program.keep("plant 2", -np.inf, 12, 1, (made[None, 1:], 2.0))
    program.keep("plant 3", -np.inf, 18, 1, (made[None, :], np.array([[3, 2]])))
    found = program.solve()
    assert found.values == pytest.approx([2, 6])
    assert -found.cost == pytest.approx(36)
    assert -found.prices == pytest.approx([0, 1.5, 1])


#: A. J. Wood, B. F. Wollenberg, Power Generation, Operation and Control, 2nd ed., examples 3A and 3B: heat rates
#: (MBtu/h) as a + b P + c P2, least and full load (MW), and the fuel cost of each unit.
UNITS = ((510, 7.2, 0.00142, 150, 600), (310, 7.85, 0.00194, 100, 400), (78, 7.97, 0.00482, 50, 200))


@pytest.mark.parametrize(
    ("fuel", "printed", "price"),
    [((1.1, 1.0, 1.0), (393.2, 334.6, 122.2), 9.148), ((0.9, 1.0, 1.0), (600, 187.1, 62.9), 8.576)],
)
def test_economic_dispatch_of_three_units(fuel: tuple[float, ...], printed: tuple[float, ...], price: float) -> None:
    """A convex curve is a row of slices of 0.5 MW, each with its own slope."""
    program, slices = Program(), []
    for (_, slope, bend, least, full), cost in zip(UNITS, fuel, strict=True):
        middles = np.arange(least, full, 0.5) + 0.25
        slices.append(program.add(len(middles), cost=cost * (slope + 2 * bend * middles), upper=0.5))
    rest = 850 - sum(unit[3] for unit in UNITS)
    balance = program.keep("load", rest, rest, 1, (np.concatenate(slices)[None, :], 1.0))
    found = program.solve()
    power = [unit[3] + found.values[part].sum() for unit, part in zip(UNITS, slices, strict=True)]
    assert power == pytest.approx(printed, abs=0.5)
    assert found.prices[balance] == pytest.approx(price, abs=0.005)


def test_commitment_of_a_textbook() -> None:
    """Example 5A of the same book: of all combinations for 550 MW unit 1 alone is the cheapest, 5389 R/h."""
    program, loads, cost = Program(), [], 0.0
    for (base, slope, bend, least, full), fuel in zip(UNITS, (1.1, 1.0, 1.2), strict=True):
        on = program.add(1, cost=fuel * (base + slope * least + bend * least**2), upper=1, whole=True)
        middles = np.arange(least, full, 0.5) + 0.25
        part = program.add(len(middles), cost=fuel * (slope + 2 * bend * middles), upper=0.5)
        program.keep("on", -np.inf, 0, len(middles), (part, 1.0), (np.broadcast_to(on, len(middles)), -0.5))
        loads += [(on[None, :], float(least)), (part[None, :], 1.0)]
    program.keep("load", 550, 550, 1, *loads)
    found = program.solve()
    cost = found.cost
    assert cost == pytest.approx(5389.5, abs=0.5)
    assert found.gap <= 0.01


def test_whole_numbers_are_the_best_of_all_combinations() -> None:
    """Knapsacks of ten things, against every one of the 1024 choices; the gap that is told is kept."""
    draw = random.Random(3)
    for _ in range(5):
        worth, weight = ([draw.randint(1, 40) for _ in range(10)] for _ in range(2))
        room = sum(weight) // 2
        program = Program()
        taken = program.add(10, cost=[-float(value) for value in worth], upper=1, whole=True)
        program.keep("room", -np.inf, room, 1, (taken[None, :], np.array([weight], dtype=float)))
        choices = itertools.product((0, 1), repeat=10)
        best = max(np.dot(choice, worth) for choice in choices if np.dot(choice, weight) <= room)
        found = program.solve()
        assert -found.cost == pytest.approx(best)
        assert found.gap <= 1e-5


def test_what_cannot_be_met_is_named() -> None:
    program = Program()
    power = program.add(4, upper=10)
    program.keep("busbar", [5, 5, 18, 5], [5, 5, 18, 5], 4, (power, 1.0))
    with pytest.raises(InfeasibleError) as caught:
        program.solve()
    assert caught.value.short == (("busbar", 2, pytest.approx(8)),)


def test_nothing_is_printed_but_by_us(capfd: pytest.CaptureFixture[str]) -> None:
    """Commands print JSON on standard output: a solver's greeting would spoil it."""
    program = Program()
    one = program.add(1, cost=1.0, whole=True)
    program.keep("least", 1.5, np.inf, 1, (one, 1.0))
    assert program.solve().values == pytest.approx([2])
    assert capfd.readouterr().out == ""
