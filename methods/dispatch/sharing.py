"""How a common gain is shared out: the Shapley value (L. S. Shapley, A Value for n-Person Games, 1953)."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial


def shapley(players: Sequence[str], gain: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Return each player's mean contribution over all orders of joining; the parts add up to the gain of all.

    `gain` of a coalition is what it can do better than its members each alone.
    """
    count = len(players)
    found = {}
    for player in players:
        others = [other for other in players if other != player]
        found[player] = sum(
            factorial(size)
            * factorial(count - size - 1)
            / factorial(count)
            * (gain(frozenset((*joined, player))) - gain(frozenset(joined)))
            for size in range(count)
            for joined in combinations(others, size)
        )
    return found
