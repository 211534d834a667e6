"""Readings and batches for tests, in few words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from lake.batch import Batch
from lake.schemas import READING, REFUSED
from lake.store import Lake

T0 = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[str, int, str, int | None]
Fact = tuple[str, datetime, Decimal, datetime]


def at(minutes: int) -> datetime:
    """Return an instant of the tests' calendar."""
    return T0 + timedelta(minutes=minutes)


def readings(rows: Sequence[Row]) -> pa.Table:
    """Return rows of (point, minute, value, minute of knowledge or None)."""
    return pa.Table.from_pylist(
        [
            {
                "point_id": point,
                "reading_at": at(minute),
                "value": Decimal(value),
                "status": "good",
                "known_at": None if known is None else at(known),
                "position": position,
            }
            for position, (point, minute, value, known) in enumerate(rows)
        ],
        READING,
    )


def refused(*payloads: str) -> pa.Table:
    """Return refused rows with these payloads."""
    rows = [
        {"position": place, "reason_code": "bad_row", "reason": "made", "payload": text}
        for place, text in enumerate(payloads)
    ]
    return pa.Table.from_pylist(rows, REFUSED)


def batch(rows: Sequence[Row], received: int = 0, payload: bytes | None = None, **more: object) -> Batch:
    """Return a batch of the source `meter`, received at a minute."""
    body = payload if payload is not None else repr((rows, received)).encode()
    given = {"refused": REFUSED.empty_table(), "decimals": 3, **more}
    return Batch("meter", "test", body, ".txt", at(received), readings(rows), **given)  # type: ignore[arg-type]


def facts(lake: Lake) -> list[Fact]:
    """Return what raw holds, in order: point, time, value, knowledge time."""
    table = lake.delta("raw", "meter__reading").to_pyarrow_table(
        columns=["point_id", "reading_at", "value", "known_at"]
    )
    return sorted(tuple(row.values()) for row in table.to_pylist())


def values(lake: Lake) -> list[tuple[str, int, str]]:
    """Return point, minute and value of what raw holds, in order of knowledge."""
    return [
        (point, int((reading_at - T0).total_seconds() // 60), f"{value.normalize():f}")
        for point, reading_at, value, _ in sorted(facts(lake), key=lambda fact: (fact[0], fact[1], fact[3], fact[2]))
    ]
