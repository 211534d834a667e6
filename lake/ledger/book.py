"""Posts transactions one after the other and holds what must hold: no holding below zero, no serial twice.

What may be posted depends on everything that was posted before, so it is worked out in one order, by day; within a day
what comes in counts before what goes out. The same entries give the same book in whatever order they came. An entry
that may not be posted leaves the book as it was, and those after it go on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lake.ledger.kinds import HOLDING, KINDS, UNITS
from lake.ledger.serials import Range, Ranges

_ZERO = Decimal(0)
#: Whose, of what, of which vintage (a year) and project.
Stock = tuple[str, str, int | None, str | None]


@dataclass(frozen=True)
class Entry:
    """One transaction of an enterprise; `place` says where it stands: the table and its row."""

    organization_id: str
    transaction_id: str
    posted_on: date
    kind: str
    instrument: str
    quantity: Decimal
    vintage: int | None = None
    to_vintage: int | None = None
    project: str | None = None
    serials: Range | None = None
    place: tuple[str, int] = ("", 0)
    #: What the ledger tells of it besides: counterparty, price, compliance year, voucher, sheet.
    told: Mapping[str, object] = field(default_factory=dict, hash=False, compare=False)

    @property
    def stock(self) -> Stock:
        """The stock that it changes."""
        return self.organization_id, self.instrument, self.vintage, self.project

    @property
    def order(self) -> tuple[object, ...]:
        """Its turn: by day, what comes in first, what changes its vintage next; then by what it says."""
        turn = 0 if KINDS[self.kind].grows else 1 if self.kind == "carried_over" else 2
        who = (self.posted_on, turn, self.instrument, self.organization_id, self.transaction_id)
        of = (self.vintage or 0, self.to_vintage or 0, self.project or "", str(self.serials))
        return *who, self.kind, self.quantity, *of, self.place


@dataclass(frozen=True)
class Line:
    """One side of a transaction; of debit and credit one is zero."""

    entry: Entry
    number: int
    account: str
    vintage: int | None
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True)
class Refused:
    """An entry that was not posted, the column that is to blame, and why in one sentence."""

    entry: Entry
    column: str
    reason: str


@dataclass
class _Held:
    loose: Decimal = _ZERO
    ranges: Ranges = field(default_factory=Ranges)

    @property
    def quantity(self) -> Decimal:
        return self.loose + self.ranges.count


@dataclass
class Book:
    """What everybody holds after what was posted so far."""

    lines: list[Line] = field(default_factory=list)
    _held: dict[Stock, _Held] = field(default_factory=lambda: defaultdict(_Held))
    _holder: dict[str, Ranges] = field(default_factory=lambda: defaultdict(Ranges))
    _used_up: dict[str, Ranges] = field(default_factory=lambda: defaultdict(Ranges))
    _known: set[tuple[str, str, str]] = field(default_factory=set)

    def holding(self, stock: Stock) -> Decimal:
        """Return what is held of a stock now: tonnes, of certificates MWh."""
        return self._held[stock].quantity if stock in self._held else _ZERO

    def post(self, entry: Entry) -> Refused | None:
        """Post an entry, or say why not and leave everything as it is."""
        fault = self._fault(entry)
        if fault is not None:
            return Refused(entry, *fault)
        self._known.add((entry.organization_id, entry.instrument, entry.transaction_id))
        kind = KINDS[entry.kind]
        self._move(entry, entry.vintage, grows=kind.grows)
        sides = [(HOLDING, entry.vintage, kind.grows), (kind.other, entry.vintage, not kind.grows)]
        if entry.kind == "carried_over":
            self._move(entry, entry.to_vintage, grows=True)
            sides += [(HOLDING, entry.to_vintage, True), (kind.other, entry.to_vintage, False)]
        for number, (account, vintage, is_debit) in enumerate(sides, start=1):
            debit, credit = (entry.quantity, _ZERO) if is_debit else (_ZERO, entry.quantity)
            self.lines.append(Line(entry, number, account, vintage, debit, credit))
        return None

    def _fault(self, entry: Entry) -> tuple[str, str] | None:
        if (entry.organization_id, entry.instrument, entry.transaction_id) in self._known:
            return "transaction_id", f"{entry.transaction_id!r} was posted already, each transaction once"
        if entry.quantity <= 0:
            return "quantity", f"{entry.quantity} is no amount that moves, allowed: more than 0"
        if entry.serials and entry.serials.count != entry.quantity:
            counted = f"{entry.serials.count} {UNITS[entry.instrument]}"
            return "serial_to", f"the serials are {counted}, but the row says {entry.quantity.normalize():f}"
        return self._incoming(entry) if KINDS[entry.kind].grows else self._outgoing(entry)

    def _incoming(self, entry: Entry) -> tuple[str, str] | None:
        if entry.serials is None:
            return None
        for found, words in ((self._used_up, "used up"), (self._holder, "held")):
            met = found[entry.instrument].meets(entry.serials)
            if met:
                return "serial_from", f"{entry.serials} were {words} already ({met}), each serial once"
        return None

    def _outgoing(self, entry: Entry) -> tuple[str, str] | None:
        held, unit = self._held.get(entry.stock, _Held()), UNITS[entry.instrument]
        of = " ".join(str(part) for part in (entry.instrument.upper(), entry.vintage, entry.project) if part)
        if entry.serials is not None:
            if not held.ranges.has(entry.serials):
                when = f"by {entry.organization_id} on {entry.posted_on}"
                return "serial_from", f"{entry.serials} of {of} are not held {when}, allowed: serials that are"
            return None
        if entry.quantity > held.loose:
            has = f"{held.loose.normalize():f} {unit}"
            rest = f" and {held.ranges.count} {unit} by serials, which it has to name" if held.ranges.count else ""
            asked = f"takes {entry.quantity.normalize():f} {unit} of {of}"
            return "quantity", f"{asked}, but {entry.organization_id} holds {has}{rest} on {entry.posted_on}"
        return None

    def _move(self, entry: Entry, vintage: int | None, *, grows: bool) -> None:
        held = self._held[(entry.organization_id, entry.instrument, vintage, entry.project)]
        if entry.serials is None:
            held.loose += entry.quantity if grows else -entry.quantity
            return
        everywhere = self._holder[entry.instrument]
        for ranges in (held.ranges, everywhere):
            if grows:
                ranges.add(entry.serials)
            else:
                ranges.take(entry.serials)
        if KINDS[entry.kind].final:
            self._used_up[entry.instrument].add(entry.serials)


def posted(entries: Iterable[Entry]) -> tuple[Book, list[Refused]]:
    """Return the book of all entries, and those that may not be posted."""
    book = Book()
    refused = [fault for entry in sorted(entries, key=lambda entry: entry.order) if (fault := book.post(entry))]
    return book, refused
