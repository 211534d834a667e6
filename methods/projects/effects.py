"""What a project changes in a year: the sum of its effects, each at what a unit of the carrier is at this site."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ACCOUNTS = ("statutory", "location", "market")
_POWER = "electricity"
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Rate:
    """What one unit of a carrier is: standard coal by both conventions, CNY, and t CO2e by account; None: not known.

    is_direct: its tonnes leave the site itself (burnt, or of a process), and are not those of bought power or heat.
    """

    tce_calorific: Decimal | None = None
    tce_equivalent: Decimal | None = None
    cny: Decimal | None = None
    tco2e: Mapping[str, Decimal | None] = field(default_factory=dict)
    is_direct: bool = False


@dataclass(frozen=True)
class Effect:
    """One effect in the carrier's own unit a year, above zero where more is used; `kind`: use, process or output."""

    kind: str
    carrier: str
    quantity: Decimal
    cny: Decimal | None = None


@dataclass(frozen=True)
class Change:
    """Of a year: energy (tce), electricity (kWh), cost of energy (CNY), emissions (t CO2e by account), output.

    direct: of the emissions of the statutory account those of the site itself.

    None is not known, and `unknown` names why: a reason and the carrier.
    """

    tce_calorific: Decimal | None
    tce_equivalent: Decimal | None
    kwh: Decimal
    cny: Decimal | None
    tco2e: Mapping[str, Decimal | None]
    direct: Decimal | None
    output: Decimal
    unknown: tuple[tuple[str, str], ...]

    def scaled(self, ratio: Decimal) -> "Change":
        """Return the change where only a share of what was promised came; output is what was produced."""
        return Change(
            _times(self.tce_calorific, ratio),
            _times(self.tce_equivalent, ratio),
            self.kwh * ratio,
            _times(self.cny, ratio),
            {account: _times(tonnes, ratio) for account, tonnes in self.tco2e.items()},
            _times(self.direct, ratio),
            self.output,
            self.unknown,
        )


def change(effects: Iterable[Effect], rates: Mapping[tuple[str, str], Rate]) -> Change:
    """Return the sum of the effects; `rates` are by kind and carrier. Process emissions are neither energy nor cost."""
    calorific, equivalent, cost, kwh, direct, output = (_ZERO,) * 6
    lacks: dict[str, str] = {}
    tonnes: dict[str, Decimal] = dict.fromkeys(ACCOUNTS, _ZERO)
    for effect in effects:
        if effect.kind == "output":
            output += effect.quantity
            continue
        rate = rates.get((effect.kind, effect.carrier), Rate())
        for account in ACCOUNTS:
            one = rate.tco2e.get(account)
            if one is None:
                lacks.setdefault("no_factor", effect.carrier)
            else:
                tonnes[account] += effect.quantity * one
                direct += effect.quantity * one if rate.is_direct and account == "statutory" else _ZERO
        if effect.kind == "process":
            continue
        price = effect.cny if effect.cny is not None else rate.cny
        if rate.tce_calorific is None or rate.tce_equivalent is None:
            lacks.setdefault("no_coefficient", effect.carrier)
        else:
            calorific += effect.quantity * rate.tce_calorific
            equivalent += effect.quantity * rate.tce_equivalent
        if price is None:
            lacks.setdefault("no_price", effect.carrier)
        else:
            cost += effect.quantity * price
        kwh += effect.quantity if effect.carrier.startswith(_POWER) else _ZERO
    return Change(
        None if "no_coefficient" in lacks else calorific,
        None if "no_coefficient" in lacks else equivalent,
        kwh,
        None if "no_price" in lacks else cost,
        {account: None if "no_factor" in lacks else tonnes[account] for account in ACCOUNTS},
        None if "no_factor" in lacks else direct,
        output,
        tuple(lacks.items()),
    )


def _times(amount: Decimal | None, ratio: Decimal) -> Decimal | None:
    return None if amount is None else amount * ratio


def rates(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str | None, str, str], Rate]:
    """Return the rates by organisation (None: the whole site), kind and carrier, from sums of twelve whole months.

    `rows` have organization_id, kind, carrier, energy_quantity, tce_calorific, tce_equivalent, priced_quantity, cny,
    is_direct, and of each account <account>_quantity and <account>_tco2e: a rate is a sum by the quantity it is of.
    """
    found = {}
    for row in rows:
        found[row["organization_id"], row["kind"], row["carrier"]] = Rate(
            _per(row["tce_calorific"], row["energy_quantity"]),
            _per(row["tce_equivalent"], row["energy_quantity"]),
            _per(row["cny"], row["priced_quantity"]),
            {account: _per(row[f"{account}_tco2e"], row[f"{account}_quantity"]) for account in ACCOUNTS},
            bool(row["is_direct"]),
        )
    return found


def of_organization(
    every: Mapping[tuple[str | None, str, str], Rate], organization: str
) -> dict[tuple[str, str], Rate]:
    """Return the rates of an organisation; what it does not use itself is as in the rest of the site."""
    found = {(kind, carrier): rate for (who, kind, carrier), rate in every.items() if who is None}
    for (who, kind, carrier), rate in every.items():
        if who == organization:
            site = found.get((kind, carrier), Rate())
            found[kind, carrier] = Rate(
                _first(rate.tce_calorific, site.tce_calorific),
                _first(rate.tce_equivalent, site.tce_equivalent),
                _first(rate.cny, site.cny),
                {account: _first(rate.tco2e.get(account), site.tco2e.get(account)) for account in ACCOUNTS},
                rate.is_direct or site.is_direct,
            )
    return found


def _first(*found: Decimal | None) -> Decimal | None:
    return next((one for one in found if one is not None), None)


def _per(amount: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    return None if amount is None or not quantity else amount / quantity
