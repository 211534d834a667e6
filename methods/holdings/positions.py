"""The position of each compliance year: what is held and still to come against what is owed, and what that may cost.

A year rests on its own allowances and on what the years before leave over, as far as the carry-over rule lets it. What
is short in a year is bought, so the next one begins with nothing of it. Amounts in tonnes of CO2, as of one day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lake.ledger.book import Line
from lake.ledger.kinds import CCER, CEA, HOLDING
from methods.holdings.tables import STATES

Row = dict[str, Any]
_ZERO = Decimal(0)
#: Allowances are whole tonnes: less than one is nothing to surrender.
_WHOLE = Decimal(1)
#: What comes from the authority as the last word on a year; until then the rest of the quota is still to come.
_FINAL = ("issued", "adjusted", "recovered")


@dataclass(frozen=True)
class Owed:
    """What a year asks of an enterprise: emissions so far and as expected, and quota; None where not known."""

    sector: str | None
    emissions: Decimal | None
    expected: Decimal | None
    quota: Decimal | None
    is_complete: bool
    names: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Rules:
    """The rules of a year: the share of CCER in what is surrendered, and the carry-over into it (None: no limit)."""

    ccer_share: Decimal | None = None
    carry_base: Decimal | None = None
    carry_multiplier: Decimal | None = None


@dataclass
class Account:
    """What an enterprise has of each vintage, was given, sold net, and used for each year, up to a day."""

    held: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    given: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    final: set[int] = field(default_factory=set)
    net_sold: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    surrendered: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    offset: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    credits: Decimal = _ZERO


def accounts(lines: Iterable[Line], as_of: date) -> dict[str, Account]:
    """Return the account of each enterprise from the lines that were posted up to a day."""
    found: dict[str, Account] = defaultdict(Account)
    for line in lines:
        entry = line.entry
        if line.account != HOLDING or entry.posted_on > as_of or entry.instrument not in (CEA, CCER):
            continue
        account, change = found[entry.organization_id], line.debit - line.credit
        year, vintage = entry.told.get("compliance_year"), line.vintage or 0
        if entry.instrument == CCER:
            account.credits += change
            if isinstance(year, int):
                account.offset[year] -= change
            continue
        account.held[vintage] += change
        if isinstance(year, int):
            account.surrendered[year] -= change
        if entry.kind in (*_FINAL, "pre_allocated"):
            account.given[vintage] += change
            if entry.kind in _FINAL:
                account.final.add(vintage)
        if entry.kind in ("bought", "sold"):
            account.net_sold[vintage] -= change
    return found


def positions(account: Account, owed: Mapping[int, Owed], rules: Mapping[int, Rules], due: Mapping[int, date],
              as_of: date) -> Iterator[Row]:  # fmt: skip
    """Yield the position of each year that is owed for, the first one first; `rules` and `due` by year."""
    left = sum((amount for vintage, amount in account.held.items() if vintage < min(owed, default=0)), _ZERO)
    latest = False
    for year in sorted(owed):
        row = _of_year(account, year, owed[year], rules.get(year, Rules()), left)
        row |= _state(row, due.get(year), as_of)
        row["is_latest"] = not latest and not row["is_settled"]
        latest = latest or row["is_latest"]
        left = max(row["position_t"], _ZERO) if row["position_t"] is not None else _ZERO
        yield row


def _of_year(account: Account, year: int, owed: Owed, rules: Rules, left: Decimal) -> Row:
    cap = _carry_cap(account, year, rules, left)
    carried = left if cap is None else min(left, cap)
    done = account.surrendered[year] + account.offset[year]
    expected = owed.emissions if owed.is_complete else owed.expected
    outstanding = None if expected is None else max(expected - done, _ZERO)
    is_settled = owed.is_complete and outstanding is not None and outstanding < _WHOLE
    if is_settled:
        outstanding = _ZERO
    given = account.given[year]
    to_come = None if owed.quota is None else max(owed.quota - given, _ZERO)
    if year in account.final or is_settled:
        to_come = _ZERO
    ccer_cap = None if rules.ccer_share is None or expected is None else rules.ccer_share * expected
    usable = _ZERO if is_settled else account.credits
    if ccer_cap is not None:
        usable = min(usable, max(ccer_cap - account.offset[year], _ZERO))
    position = None
    if outstanding is not None and to_come is not None:
        position = carried + account.held[year] + to_come - outstanding
    shortfall = None if position is None else max(-position, _ZERO)
    return {
        "year": year,
        "sector": owed.sector,
        **owed.names,
        "holding_t": sum((amount for vintage, amount in account.held.items() if vintage <= year), _ZERO),
        "carried_in_t": carried,
        "carry_over_cap_t": cap,
        "ccer_holding_t": account.credits,
        "issued_t": given,
        "quota_t": owed.quota,
        "to_come_t": to_come,
        "obligation_t": owed.emissions,
        "expected_obligation_t": expected,
        "surrendered_t": account.surrendered[year],
        "offset_t": account.offset[year],
        "ccer_cap_t": ccer_cap,
        "ccer_usable_t": usable,
        "outstanding_t": outstanding,
        "position_t": position,
        "shortfall_t": shortfall,
        "surplus_t": None if position is None else max(position, _ZERO),
        "to_buy_t": None if shortfall is None else max(shortfall - usable, _ZERO),
        "is_settled": is_settled,
    }


def _carry_cap(account: Account, year: int, rules: Rules, left: Decimal) -> Decimal | None:
    """Return how much of what is left may be carried into a year; None where no rule is known."""
    if rules.carry_base is None or rules.carry_multiplier is None:
        return None
    sold = sum((amount for vintage, amount in account.net_sold.items() if vintage < year), _ZERO)
    return min(left, rules.carry_base + rules.carry_multiplier * max(sold, _ZERO))


def _state(row: Row, due: date | None, as_of: date) -> Row:
    if row["is_settled"]:
        state = "settled"
    elif due is not None and due < as_of:
        state = "overdue"
    elif row["position_t"] is None:
        state = "unknown"
    else:
        state = "short" if row["to_buy_t"] >= _WHOLE else "enough"
    days = None if due is None else (due - as_of).days
    named = {"state": state, "state_name_zh": STATES[state][0], "state_name_en": STATES[state][1]}
    return {"surrender_due_on": due, "days_left_count": days, "as_of_date": as_of, **named}


def priced(row: Row, prices: Sequence[Mapping[str, Any]]) -> Row:
    """Return what the position costs at the prices of its day: to buy what is short, below zero what a surplus is."""
    open_t = None
    if not row["is_settled"] and row["position_t"] is not None:
        open_t = row["to_buy_t"] if row["shortfall_t"] > 0 else -row["surplus_t"]
    assumed = {}
    for price in sorted(prices, key=lambda price: price["valid_from"]):
        if price["valid_from"] <= row["as_of_date"]:
            assumed[price["scenario"]] = price["price_cny_per_t"]
    cost = {name: None if open_t is None else (open_t * price).quantize(_CENT) for name, price in assumed.items()}
    return {
        "price_cny_per_t": assumed.get("base"),
        "exposure_cny": cost.get("base"),
        "exposure_low_cny": cost.get("low"),
        "exposure_high_cny": cost.get("high"),
    }


_CENT = Decimal("0.01")
