"""One hour of the members of a park: what each used, and how much green power was there for it in the same hour.

Who used which origin is shared as in a month (methods/origins/mix). A certificate counts in the hours in which its
plant ran, where a meter of the site says so; volumes without hours cannot be matched with an hour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from methods.origins.mix import ZERO, Member, Source, used
from methods.origins.rows import NAMES

#: The ways in the order in which green power is matched: what is at hand first.
WAYS = ("own", "contract", "park", "certificate")


@dataclass(frozen=True)
class Matched:
    """An hour of an organisation in kWh: used, matched by way, and green power that was there and not used here."""

    consumption: Decimal
    by_way: Mapping[str, Decimal]
    surplus: Decimal

    @property
    def matched(self) -> Decimal:
        """What is matched, at most what was used."""
        return sum(self.by_way.values(), ZERO)


def is_green(source: Source) -> bool:
    """Whether the origin is renewable; what nobody says the origin of is not."""
    return bool(NAMES.get(source.origin, ("", "", None))[2])


def of_hour(
    members: Mapping[str, Member], certified: Mapping[str, Decimal], below: Mapping[str, Iterable[str]]
) -> dict[str, Matched]:
    """Return what each organisation used and matched; `below` are the members under each, itself where it is one.

    `certified` is what a member's certificates generated in the hour. A park matches what its members did, each kWh by
    the way it came into the park.
    """
    parts = used(members)
    whole = {name: sum(of.values(), ZERO) for name, of in parts.items()}
    green = {name: _capped(_green(of), whole[name]) for name, of in parts.items()}
    proved, lost = {}, {}
    for name, amount in certified.items():
        left = max(ZERO, whole.get(name, ZERO) - sum(green.get(name, {}).values(), ZERO))
        proved[name] = min(amount, left)
        lost[name] = amount - proved[name]
    found = {}
    for name, under in below.items():
        mine = [member for member in under if member in members]
        if not mine:
            continue
        by_way = dict.fromkeys(WAYS, ZERO)
        for member in mine:
            for source, amount in green[member].items():
                by_way[source.way if member == name else source.way_into_park] += amount
            by_way["certificate"] += proved.get(member, ZERO)
        there = sum((_there(members[member]) for member in mine), ZERO)
        surplus = max(ZERO, there - by_way["own"] - by_way["contract"]) + sum(
            (lost.get(member, ZERO) for member in mine), ZERO
        )
        found[name] = Matched(sum((whole[member] for member in mine), ZERO), by_way, surplus)
    return found


def _green(parts: Mapping[Source, Decimal]) -> dict[Source, Decimal]:
    return {source: amount for source, amount in parts.items() if is_green(source) and amount > 0}


def _capped(green: Mapping[Source, Decimal], most: Decimal) -> dict[Source, Decimal]:
    """Return what is green up to what was used: no hour is matched twice over."""
    found, left = {}, max(ZERO, most)
    for source in sorted(green, key=lambda source: (WAYS.index(source.way), source)):
        found[source] = min(green[source], left)
        left -= found[source]
    return found


def _there(member: Member) -> Decimal:
    return sum((amount for source, amount in member.made.items() if is_green(source)), ZERO)
