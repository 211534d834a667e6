"""Stations of stacks that send a telegram each, again and again: `python -m … <journal> <port> <stations> <seconds>`.

What was not answered with 9014 is sent again, on the same connection or the next. The journal has station and number of
each telegram that was answered. Ends in good order on SIGTERM: when everything was answered.
"""

import asyncio
import random
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingestion import hj212
from tests.integration.mixed_load.journal import Journal

FACTORS = ("a21026", "a21002", "a34013", "a19001", "a01012")
BASE = datetime(2026, 1, 1, tzinfo=UTC)
_PATIENCE = 30.0


def value(number: int, factor: str) -> str:
    """Return what a telegram of this number says of a factor."""
    return f"{number}.{FACTORS.index(factor) + 1}"


def _telegram(station: str, number: int) -> bytes:
    at = BASE + timedelta(hours=8, minutes=10 * number)
    items = ";".join(f"{factor}-Avg={value(number, factor)},{factor}-Flag=N" for factor in FACTORS)
    head = f"QN={number:017d};ST=31;CN=2051;PW=1;MN={station};Flag=5"
    return hj212.frame(f"{head};CP=&&DataTime={at:%Y%m%d%H%M%S};{items}&&".encode())


class _Station:
    def __init__(self, journal: Journal, port: int, name: str) -> None:
        self._journal, self._port, self._name = journal, port, name
        self._next = 0
        self._waiting: set[int] = set()
        self._line: asyncio.StreamWriter | None = None

    async def measure(self, seconds: float, stop: asyncio.Event) -> None:
        """Make a telegram every so often, until told to stop, then wait for the last answers."""
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), random.uniform(0, seconds))
        while not stop.is_set():
            self._waiting.add(self._next)
            self._send(self._next)
            self._next += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
        while self._waiting:
            await asyncio.sleep(0.1)

    async def talk(self) -> None:
        """Stay connected; listen to answers."""
        while True:
            with suppress(OSError):
                reader, self._line = await asyncio.open_connection("127.0.0.1", self._port)
                for number in sorted(self._waiting):
                    self._send(number)
                await self._listen(reader)
            if self._line is not None:
                self._line.close()
            await asyncio.sleep(0.5)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        framer = hj212.Framer(lambda station: frozenset())
        while True:
            try:
                chunk = await asyncio.wait_for(reader.read(65536), _PATIENCE)
            except TimeoutError:
                if self._waiting:
                    return  # nobody answers: on to the next connection
                continue
            if not chunk:
                return
            for given in framer.feed(chunk):
                assert isinstance(given, hj212.Telegram)
                number = int(given.fields["QN"])
                if number in self._waiting:
                    self._waiting.remove(number)
                    self._journal.note(self._name, number)

    def _send(self, number: int) -> None:
        if self._line is not None:
            self._line.write(_telegram(self._name, number))


async def _send_all(journal: Journal, port: int, count: int, seconds: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    stations = [_Station(journal, port, f"S{number:03d}") for number in range(count)]
    lines = [asyncio.create_task(one.talk()) for one in stations]
    await asyncio.gather(*(one.measure(seconds, stop) for one in stations))
    for line in lines:
        line.cancel()


if __name__ == "__main__":
    asyncio.run(_send_all(Journal(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
