"""Share out what members of a park made, bought and sold, so that what each used has an origin and a way.

What is sold is taken off the origin that its meter names, else off everything alike; what is bought inside the park has
its seller's mix of the month (proportional sharing, J. Bialek, IEE Proc. Gener. Transm. Distrib. 143 (1996) 313-320,
at one node). The parts add up to what was used, to the last digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

ZERO = Decimal(0)
_STEP = Decimal("0.000001")
#: Enough for sums of 10^12 kWh shared at one part in 10^18.
_DIGITS = 40


class Source(NamedTuple):
    """Origin, the way it came to the member, and the way it came to the park."""

    origin: str
    way: str
    way_into_park: str


#: What nobody says the origin of.
UNSPECIFIED = "unspecified"


@dataclass
class Member:
    """A month of one member in kWh.

    `made` by origin and way without what is bought inside the park, `bought` there by seller (None: nobody says),
    `sold` by origin (None: of the mix).
    """

    made: dict[Source, Decimal] = field(default_factory=dict)
    bought: dict[str | None, Decimal] = field(default_factory=dict)
    sold: dict[str | None, Decimal] = field(default_factory=dict)


def used(members: Mapping[str, Member]) -> dict[str, dict[Source, Decimal]]:
    """Return what each member used by source, in kWh with six decimals: what came to it less what it sold."""
    with localcontext() as context:
        context.prec = _DIGITS
        pools: dict[str, dict[Source, Decimal]] = {}
        for name in members:
            _pool(name, members, pools, ())
        found = {}
        for name, member in members.items():
            pool = pools[name]
            parts = shared(member.sold.get(None, ZERO), pool)
            found[name] = {one: pool.get(one, ZERO) - parts.get(one, ZERO) for one in {**pool, **parts}}
        return found


def shared(amount: Decimal, parts: Mapping[Source, Decimal]) -> dict[Source, Decimal]:
    """Return the amount shared in proportion to the parts, with six decimals that add up to it."""
    whole = sum(parts.values(), ZERO)
    if not amount:
        return {}
    if not whole:
        return {Source(UNSPECIFIED, "own", "own"): amount}
    found, so_far, given = {}, ZERO, ZERO
    for source, part in sorted(parts.items()):
        so_far += part
        until = (amount * so_far / whole).quantize(_STEP, ROUND_HALF_UP)
        found[source] = until - given
        given = until
    return found


def _pool(
    name: str, members: Mapping[str, Member], pools: dict[str, dict[Source, Decimal]], buyers: tuple[str, ...]
) -> dict[Source, Decimal]:
    """Return what came to a member, less what it sold of an origin that is named."""
    if name in pools:
        return pools[name]
    member = members[name]
    pool = dict(member.made)
    for seller, amount in member.bought.items():
        if seller is None or seller not in members or seller in (*buyers, name):
            parts = {Source(UNSPECIFIED, "park", "park"): amount}
        else:
            mix = _pool(seller, members, pools, (*buyers, name))
            parts = shared(amount, mix) if sum(mix.values(), ZERO) else {Source(UNSPECIFIED, "park", "park"): amount}
        for source, part in parts.items():
            _add(pool, Source(source.origin, "park", source.way_into_park), part)
    for origin, amount in member.sold.items():
        if origin is not None:
            _take(pool, origin, amount)
    if not buyers:
        pools[name] = pool
    return pool


def _take(pool: dict[Source, Decimal], origin: str, amount: Decimal) -> None:
    """Take what was sold of an origin off its own generation first; more than there was leaves less than nothing."""
    ways = sorted((source for source in pool if source.origin == origin), key=lambda source: source.way != "own")
    for source in ways:
        taken = min(amount, pool[source]) if source is not ways[-1] else amount
        pool[source] -= taken
        amount -= taken
    if not ways:
        pool[Source(origin, "own", "own")] = -amount


def _add(pool: dict[Source, Decimal], source: Source, amount: Decimal) -> None:
    pool[source] = pool.get(source, ZERO) + amount
