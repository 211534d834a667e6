"""What an operator tells importers under CBAM: embedded emissions of the goods of one installation and period.

Source: Regulation (EU) 2023/956, Annexes II and IV, and the structure of the Commission's communication template:

    attributed direct    = direct + heat imported - heat exported + waste gases imported - exported - electricity made
    attributed indirect  = electricity used x its factor
    specific embedded    = (attributed + sum of precursor amount x its specific embedded) / activity level

Indirect emissions are in scope for cement and fertilisers only; they are told for every good. A precursor that the
installation makes itself has what is reckoned here for it. The structure is ours: this is not the official file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lake.errors import FootprintError

LABEL = "Structure of Nengtan after the sheets of the communication template; not the official file of the Commission"
#: Categories of goods whose indirect emissions are in scope (Annex II lists the others).
INDIRECT = frozenset({"cement_clinker", "cement", "fertiliser"})
#: The gases that count for a category (Annex I); carbon dioxide does for all.
GASES: Mapping[str, frozenset[str]] = {
    "fertiliser": frozenset({"CO2", "N2O"}),
    "aluminium": frozenset({"CO2", "CF4", "C2F6", "PFC"}),
}
CATEGORIES = ("cement_clinker", "cement", "iron_or_steel", "aluminium", "fertiliser", "hydrogen")
_DIGITS = Decimal("0.000001")


@dataclass(frozen=True)
class Installation:
    """Where the goods are made; factors in tCO2/MWh and tCO2/GJ with what they rest on."""

    installation_id: str
    name: str
    operator: str
    address: str
    country: str
    unlocode: str
    latitude: Decimal | None
    longitude: Decimal | None
    verifier: str
    electricity_factor: Decimal
    electricity_source: str
    heat_factor: Decimal | None
    heat_source: str


@dataclass(frozen=True)
class Bought:
    """A precursor that is bought: tonnes, and tCO2e per tonne as its maker told it, or a default value."""

    item: str
    name: str
    cn_code: str
    country: str
    amount_t: Decimal
    see_direct: Decimal
    see_indirect: Decimal
    value_kind: str
    source: str


@dataclass(frozen=True)
class CarbonPrice:
    """What was paid for the emissions of a good in the country of origin, after rebates."""

    paid_cny: Decimal
    covered_t: Decimal
    rebate_cny: Decimal

    @property
    def net_cny(self) -> Decimal:
        """What remains of it."""
        return self.paid_cny - self.rebate_cny


@dataclass(frozen=True)
class Stream:
    """A source stream as it was accounted: of what, and tonnes of CO2e."""

    name: str
    emissions_t: Decimal


@dataclass(frozen=True)
class Good:
    """A good with what its production process took and gave in the period; tonnes, tCO2e, GJ, MWh."""

    product_id: str
    name: str
    cn_code: str
    category: str
    route: str
    activity_t: Decimal
    streams: Sequence[Stream]
    electricity_mwh: Decimal
    heat_in_gj: Decimal = Decimal(0)
    heat_out_gj: Decimal = Decimal(0)
    waste_gas_in_t: Decimal = Decimal(0)
    waste_gas_out_t: Decimal = Decimal(0)
    electricity_made_t: Decimal = Decimal(0)
    bought: Sequence[Bought] = ()
    own: Mapping[str, Decimal] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    price: CarbonPrice | None = None

    @property
    def direct_t(self) -> Decimal:
        """Direct emissions of the process."""
        return sum((stream.emissions_t for stream in self.streams), Decimal(0))


@dataclass(frozen=True)
class Embedded:
    """What is embedded in a good: totals in tCO2e, specific ones in tCO2e per tonne."""

    good: Good
    attributed_direct_t: Decimal
    attributed_indirect_t: Decimal
    precursors_direct_t: Decimal
    precursors_indirect_t: Decimal
    default_t: Decimal

    @property
    def is_indirect_in_scope(self) -> bool:
        """Whether the obligation covers the indirect emissions, too."""
        return self.good.category in INDIRECT

    @property
    def direct_t(self) -> Decimal:
        """Direct emissions embedded in all that was made."""
        return self.attributed_direct_t + self.precursors_direct_t

    @property
    def indirect_t(self) -> Decimal:
        """Indirect emissions embedded in all that was made."""
        return self.attributed_indirect_t + self.precursors_indirect_t

    @property
    def see_direct(self) -> Decimal:
        """Direct, per tonne."""
        return self.direct_t / self.good.activity_t

    @property
    def see_indirect(self) -> Decimal:
        """Indirect, per tonne."""
        return self.indirect_t / self.good.activity_t

    @property
    def see_in_scope(self) -> Decimal:
        """What the obligation covers, per tonne."""
        return self.see_direct + (self.see_indirect if self.is_indirect_in_scope else 0)

    @property
    def default_ratio(self) -> Decimal:
        """The share of what is embedded that rests on default values."""
        whole = self.direct_t + self.indirect_t
        return self.default_t / whole if whole else Decimal(0)


@dataclass(frozen=True)
class Report:
    """The goods of one installation and period."""

    installation: Installation
    begins_on: date
    ends_on: date
    goods: Sequence[Embedded]


def report(installation: Installation, begins_on: date, ends_on: date, goods: Sequence[Good]) -> Report:
    """Reckon what is embedded in the goods, precursors first.

    Raises FootprintError where a good has no output, or goods are precursors of each other.
    """
    known = {good.product_id: good for good in goods}
    done: dict[str, Embedded] = {}

    def reckoned(product_id: str, way: tuple[str, ...]) -> Embedded:
        if product_id in way:
            raise FootprintError(f"{' -> '.join((*way, product_id))}: goods cannot be precursors of each other")
        if product_id not in done:
            good = known[product_id]
            if good.activity_t <= 0:
                raise FootprintError(f"{product_id}: nothing was made from {begins_on} to {ends_on}")
            own = {name: (amount, reckoned(name, (*way, product_id))) for name, amount in good.own.items()}
            done[product_id] = _embedded(good, installation, own)
        return done[product_id]

    return Report(installation, begins_on, ends_on, [reckoned(good.product_id, ()) for good in goods])


def _embedded(good: Good, place: Installation, own: Mapping[str, tuple[Decimal, Embedded]]) -> Embedded:
    heat = good.heat_in_gj - good.heat_out_gj
    if heat and place.heat_factor is None:
        raise FootprintError(f"{good.product_id} takes heat from others; {place.installation_id} has no heat factor")
    direct = good.direct_t + heat * (place.heat_factor or 0)
    direct += good.waste_gas_in_t - good.waste_gas_out_t - good.electricity_made_t
    made = list(own.values())
    return Embedded(
        good=good,
        attributed_direct_t=direct,
        attributed_indirect_t=good.electricity_mwh * place.electricity_factor,
        precursors_direct_t=_sum(one.amount_t * one.see_direct for one in good.bought)
        + _sum(amount * one.see_direct for amount, one in made),
        precursors_indirect_t=_sum(one.amount_t * one.see_indirect for one in good.bought)
        + _sum(amount * one.see_indirect for amount, one in made),
        default_t=_sum(
            one.amount_t * (one.see_direct + one.see_indirect) for one in good.bought if one.value_kind == "default"
        )
        + _sum(amount / one.good.activity_t * one.default_t for amount, one in made),
    )


def _sum(values: Iterator[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def document(found: Report) -> dict[str, Any]:
    """Return the report ready for JSON: figures are decimal texts of six places."""
    place = found.installation
    return {
        "label": LABEL,
        "reporting_period": {"from": found.begins_on.isoformat(), "to": found.ends_on.isoformat()},
        "installation": {name: _plain(value) for name, value in vars(place).items()},
        "goods": [_told(one) for one in found.goods],
    }


def _told(one: Embedded) -> dict[str, Any]:
    good = one.good
    names = (
        *("attributed_direct_t", "attributed_indirect_t", "precursors_direct_t", "precursors_indirect_t"),
        *("see_direct", "see_indirect", "see_in_scope", "is_indirect_in_scope", "default_ratio"),
    )
    plain = ("product_id", "name", "cn_code", "category", "route", "activity_t", "direct_t", "electricity_mwh")
    taken = ("heat_in_gj", "heat_out_gj", "waste_gas_in_t", "waste_gas_out_t", "electricity_made_t")
    price = good.price
    return {
        **{name: _plain(getattr(good, name)) for name in (*plain, *taken)},
        **{name: _plain(getattr(one, name)) for name in names},
        "source_streams": [{name: _plain(value) for name, value in vars(stream).items()} for stream in good.streams],
        "precursors_bought": [{name: _plain(value) for name, value in vars(item).items()} for item in good.bought],
        "precursors_own": [{"item": name, "amount_t": _plain(amount)} for name, amount in good.own.items()],
        "parameters": dict(good.parameters),
        "carbon_price": None
        if price is None
        else {name: _plain(getattr(price, name)) for name in ("paid_cny", "covered_t", "rebate_cny", "net_cny")},
    }


def _plain(value: object) -> object:
    return f"{value.quantize(_DIGITS):f}" if isinstance(value, Decimal) else value
