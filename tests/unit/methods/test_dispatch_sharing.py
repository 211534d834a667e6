"""The Shapley value: published games, and its axioms on random ones."""

import random
from itertools import combinations

import pytest

from methods.dispatch.sharing import shapley


def test_the_airport() -> None:
    """S. C. Littlechild, G. Owen, Management Science 20 (1973): who needs more runway pays for the rest of it alone."""
    needs = {"a": 1.0, "b": 2.0, "c": 3.0}
    found = shapley(list(needs), lambda joined: max((needs[player] for player in joined), default=0.0))
    assert found == pytest.approx({"a": 1 / 3, "b": 5 / 6, "c": 11 / 6})


def test_gloves() -> None:
    """One left glove and two right ones: a pair is worth 1, and who has the rare glove gets two thirds."""
    found = shapley(["left", "right", "other"], lambda joined: float("left" in joined and len(joined) > 1))
    assert found == pytest.approx({"left": 2 / 3, "right": 1 / 6, "other": 1 / 6})


@pytest.mark.parametrize("seed", range(20))
def test_axioms(seed: int) -> None:
    draw = random.Random(seed)
    players = ["a", "b", "c", "d"]
    worth = {
        frozenset(joined): draw.uniform(0, 100)
        for size in range(1, 4)
        for joined in combinations(["a", "b", "c"], size)
    }
    worth[frozenset()] = 0.0
    for rest in [set(), {"c"}]:  # a and b bring the same
        worth[frozenset({"b", *rest})] = worth[frozenset({"a", *rest})]
    found = shapley(players, lambda joined: worth[joined - {"d"}])
    assert sum(found.values()) == pytest.approx(worth[frozenset("abc")])
    assert found["a"] == pytest.approx(found["b"])
    assert found["d"] == pytest.approx(0)
