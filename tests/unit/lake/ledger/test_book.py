"""Random transactions against a plain model: sides balance, nothing is held below zero, no serial goes twice."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lake.ledger import serials
from lake.ledger.book import Book, Entry, posted
from lake.ledger.kinds import CCER, CEA, GEC, HOLDING, KINDS

_WHO, _YEARS = ("mill", "steel"), (2024, 2025)
_OF = {
    CEA: tuple(name for name in KINDS if name != "retired"),
    CCER: ("issued", "bought", "sold", "surrendered", "cancelled"),
    GEC: ("bought", "sold", "retired"),
}
_UP = {name for name, kind in KINDS.items() if kind.grows}
_GONE = {"surrendered", "cancelled", "retired"}


@st.composite
def transactions(draw: st.DrawFn, number: int = 0) -> Entry:
    """Any transaction, possible or not; serials of a small world, so that they meet."""
    instrument = draw(st.sampled_from((CEA, CCER, GEC)))
    kind = draw(st.sampled_from(_OF[instrument]))
    run = None
    if instrument != CEA and draw(st.booleans()):
        first = draw(st.integers(1, 12))
        run = serials.Range("K", first, draw(st.integers(first, 12)))
    quantity = Decimal(run.count) if run and draw(st.integers(0, 9)) else Decimal(draw(st.integers(1, 12)))
    vintage = draw(st.sampled_from(_YEARS))
    return Entry(
        draw(st.sampled_from(_WHO)),
        f"T-{number or draw(st.integers(1, 40))}",
        date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 3))),
        kind,
        instrument,
        quantity,
        vintage,
        2026 if kind == "carried_over" else None,
        "p" if instrument == CCER else None,
        run,
    )


class Books(RuleBasedStateMachine):
    """Posts whatever comes; the model is a set of single tonnes with their owner, written down apart from the book."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.known: set[tuple[str, str, str]] = set()
        self.loose: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
        self.owner: dict[tuple[str, int], tuple[object, ...]] = {}
        self.gone: set[tuple[str, int]] = set()

    @rule(entry=transactions())
    def post(self, entry: Entry) -> None:
        before = len(self.book.lines)
        refused = self.book.post(entry)
        assert (refused is None) == self._may(entry), (entry, refused)
        if refused is None:
            self._take(entry)
        else:
            assert len(self.book.lines) == before, "a refused entry leaves no line"

    def _may(self, entry: Entry) -> bool:
        if (entry.organization_id, entry.instrument, entry.transaction_id) in self.known:
            return False
        numbers = self._numbers(entry)
        if entry.serials and len(numbers) != entry.quantity:
            return False
        if entry.kind in _UP:
            return not any(number in self.owner or number in self.gone for number in numbers)
        if entry.serials:
            return all(self.owner.get(number) == entry.stock for number in numbers)
        return self.loose[entry.stock] >= entry.quantity

    def _take(self, entry: Entry) -> None:
        self.known.add((entry.organization_id, entry.instrument, entry.transaction_id))
        after = (entry.organization_id, entry.instrument, entry.to_vintage, entry.project)
        for number in self._numbers(entry):
            self.owner.pop(number, None)
            if entry.kind in _UP:
                self.owner[number] = entry.stock
            if entry.kind in _GONE:
                self.gone.add(number)
        if not entry.serials:
            self.loose[entry.stock] += entry.quantity if entry.kind in _UP else -entry.quantity
            if entry.kind == "carried_over":
                self.loose[after] += entry.quantity

    @staticmethod
    def _numbers(entry: Entry) -> list[tuple[str, int]]:
        run = range(entry.serials.first, entry.serials.last + 1) if entry.serials else range(0)
        return [(entry.instrument, number) for number in run]

    @invariant()
    def debits_equal_credits(self) -> None:
        sides: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
        for line in self.book.lines:
            transaction = (line.entry.organization_id, line.entry.instrument, line.entry.transaction_id, line.vintage)
            sides[transaction] += line.debit - line.credit
            assert (line.debit == 0) != (line.credit == 0)
        assert not any(sides.values())

    @invariant()
    def nothing_below_zero_and_as_the_model_says(self) -> None:
        held: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
        for line in self.book.lines:
            if line.account == HOLDING:
                stock = (line.entry.organization_id, line.entry.instrument, line.vintage, line.entry.project)
                held[stock] += line.debit - line.credit
                assert held[stock] >= 0, "below zero at some time"
        for stock, quantity in held.items():
            serialised = sum(owner == stock for owner in self.owner.values())
            assert quantity == self.loose[stock] + serialised == self.book.holding(stock)  # type: ignore[arg-type]

    @invariant()
    def no_serial_twice(self) -> None:
        retired = [
            (line.entry.instrument, number)
            for line in self.book.lines
            if line.number == 1 and line.entry.kind in _GONE and line.entry.serials
            for number in range(line.entry.serials.first, line.entry.serials.last + 1)
        ]
        assert len(retired) == len(set(retired))


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@given(st.lists(transactions(), max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_any_order_of_arrival_gives_the_same_book(found: list[Entry], random: object) -> None:
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = posted(found), posted(mixed)
    assert first[0].lines == second[0].lines
    assert [fault.reason for fault in first[1]] == [fault.reason for fault in second[1]]


def entry(name: str, day: int, kind: str, quantity: int, **more: object) -> Entry:
    return Entry("mill", name, date(2025, 1, day), kind, CEA, Decimal(quantity), 2024, **more)  # type: ignore[arg-type]


def test_what_comes_in_on_a_day_counts_before_what_goes_out() -> None:
    found = [entry("T-1", 5, "surrendered", 80), entry("T-2", 5, "bought", 80)]
    for order in permutations(found):
        assert posted(order)[1] == []


def test_a_refused_entry_takes_nothing_from_those_after_it() -> None:
    found = [entry("T-1", 1, "issued", 100), entry("T-2", 2, "surrendered", 101), entry("T-3", 3, "sold", 100)]
    book, refused = posted(found)
    assert [one.entry.transaction_id for one in refused] == ["T-2"]
    assert refused[0].reason == "takes 101 t of CEA 2024, but mill holds 100 t on 2025-01-02"
    assert book.holding(("mill", CEA, 2024, None)) == 0


def test_carrying_over_changes_the_vintage_and_nothing_else() -> None:
    book, refused = posted([entry("T-1", 1, "issued", 100), entry("T-2", 2, "carried_over", 60, to_vintage=2025)])
    assert refused == []
    assert [book.holding(("mill", CEA, year, None)) for year in (2024, 2025)] == [40, 60]
    assert [(line.account, line.vintage, line.debit, line.credit) for line in book.lines[2:]] == [
        ("holding", 2024, 0, 60),
        ("issuer", 2024, 60, 0),
        ("holding", 2025, 60, 0),
        ("issuer", 2025, 0, 60),
    ]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("CCER-000001", "CCER-000100", serials.Range("CCER-", 1, 100)),
        ("7", "9", serials.Range("", 7, 9)),
        ("A1", "B2", "'A1' and 'B2' are no range, allowed: the same serial but for the number at its end"),
        ("A09", "A10", serials.Range("A", 9, 10)),
        ("A9", "A10", "'A9' and 'A10' are no range, allowed: the same serial but for the number at its end"),
        ("A2", "A1", "'A1' comes before 'A2', allowed: the first serial, then the last"),
        ("A", "A1", "'A' is no serial, allowed: a serial that ends with its number"),
    ],
)
def test_ranges_between_serials(first: str, last: str, found: serials.Range | str) -> None:
    assert serials.between(first, last) == found
