"""The pace of the day: 96 quarter hours in about 20 seconds, waiting for a collector that is still reading."""

import asyncio
import time
from collections.abc import Callable

from examples.reference_park.plant.database import Database
from examples.reference_park.plant.day import LAST, Day
from examples.reference_park.plant.dropped import Logger
from examples.reference_park.plant.modbus import Gateway
from examples.reference_park.plant.mqtt import Gateways
from examples.reference_park.plant.rest import Service

QUARTER_SECONDS = 0.2
PATIENCE_SECONDS = 10.0  # how long a meter's display waits to be read: real ones would not, but their day is longer


class Replay:
    """All of the plant's sources on one clock."""

    def __init__(self, day: Day, modbus: Gateway, mqtt: Gateways, others: tuple[Service, Database, Logger]) -> None:
        """Take the servers; they run already."""
        self._day, self._modbus, self._mqtt, self._others = day, modbus, mqtt, others
        self.is_done = False

    def fast_forward(self) -> None:
        """Record the whole day at once where it was played before; nothing is published again."""
        for quarter in range(1, LAST + 1):
            for other in self._others:
                other.record(quarter)
        self.is_done = True

    async def play(self, say: Callable[[str], None]) -> None:
        """Wait for a collector, then play the day."""
        while not (self._modbus.was_asked or self._mqtt.has_subscriber):
            await asyncio.sleep(0.05)
        await self._until(lambda: self._modbus.was_asked and self._mqtt.has_subscriber, 10.0)
        say(f"playing {self._day.start:%Y-%m-%d}")
        await self._read_by_collector()
        for quarter in range(1, LAST + 1):
            begun = time.monotonic()
            self._modbus.show(quarter)
            for other in self._others:
                other.record(quarter)
            await self._mqtt.publish(quarter)
            await self._read_by_collector()
            await asyncio.sleep(max(0.0, QUARTER_SECONDS - (time.monotonic() - begun)))
        self.is_done = True
        say(f"played {self._day.start:%Y-%m-%d}; still serving")

    async def _read_by_collector(self) -> None:
        if self._modbus.was_asked:
            await self._until(lambda: self._modbus.is_consumed, PATIENCE_SECONDS)

    @staticmethod
    async def _until(condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
