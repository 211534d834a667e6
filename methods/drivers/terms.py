"""What a change of energy, emissions or cost is made of: the products of factors whose effects are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from methods.drivers.lmdi import ZERO, Factor, Term

Key = tuple[str, ...]
Lines = Mapping[Key, tuple[Decimal | None, Decimal]]


@dataclass
class Month:
    """What is known of an organisation in a month; energy in tce, values in one currency.

    value: its output value, None where it was not told; values: that of each organisation whose products it counts.
    made: by organisation, unit and product the energy of the unit and what it made. rest: by organisation the energy
    that belongs to no product. emissions and costs: by line what was done (None where no one amount says it) and the
    result. weather: by organisation what of its energy heating and cooling took, where a baseline tells.
    """

    energy: Decimal = ZERO
    value: Decimal | None = None
    values: dict[str, Decimal] = field(default_factory=dict)
    made: dict[Key, tuple[Decimal, Decimal]] = field(default_factory=dict)
    rest: dict[Key, Decimal] = field(default_factory=dict)
    emissions: dict[Key, tuple[Decimal | None, Decimal]] = field(default_factory=dict)
    costs: dict[Key, tuple[Decimal | None, Decimal]] = field(default_factory=dict)
    weather: dict[str, Decimal] = field(default_factory=dict)

    def energy_of(self, member: str) -> Decimal:
        """Return an organisation's part of the energy."""
        made = sum((energy for key, (energy, _) in self.made.items() if key[0] == member), ZERO)
        return made + self.rest.get((member,), ZERO)


def of_energy(before: Month, after: Month) -> list[Term]:
    """Return energy = output value × share of it × product per value × energy per product.

    What belongs to no product is value × share × energy per value. Without a value the product itself is the output,
    and what belongs to no product is intensity. What heating and cooling took is apart, and changes by the weather.
    """
    weather = _weather(before, after)
    terms = [Term(was, now, [Factor("weather", was, now)], rest="weather") for was, now in weather.values()]
    for key in sorted({*before.made, *after.made}):
        was, now = before.made.get(key, (ZERO, ZERO)), after.made.get(key, (ZERO, ZERO))
        left = _left(before, after, weather, key[0])
        was, now = (was[0] * left[0], was[1]), (now[0] * left[1], now[1])
        factors = _output(before, after, key[0])
        if factors:
            value = before.values[key[0]], after.values[key[0]]
            factors.append(_ratio("structure", (was[1], value[0]), (now[1], value[1])))
        else:
            factors.append(Factor("output", was[1], now[1]))
        terms.append(_term(was[0], now[0], [*factors, _ratio("intensity", was, now)]))
    for key in sorted({*before.rest, *after.rest}):
        left = _left(before, after, weather, key[0])
        energy = before.rest.get(key, ZERO) * left[0], after.rest.get(key, ZERO) * left[1]
        factors = _output(before, after, key[0])
        if factors:
            value = before.values[key[0]], after.values[key[0]]
            factors.append(_ratio("intensity", (energy[0], value[0]), (energy[1], value[1])))
        terms.append(_term(*energy, factors))
    return terms


def of_lines(before: Month, after: Month, lines: tuple[Lines, Lines], last: str) -> list[Term]:
    """Return each line = output value × energy per value × activity per energy × result per activity (`last`).

    What heating and cooling took of the energy is weather × activity per energy × result per activity.
    """
    terms = []
    weather = _weather(before, after).values()
    took = sum((was for was, _ in weather), ZERO), sum((now for _, now in weather), ZERO)
    left = before.energy - took[0], after.energy - took[1]
    if min(left) <= 0:
        took, left = (ZERO, ZERO), (before.energy, after.energy)
    for key in sorted({*lines[0], *lines[1]}):
        was, now = lines[0].get(key, (ZERO, ZERO)), lines[1].get(key, (ZERO, ZERO))
        if before.value and after.value:
            intensity = _ratio("intensity", (left[0], before.value), (left[1], after.value))
            factors = [Factor("output", before.value, after.value), intensity]
        else:
            factors = [Factor("intensity", *left)]
        if was[0] is None or now[0] is None:
            terms.append(_term(was[1], now[1], []))
            continue
        mix = _ratio("structure", (was[0], before.energy), (now[0], after.energy))
        result = _ratio(last, (was[1], was[0]), (now[1], now[0]))
        by_weather = _share(was[1], took[0], before.energy), _share(now[1], took[1], after.energy)
        terms.append(_term(was[1] - by_weather[0], now[1] - by_weather[1], [*factors, mix, result]))
        terms.append(Term(*by_weather, [Factor("weather", *took), mix, result], rest="weather"))
    return terms


def _weather(before: Month, after: Month) -> dict[str, tuple[Decimal, Decimal]]:
    """Return by organisation what heating and cooling took, where both months tell it as a part of the energy."""
    found = {}
    for member in sorted(before.weather.keys() & after.weather.keys()):
        took = before.weather[member], after.weather[member]
        if took[0] < before.energy_of(member) and took[1] < after.energy_of(member):
            found[member] = took
    return found


def _left(
    before: Month, after: Month, weather: Mapping[str, tuple[Decimal, Decimal]], member: str
) -> tuple[Decimal, Decimal]:
    """Return the shares of an organisation's energy that the weather did not take."""
    if member not in weather:
        return Decimal(1), Decimal(1)
    was, now = weather[member]
    return 1 - was / before.energy_of(member), 1 - now / after.energy_of(member)


def _share(result: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return result * part / whole if part else ZERO


def _output(before: Month, after: Month, member: str) -> list[Factor]:
    """Return the output value and a member's share of it; nothing where one was not told or nothing."""
    if not (before.value and after.value and before.values.get(member) and after.values.get(member)):
        return []
    share = _ratio("structure", (before.values[member], before.value), (after.values[member], after.value))
    return [Factor("output", before.value, after.value), share]


def _term(before: Decimal, after: Decimal, factors: Sequence[Factor]) -> Term:
    return Term(before, after, factors, rest="intensity")


def _ratio(effect: str, before: tuple[Decimal, Decimal], after: tuple[Decimal, Decimal]) -> Factor:
    """Return an amount by another as a factor; where there was nothing to divide by, it is not defined."""
    if not before[1] or not after[1]:
        return Factor(effect, None, None)
    return Factor(effect, before[0] / before[1], after[0] / after[1])
