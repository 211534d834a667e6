"""The systems of examples/adapters are connected by settings alone: each sample through the connector that reads it."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion import pull
from ingestion.mqtt_session import Message
from ingestion.registers import Block
from ingestion.source import Context, Memory, context_of
from ingestion.sources.modbus import Answer, Modbus, Poll
from ingestion.sources.mqtt import Mqtt
from lake.batch import Batch
from lake.site.check import check_site
from lake.site.load import Site, read_site
from lake.store import Lake

ADAPTERS = Path("examples/adapters")
ARRIVED = datetime(2026, 1, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site, its manufacturing system filled from the sample."""
    file = tmp_path_factory.mktemp("mes") / "mes.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.executescript((ADAPTERS / "samples/mes.sql").read_text("utf-8"))
    return read_site(ADAPTERS, {"MES_URL": f"sqlite:///{file}"})


def test_the_site_has_no_fault() -> None:
    assert check_site(ADAPTERS, {}) == []


def _context(site: Site, source: str) -> Context:
    return context_of(site, site.sources[source])


def _told(batches: Sequence[Batch]) -> list[tuple[Any, ...]]:
    """Point, instant, value in the point's unit, unit and status of each reading."""
    rows = [row for batch in batches for row in batch.readings.to_pylist()]
    return [
        (row["point_id"], f"{row['reading_at'].astimezone(UTC):%m-%dT%H:%M}", row["value"], row["unit"], row["status"])
        for row in rows
    ]


def _pulled(site: Site, source: str, lake: Lake) -> list[Batch]:
    read = pull.CONNECTORS[site.sources[source].kind]
    return list(read(_context(site, source), Memory(), lake.keep))


def test_what_a_manufacturing_system_finished_by_shift(site: Site, tmp_path: Path) -> None:
    """Two presses finish one item at the same instant: one amount; a card that is not submitted counts for nothing."""
    (batch,) = _pulled(site, "mes", Lake(str(tmp_path / "lake")))
    assert _told([batch]) == [
        ("press_parts", "01-05T08:00", Decimal(795), "count", "good"),
        ("press_parts", "01-05T16:00", Decimal(402), "count", "good"),
    ]
    assert b"MFG-WO-2026-00011,MFG-WO-2026-00012" in batch.payload  # type: ignore[operator]
    assert batch.refused.num_rows == 0


def test_the_export_of_a_control_system(site: Site, tmp_path: Path) -> None:
    (batch,) = _pulled(site, "dcs", Lake(str(tmp_path / "lake")))
    assert sorted(_told([batch])) == [
        ("boiler_gas_total", "01-05T00:00", Decimal("1204331.5"), "m3_20c", "good"),
        ("boiler_gas_total", "01-05T00:15", Decimal("1204402.25"), "m3_20c", "good"),
        ("boiler_gas_total", "01-05T00:30", Decimal(1204471), "m3_20c", "good"),
        ("boiler_power_now", "01-05T00:00", Decimal("182.4"), "kW", "good"),
        ("boiler_power_now", "01-05T00:30", Decimal("184.1"), "kW", "good"),
    ]


def _messages(file: str) -> list[Message]:
    lines = [json.loads(line) for line in (ADAPTERS / "samples" / file).read_text("utf-8").splitlines()]
    texts = [one["payload"] if isinstance(one["payload"], str) else json.dumps(one["payload"]) for one in lines]
    return [
        Message(one["topic"], text.encode(), ARRIVED, place, 1, is_duplicate=False, connection=1)
        for place, (one, text) in enumerate(zip(lines, texts, strict=True))
    ]


def test_the_channels_of_a_microgrid_controller(site: Site) -> None:
    """What is sold is below zero in the power, and a register of its own in the energy."""
    batch = Mqtt(_context(site, "microgrid")).batch(_messages("microgrid.jsonl"))
    found = {point: (value, unit) for point, at, value, unit, status in _told([batch])}
    assert found == {
        "grid_power": (Decimal(-5230), "W"),
        "grid_bought": (Decimal(81244210), "Wh"),
        "grid_sold": (Decimal(9120433), "Wh"),
        "pv_made": (Decimal(40233871), "Wh"),
        "storage_charged": (Decimal(7710020), "Wh"),
        "storage_discharged": (Decimal(7004118), "Wh"),
        "storage_state": (Decimal(69), "percent"),
    }
    assert {at for _, at, *_ in _told([batch])} == {"01-05T01:00"}


def test_the_points_of_a_building_system(site: Site) -> None:
    batch = Mqtt(_context(site, "building")).batch(_messages("building.jsonl"))
    assert _told([batch]) == [
        ("office_energy", "01-05T00:00", Decimal("88123.4"), "kWh", "good"),
        ("office_energy", "01-05T00:15", Decimal("88125.9"), "kWh", "bad"),
        ("office_energy", "01-05T00:30", Decimal(88128), "kWh", "uncertain"),
    ]


def test_the_total_of_a_belt_scale(site: Site) -> None:
    sample = json.loads((ADAPTERS / "samples/belt_scale.json").read_text("utf-8"))
    answer = Answer(Block(sample["function"], sample["register"], 2), bytes.fromhex(sample["hex"]))
    source = Modbus(_context(site, "belt_scale"))
    batch = source.batch([Poll(sample["device"], ARRIVED, None, (answer,))])
    source.close()
    assert _told([batch]) == [("coal_on_belt", "01-05T01:00", Decimal(50000000), "t", "good")]
    (point,) = [row for row in site.tables["points"].to_pylist() if row["point_id"] == "coal_on_belt"]
    assert Decimal(50000000) * point["multiplier"] == Decimal(50000)
