"""The cement works' gateway: one Modbus TCP server, a device id per meter, each with its own clock registers.

A device shows the registers of one quarter hour together with that quarter's clock: both change in one step between
two requests, so a client that finds the same clock before and after its reads has read one state.
"""

import struct
from dataclasses import dataclass, field
from functools import partial

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from examples.reference_park.plant import planted
from examples.reference_park.plant.day import LAST, Day

SOURCE = "cement_modbus"
CLOCK = 0x0F00  # seconds of the epoch, uint32
FORMATS = {"uint16": ">H", "int16": ">h", "uint32": ">I", "int32": ">i", "uint64": ">Q", "int64": ">q", "float32": ">f"}


@dataclass
class Device:
    """One meter: the words of its registers at each quarter hour, and what has been read of the present one."""

    number: int
    states: list[dict[int, list[int]]]
    busy_at: int | None = None
    quarter: int = 0
    unread: set[int] = field(default_factory=set)
    is_clock_seen: bool = False
    is_consumed: bool = False

    def show(self, quarter: int) -> None:
        """Put a quarter hour on display; nothing of it has been read yet."""
        self.quarter = quarter
        self.unread = set(self.states[quarter]) - {CLOCK}
        self.is_clock_seen = self.is_consumed = False

    def answer(self, address: int, count: int, first: int, registers: list[int]) -> ExcCodes | None:
        """Fill the registers with the present state before a read is served from them."""
        asked = range(address, address + count)
        if CLOCK not in asked and self.busy_at is not None and self.quarter >= self.busy_at:
            self.busy_at = None
            return ExcCodes.DEVICE_BUSY
        for place, words in self.states[self.quarter].items():
            registers[place - first : place - first + len(words)] = words
        if CLOCK in asked:
            self.is_clock_seen = True
            self.is_consumed = not self.unread
        elif self.is_clock_seen:
            # What is read before a look at this state's clock, a careful client throws away.
            self.unread -= set(asked)
        return None


def words(value: float, kind: str) -> list[int]:
    """Return a value as 16-bit registers, high word first."""
    packed = struct.pack(FORMATS[kind], float(value) if kind.startswith("float") else int(value))
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


def devices(day: Day) -> list[Device]:
    """Return every meter of the gateway with its whole day."""
    states: dict[int, list[dict[int, list[int]]]] = {}
    for quarter in range(LAST + 1):
        clock = words(int(day.instant(quarter).timestamp()), "uint32")
        for reading in day.at(SOURCE, quarter):
            number, _, address, kind = reading.address.split(":")[:4]
            of_device = states.setdefault(int(number), [{} for _ in range(LAST + 1)])
            of_device[quarter][int(address, 0)] = words(reading.value, kind)
            of_device[quarter][CLOCK] = clock
    found = [Device(number, of_device) for number, of_device in sorted(states.items())]
    for bad in (bad for bad in planted.bad_inputs() if bad.source == SOURCE):
        next(device for device in found if device.number == int(bad.tag)).busy_at = bad.quarter
    return found


class Gateway:
    """The server with all its devices."""

    def __init__(self, day: Day, *, played: bool) -> None:
        """Show the beginning of the day, or its end where it was played before."""
        self.devices = devices(day)
        self.was_asked = False
        for device in self.devices:
            device.show(LAST if played else 0)
            device.busy_at = None if played else device.busy_at

    async def start(self, port: int) -> None:
        """Listen on the loopback; needs a running event loop."""
        simulated = [self._simulated(device) for device in self.devices]
        self._server = ModbusTcpServer(simulated, address=("127.0.0.1", port))
        await self._server.serve_forever(background=True)

    async def stop(self) -> None:
        """Close the server and its connections."""
        await self._server.shutdown()

    def show(self, quarter: int) -> None:
        """Let every meter advance to a quarter hour."""
        for device in self.devices:
            device.show(quarter)

    @property
    def is_consumed(self) -> bool:
        """Whether every device's present state has been read, closed by a look at its clock."""
        return all(device.is_consumed for device in self.devices)

    def _simulated(self, device: Device) -> SimDevice:
        blocks = [
            SimData(address, values=list(content), datatype=DataType.REGISTERS)
            for address, content in sorted(device.states[0].items())
        ]
        return SimDevice(id=device.number, simdata=blocks, action=partial(self._on_read, device))

    async def _on_read(  # noqa: PLR0913, PLR0917 - the signature is the library's
        self,
        device: Device,
        _function: int,
        first: int,
        address: int,
        count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        self.was_asked = True
        return ExcCodes.ILLEGAL_FUNCTION if written else device.answer(address, count, first, registers)
