"""Gateways of Modbus TCP with meters behind each: `python -m … <journal> <meters> <port>…`.

A meter answers each request with a value that it has not given for two hours, the time in tenths of a second, and with
others that follow from it. The journal has port, meter and value of each answer.
"""

import asyncio
import struct
import sys
import time
from functools import partial
from pathlib import Path

from tests.integration.mixed_load.journal import Journal

REGISTERS = 40


def registers(value: int) -> list[int]:
    """Return what a meter holds whose first register has this value."""
    return [(value + 257 * place) % 65536 for place in range(REGISTERS)]


class _Gateway(asyncio.Protocol):
    def __init__(self, journal: Journal, port: int, meters: int) -> None:
        self._journal, self._port, self._meters = journal, port, meters
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= 12:
            request, self._received = self._received[:12], self._received[12:]
            self._answer(*struct.unpack(">HHHBBHH", request))

    def _answer(
        self, number: int, _protocol: int, _size: int, meter: int, function: int, start: int, count: int
    ) -> None:
        if not 1 <= meter <= self._meters or start + count > REGISTERS:
            self._transport.write(struct.pack(">HHHBBB", number, 0, 3, meter, function | 0x80, 2))
            return
        value = int(time.time() * 10) % 65536
        body = struct.pack(f">{count}H", *registers(value)[start : start + count])
        self._journal.note(self._port, meter, value)
        self._transport.write(struct.pack(">HHHBBB", number, 0, 3 + len(body), meter, function, len(body)) + body)


async def _serve(journal: Journal, meters: int, ports: list[int]) -> None:
    loop = asyncio.get_running_loop()
    for port in ports:
        await loop.create_server(partial(_Gateway, journal, port, meters), "127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Journal(Path(sys.argv[1])), int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
