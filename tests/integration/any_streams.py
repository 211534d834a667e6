"""Readings of many points with everything that goes wrong, and ways to deliver them, from a seed."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.integration.small_works import FILES, Row

#: Five minutes to midnight of 24 January 2025 in Shanghai: the streams cross the end of a month.
BEGIN = datetime(2025, 1, 23, 15, 55, tzinfo=UTC)
POINTS = 24
DAYS = 45
_SIZE = 10_000
_KINDS = ("register", "register", "register", "interval", "power")


def site(ratio: str = "1") -> dict[str, str]:
    """Return the files of a works with that many points: registers with and without a size, values and powers.

    `ratio` is that of one meter's transformer.
    """
    points = [f"p{n:02},m{n:02},{_quantity(n)},{_kind(n)},{_unit(n)},1,{_size(n)},hand" for n in range(POINTS)]
    meters = [f"m{n:02},line{1 + n % 2},electricity,{ratio if n == 3 else 1}" for n in range(POINTS)]
    allocations = [f"line{1 + n % 2},electricity,p{n:02}" for n in range(POINTS)]
    return {
        **FILES,
        "meters.csv": "\n".join(["meter_id,energy_unit_id,carrier,ct_ratio", *meters, ""]),
        "points.csv": "\n".join(["point_id,meter_id,quantity,kind,unit,multiplier,register_size,source", *points, ""]),
        "allocations.csv": "\n".join(["energy_unit_id,carrier,point_id", *allocations, ""]),
    }


def readings(seed: int) -> list[Row]:
    """Return what all points ever say: gaps, glitches, resets, roll-overs, corrections, and rows that come again."""
    chance = random.Random(seed)
    return [row for n in range(POINTS) for row in _stream(chance, n)]


def batches(seed: int, rows: list[Row], count: int) -> list[list[Row]]:
    """Return the rows as deliveries: as time goes with stragglers, or in no order at all; some rows come twice."""
    chance = random.Random(seed)
    again = chance.sample(rows, len(rows) // 50)
    found: list[list[Row]] = [[] for _ in range(count)]
    no_order = chance.random() < 0.2
    for place, row in enumerate([*rows, *again]):
        share = (row.reading_at - BEGIN) / timedelta(days=DAYS + 1)
        natural = min(count - 1, max(0, int(share * count)))
        straggles = no_order or place >= len(rows) or chance.random() < 0.003 or row.status == "late"
        found[chance.randrange(count) if straggles else natural].append(row)
    for delivery in found:
        chance.shuffle(delivery)
    return [[row._replace(status="good") if row.status == "late" else row for row in one] for one in found if one]


def _stream(chance: random.Random, n: int) -> Iterator[Row]:
    step = timedelta(minutes=chance.choice([15, 30, 60, 60, 60, 24 * 60]))
    offset = timedelta(seconds=chance.choice([0, 0, 300, 417]))
    days = chance.randint(5, DAYS) if step > timedelta(minutes=30) else chance.randint(2, 6)
    begin = BEGIN + timedelta(days=chance.uniform(0, DAYS - days)) if days < DAYS else BEGIN
    begin = datetime.fromtimestamp(begin.timestamp() // 900 * 900, UTC) + offset
    count = int(timedelta(days=days) / step)
    gaps = [(start, start + chance.randint(1, max(2, count // 4))) for start in _some(chance, count, 2)]
    resets, glitches, corrected, bad = (set(_some(chance, count, most)) for most in (1, 3, 4, 2))
    value = Decimal(chance.randint(0, _SIZE - 1))
    for place in range(count):
        used = Decimal(chance.randint(0, 80)) / chance.choice([1, 10])
        value = Decimal(0) if place in resets else value + used
        value = value % _SIZE if _size(n) else value
        said = value if _kind(n) == "register" else used
        at = begin + place * step
        known = at + timedelta(seconds=chance.randint(1, 600))
        in_gap = any(first <= place < last for first, last in gaps)
        if in_gap and chance.random() < 0.5:
            continue
        if place in glitches:
            said = chance.choice([Decimal(0), said / 2, Decimal(_SIZE - 1)])
        if place in corrected:
            yield Row(f"p{n:02}", at, said + 7, "good", known)
            known += timedelta(days=chance.randint(1, 30))
        yield Row(f"p{n:02}", at, said, "late" if in_gap else "bad" if place in bad else "good", known)


def _some(chance: random.Random, count: int, most: int) -> list[int]:
    return [chance.randrange(count) for _ in range(chance.randint(0, most))]


def _kind(n: int) -> str:
    return _KINDS[n % len(_KINDS)]


def _size(n: int) -> str:
    return str(_SIZE) if _kind(n) == "register" and n % 2 else ""


def _quantity(n: int) -> str:
    return "active_power" if _kind(n) == "power" else "active_energy_import"


def _unit(n: int) -> str:
    return "kW" if _kind(n) == "power" else "kWh"
