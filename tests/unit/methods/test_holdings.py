"""The position of compliance years by hand: settled, short, carried over, offset; prices and deadlines."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lake.ledger.book import Entry, posted
from lake.ledger.kinds import CCER, CEA
from methods.holdings import deadlines, lines, positions
from methods.holdings.positions import Owed, Rules

TODAY = date(2026, 1, 1)
RULES = Rules(Decimal("0.05"), Decimal(100), Decimal("1.5"))


def entry(name: str, kind: str, quantity: int, vintage: int = 2024, **more: Any) -> Entry:
    """A transaction of December 2025."""
    day, instrument = more.pop("day", 1), more.pop("instrument", CEA)
    amount = Decimal(quantity)
    return Entry("mill", name, date(2025, 12, day), kind, instrument, amount, vintage, None, None, None, ("", 0), more)


def owed(emissions: str | None, quota: str | None, expected: str | None = None) -> Owed:
    def known(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return Owed("cement", known(emissions), known(expected), known(quota), expected is None)


def standing(
    found: list[Entry], years: dict[int, Owed], due: dict[int, date] | None = None
) -> dict[int, dict[str, Any]]:
    book, refused = posted(found)
    assert refused == []
    account = positions.accounts(book.lines, TODAY)["mill"]
    rules = dict.fromkeys(years, RULES)
    return {row["year"]: row for row in positions.positions(account, years, rules, due or {}, TODAY)}


def test_a_settled_year_leaves_its_rest_to_the_next() -> None:
    """1,000.4 t are settled with 960 allowances and 40 credits; 60 + 20 bought are left and carried into 2025."""
    found = [
        entry("T-1", "issued", 1000),
        entry("T-2", "bought", 20, day=2),
        entry("T-3", "surrendered", 960, day=3, compliance_year=2024),
        entry("C-1", "bought", 100, day=1, instrument=CCER),
        entry("C-2", "surrendered", 40, day=3, instrument=CCER, compliance_year=2024),
    ]
    rows = standing(found, {2024: owed("1000.4", "1000.4"), 2025: owed("900", "870")})
    settled, open_ = rows[2024], rows[2025]
    assert (settled["state"], settled["position_t"], settled["is_latest"]) == ("settled", 60, False)
    assert (open_["carried_in_t"], open_["to_come_t"], open_["outstanding_t"]) == (60, 870, 900)
    assert (open_["position_t"], open_["shortfall_t"], open_["surplus_t"]) == (30, 0, 30)
    assert (open_["ccer_cap_t"], open_["ccer_usable_t"], open_["state"], open_["is_latest"]) == (45, 45, "enough", True)


def test_credits_lessen_what_is_bought_up_to_their_share_and_no_more() -> None:
    found = [entry("T-1", "pre_allocated", 700, 2025), entry("C-1", "bought", 500, 2023, instrument=CCER)]
    row = standing(found, {2025: owed("1000", "900")})[2025]
    assert (row["issued_t"], row["to_come_t"], row["position_t"]) == (700, 200, -100)
    assert (row["ccer_usable_t"], row["to_buy_t"], row["state"]) == (50, 50, "short")


def test_after_the_final_allocation_nothing_more_is_to_come() -> None:
    found = [entry("T-1", "pre_allocated", 700, 2025), entry("T-2", "adjusted", 100, 2025, day=2)]
    row = standing(found, {2025: owed("1000", "900")})[2025]
    assert (row["to_come_t"], row["position_t"], row["quota_t"]) == (0, -200, 900)


@pytest.mark.parametrize(("sold", "cap"), [(0, 100), (40, 160), (300, 300)])
def test_what_is_left_is_carried_over_up_to_the_cap(sold: int, cap: int) -> None:
    """The cap is the holding, or 100 and one and a half of what was sold net."""
    found = [entry("T-1", "issued", 1000 + sold), entry("T-2", "surrendered", 400, day=2, compliance_year=2024)]
    found += [entry("T-3", "sold", sold, day=3)] if sold else []
    found += [entry("T-4", "surrendered", 300, day=4, compliance_year=2024)]
    rows = standing(found, {2024: owed("700", "700"), 2025: owed("500", "500")})
    assert (rows[2024]["position_t"], rows[2025]["carry_over_cap_t"], rows[2025]["carried_in_t"]) == (300, cap, cap)


def test_what_is_not_known_has_no_position_and_a_missed_day_is_told() -> None:
    rows = standing(
        [entry("T-1", "issued", 10)], {2024: owed("50", "10"), 2025: owed("5", None)}, {2024: date(2025, 12, 31)}
    )
    assert (rows[2024]["state"], rows[2024]["days_left_count"], rows[2024]["to_buy_t"]) == ("overdue", -1, 40)
    assert (rows[2025]["state"], rows[2025]["position_t"], rows[2025]["shortfall_t"]) == ("unknown", None, None)


def test_entries_after_the_day_do_not_count_yet() -> None:
    book, _ = posted(
        [entry("T-1", "issued", 10), Entry("mill", "T-2", date(2026, 2, 1), "bought", CEA, Decimal(5), 2024)]
    )
    assert positions.accounts(book.lines, TODAY)["mill"].held[2024] == 10
    held = list(lines.holdings(book.lines, {}, TODAY))
    assert [(str(row["month"]), row["holding_t"], row["is_latest"]) for row in held] == [
        ("2025-12-01", 10, False),
        ("2026-01-01", 10, True),
    ]


def test_exposure_is_the_price_of_what_is_to_buy_or_of_the_surplus() -> None:
    prices = [
        {"scenario": name, "price_cny_per_t": Decimal(price), "valid_from": date(year, 1, 1)}
        for name, price, year in (("base", "60", 2024), ("base", "75", 2026), ("high", "90", 2025), ("base", "1", 2027))
    ]
    row: dict[str, Any] = {"is_settled": False, "as_of_date": TODAY, "position_t": -100, "shortfall_t": Decimal(100)}
    short = positions.priced(row | {"to_buy_t": Decimal(80), "surplus_t": Decimal(0)}, prices)
    assert (short["exposure_cny"], short["exposure_low_cny"], short["exposure_high_cny"]) == (6000, None, 7200)
    over = {"position_t": 10, "shortfall_t": Decimal(0), "to_buy_t": Decimal(0), "surplus_t": Decimal(10)}
    assert positions.priced(row | over, prices)["exposure_cny"] == -750
    assert positions.priced(row | {"is_settled": True}, prices)["exposure_cny"] is None


def test_the_site_sets_a_deadline_before_what_is_published() -> None:
    published = [
        {"sector": "cement", "year": year, "kind": "surrender", "due_on": date(year + 1, 12, 31), "locator": "x",
         "confidence": "verified"}
        for year in (2024, 2025)
    ]  # fmt: skip
    told = {"year": 2025, "reason": "notice", "organization_id": None}
    said = [
        told | {"kind": "surrender", "due_on": date(2026, 11, 30)},
        told | {"kind": "report", "due_on": date(2026, 2, 1)},
    ]
    found = deadlines.known(published, said, {"mill": "cement", "store": "power"})
    rows = list(deadlines.calendar(found, [("mill", 2024)], TODAY))
    assert [
        (row["organization_id"], row["year"], row["kind"], row["days_left_count"], row["state"]) for row in rows
    ] == [
        ("mill", 2024, "surrender", -1, "done"),
        ("mill", 2025, "report", 31, "near"),
        ("mill", 2025, "surrender", 333, "ahead"),
        ("store", 2025, "report", 31, "near"),
        ("store", 2025, "surrender", 333, "ahead"),
    ]
