"""A thousand single changes to a lake of 100,000 readings and ten to one of ten million: every one found and named."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lake import decimals
from lake.batch import Batch
from lake.schemas import READING
from lake.store import Lake
from quality.evidence import keys, sealing, verification
from tests import tampering
from tests.unit.lake.made import refused

pytestmark = [pytest.mark.soak, pytest.mark.integration, pytest.mark.timeout(7200)]

POINTS = 100
_MINUTE_US = 60_000_000


def made(folder: Path, batches: int, minutes: int) -> Lake:
    """Return a sealed lake of deliveries of 100 points, a reading a minute each, with refused rows and factors."""
    lake = Lake(str(folder / "lake"))
    lake.claim("works")
    dice = np.random.default_rng(11)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    points = pa.array([f"p{number:03}" for number in range(POINTS)]).take(np.repeat(np.arange(POINTS), minutes))
    for number in range(batches):
        counts = dice.integers(0, 10**9, POINTS * minutes)
        times = int(start.timestamp()) * 10**6 + (number * minutes + np.tile(np.arange(minutes), POINTS)) * _MINUTE_US
        columns = {
            "point_id": points,
            "reading_at": pa.array(times, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "value": decimals.from_counts(counts, 3).cast(pa.decimal128(38, 9)),
            "unit": pa.nulls(len(points), pa.string()),
            "status": pa.array(["good"]).take(np.zeros(len(points), np.int64)),
            "known_at": pa.nulls(len(points), pa.timestamp("us", "UTC")),
            "position": pa.array(np.arange(len(points))),
        }
        told = refused(f"row of delivery {number}")
        rows = pa.table(columns, schema=READING)
        lake.land(
            Batch(
                "meter",
                "made",
                f"{number}".encode(),
                ".txt",
                datetime(2026, 1, 1, number // 60, number % 60, tzinfo=UTC),
                rows,
                told,
                3,
            )
        )
    lake.snapshot(
        "factors", pa.table({"factor_id": [f"f{n}" for n in range(500)], "factor": np.arange(500) / 7}), start
    )
    sealing.seal(lake, keys.opened(folder / "key.pem"))
    return lake


@pytest.mark.parametrize(("batches", "minutes", "changes"), [(100, 10, 1000), (100, 1000, 10)])
def test_every_change_is_found_and_named(
    tmp_path: Path, batches: int, minutes: int, changes: int, record_property: Callable[[str, object], None]
) -> None:
    lake = made(tmp_path, batches, minutes)
    key = keys.public(keys.opened(tmp_path / "key.pem"))
    began = time.monotonic()
    assert verification.verify(lake, key).faults == []
    whole = time.monotonic() - began
    unseen = []
    dice = random.Random(batches * minutes)
    for number in range(changes):
        change = tampering.CHANGES[number % len(tampering.CHANGES)] if changes > 10 else tampering.CHANGES[number]
        with tampering.undone(lake.root) as remember:
            done = change(lake, dice, remember)
            faults = verification.verify(lake, key).faults
        if not any(done.names in fault.said for fault in faults):
            unseen.append((number, done))
    record_property("seconds to verify the whole lake", round(whole, 1))
    assert unseen == []
    assert verification.verify(lake, key).faults == []
