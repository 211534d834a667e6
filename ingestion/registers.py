"""Modbus registers: what an address in points.csv means, which blocks to read, and registers to numbers.

An address is `<device>:<function 3|4>:<PDU address, decimal or 0x…>:<type>[:<word order>]`, or
`<device>:<model>:<quantity>` of a meter whose register map the product has; its counts become its unit.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from lake.errors import SourceShapeError
from lake.site import meter_maps

TYPES = {
    "uint16": ">u2",
    "int16": ">i2",
    "uint32": ">u4",
    "int32": ">i4",
    "uint64": ">u8",
    "int64": ">i8",
    "float32": ">f4",
    "float64": ">f8",
}
#: How a value's bytes lie in its registers: swap the words, swap the bytes inside each word.
ORDERS = {"ABCD": (False, False), "CDAB": (True, False), "BADC": (False, True), "DCBA": (True, True)}
#: The most registers that one request may ask for.
LIMIT = 125
_ADDRESS = re.compile(r"(\d+):([34]):(0[xX][0-9a-fA-F]+|\d+):([a-z]+\d+)(?::([A-D]{4}))?")


@dataclass(frozen=True)
class Register:
    """One value of a device."""

    address: str
    device: int
    function: int
    start: int
    type: str
    order: str = "ABCD"
    power_of_ten: int = 0

    @property
    def count(self) -> int:
        """Return how many registers the value takes."""
        return np.dtype(TYPES[self.type]).itemsize // 2


@dataclass(frozen=True)
class Block:
    """Registers that one request reads."""

    function: int
    start: int
    count: int

    def holds(self, register: Register) -> bool:
        """Whether the value lies in the block."""
        inside = self.start <= register.start and register.start + register.count <= self.start + self.count
        return self.function == register.function and inside

    def cut(self, raw: bytes, register: Register) -> bytes:
        """Return the value's bytes out of the block's."""
        start = 2 * (register.start - self.start)
        return raw[start : start + 2 * register.count]


def parse(address: str) -> Register:
    """Return the register that an address names."""
    device, _, _ = address.strip().partition(":")
    known = meter_maps.named(address.strip())
    if known is not None and device.isdecimal() and int(device) <= 255:
        return Register(address, int(device), known.function, known.start, known.type, known.order, known.power_of_ten)
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or match[4] not in TYPES or (match[5] or "ABCD") not in ORDERS:
        raise SourceShapeError(
            f"modbus address {address!r}: write <device>:<3|4>:<register>:<type>[:<order>], type one of "
            f"{', '.join(TYPES)}, order one of {', '.join(ORDERS)}"
        )
    register = Register(address, int(match[1]), int(match[2]), int(match[3], 0), match[4], match[5] or "ABCD")
    if register.device > 255 or register.start + register.count > 65536:
        raise SourceShapeError(f"modbus address {address!r}: the device is at most 255, the last register 65535")
    return register


def blocks(registers: Iterable[Register]) -> list[Block]:
    """Return the fewest requests that read these values and no register beside them.

    A register that no point names is never asked for: it may be a hole, and a block across a hole is refused whole.
    """
    found: list[Block] = []
    for register in sorted(registers, key=lambda one: (one.function, one.start, one.count)):
        last = found[-1] if found else None
        stop = register.start + register.count
        if last and last.function == register.function and register.start <= last.start + last.count:
            count = max(stop, last.start + last.count) - last.start
            if count <= LIMIT:
                found[-1] = Block(last.function, last.start, count)
                continue
        found.append(Block(register.function, register.start, register.count))
    return found


def single(block: Block, registers: Iterable[Register]) -> list[Block]:
    """Return one block per value of a block that a device refused as a whole."""
    inside = {(one.start, one.count) for one in registers if block.holds(one)}
    return [Block(block.function, start, count) for start, count in sorted(inside)]


def numbers(raws: Sequence[bytes], register: Register) -> pa.Array:
    """Return the values of one register in many polls as text, with every digit that was sent."""
    swap_words, swap_bytes = ORDERS[register.order]
    words = np.frombuffer(b"".join(raws), np.uint8).reshape(len(raws), register.count, 2)
    words = words[:, ::-1, :] if swap_words else words
    words = words[:, :, ::-1] if swap_bytes else words
    values = np.ascontiguousarray(words).reshape(-1).view(TYPES[register.type])
    wide = np.float64 if values.dtype.kind == "f" else values.dtype.newbyteorder("=")
    with np.errstate(invalid="ignore"):  # a signalling NaN stays one, and is refused as no number
        texts = pa.array(values.astype(wide)).cast(pa.string())
    return _shifted(texts, register.power_of_ten) if register.power_of_ten else texts


def _shifted(texts: pa.Array, power_of_ten: int) -> pa.Array:
    """Return numbers with their point moved; no digit is lost."""
    return pa.array([f"{Decimal(text).scaleb(power_of_ten):f}" for text in texts.to_pylist()], pa.string())
