"""From the rows of the site's files to transactions: what is refused is set aside alone, a certificate counts once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from lake.ledger import rows
from lake.ledger.book import posted


def allowance(name: str, kind: str, quantity: str, day: date, **more: Any) -> dict[str, Any]:
    told = {"organization_id": "mill", "transaction_id": name, "posted_on": day, "kind": kind}
    amount = {"quantity_t": Decimal(quantity), "vintage": 2024, "to_vintage": None, "compliance_year": None}
    return told | amount | more


def certificate(name: str, retired: date | None, **more: Any) -> dict[str, Any]:
    told = {"certificate_id": name, "organization_id": "mill", "month": date(2024, 5, 1), "quantity": Decimal(3)}
    when = {"unit": "MWh", "retired_on": retired, "acquired_on": None}
    return told | when | {"serial_from": None, "serial_to": None, **more}


def test_a_row_that_may_not_be_posted_is_set_aside_and_the_rest_stays() -> None:
    table = pa.Table.from_pylist(
        [
            allowance("A-1", "issued", "100", date(2025, 1, 1)),
            allowance("A-2", "surrendered", "500", date(2025, 2, 1)),
            allowance("A-3", "sold", "40", date(2025, 3, 1)),
            allowance("A-4", "sold", "1", date(2025, 3, 1), vintage=None),
        ]
    )
    kept, refused = rows.settled({"allowances": table})
    assert kept["allowances"]["transaction_id"].to_pylist() == ["A-1", "A-3", "A-4"], (
        "what has no vintage is another's fault"
    )
    assert [(fault.entry.place, fault.column) for fault in refused] == [(("allowances", 1), "quantity")]
    assert rows.settled(kept)[1] == [], "what was kept is posted again as it was"


def test_a_certificate_counts_for_its_first_use_alone() -> None:
    uses = [certificate("G-1", date(2025, 4, 1), month=date(2024, 6, 1)), certificate("G-1", date(2025, 3, 1))]
    book, refused = posted(rows.entries({"certificates": pa.Table.from_pylist(uses)}))
    assert refused == []
    assert [(line.entry.transaction_id, line.account, str(line.entry.posted_on)) for line in book.lines] == [
        ("G-1/in", "holding", "2025-03-01"),
        ("G-1/in", "market", "2025-03-01"),
        ("G-1/out", "holding", "2025-03-01"),
        ("G-1/out", "retired", "2025-03-01"),
    ]


def test_serials_of_two_certificates_do_not_overlap() -> None:
    of = {"serial_from": "GEC0000001", "serial_to": "GEC0000003"}
    both = [certificate("G-2", date(2025, 5, 1), **of), certificate("G-1", date(2025, 4, 1), **of)]
    table = pa.Table.from_pylist(both)
    kept, refused = rows.settled({"certificates": table})
    assert kept["certificates"]["certificate_id"].to_pylist() == ["G-1"], "the one retired first is kept"
    assert [fault.reason for fault in refused] == ["GEC1…GEC3 were used up already (GEC1…GEC3), each serial once"]


def test_certificates_in_kilowatt_hours_are_megawatt_hours_in_the_book() -> None:
    held = certificate("G-1", None, quantity=Decimal(2500), unit="kWh", acquired_on=date(2025, 1, 2))
    (entry,) = rows.entries({"certificates": pa.Table.from_pylist([held])})
    assert (entry.quantity, entry.vintage, entry.kind) == (Decimal("2.5"), 2024, "bought")
    assert list(rows.entries({"certificates": pa.Table.from_pylist([certificate("G-1", None)])})) == []
