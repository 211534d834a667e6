"""Damaged Modbus frames, by both framings, through the library and what we make of its answers."""

import logging
import struct

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse, ReadInputRegistersResponse

from ingestion import registers
from ingestion.sources.modbus import understood
from tests.fuzzing import mutated

_NUMBER, _METER = 7, 3
_REGISTERS = [registers.parse(f"{_METER}:3:{2 * place}:{kind}") for place, kind in enumerate(("uint32", "float32"))]
_BLOCK = registers.blocks(_REGISTERS)[0]


def _crc(frame: bytes) -> bytes:
    """CRC-16/MODBUS bit by bit, beside the library's table."""
    found = 0xFFFF
    for byte in frame:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return struct.pack("<H", found)


def _good(framer: FramerBase) -> list[bytes]:
    answers = [
        ReadHoldingRegistersResponse(registers=[1, 2, 0x4048, 0xF5C3], dev_id=_METER, transaction_id=_NUMBER),
        ReadHoldingRegistersResponse(registers=[1, 2], dev_id=_METER, transaction_id=_NUMBER),
        ReadInputRegistersResponse(registers=[1, 2, 3, 4], dev_id=_METER, transaction_id=_NUMBER),
        ExceptionResponse(3, 2, device_id=_METER, transaction=_NUMBER),
    ]
    return [framer.buildFrame(answer) for answer in answers]


def _fed(framer: FramerBase, count: int) -> int:
    """Take every frame for the answer to one question; return how often it was one."""
    logging.getLogger("pymodbus").addHandler(logging.NullHandler())
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    accepted = 0
    for frame in mutated(_good(framer), count):
        try:
            _, answer = framer.handleFrame(frame, _METER, _NUMBER)
        except ModbusException:
            continue
        if answer is None:
            continue
        found = understood(_BLOCK, answer)
        assert (found.exception is None) == bool(found.raw)
        if found.exception is None:
            accepted += 1
            body = bytes([_METER, _BLOCK.function, 2 * _BLOCK.count]) + found.raw
            assert (body + _crc(body) if isinstance(framer, FramerRTU) else body) in frame
            texts = [registers.numbers([found.block.cut(found.raw, one)], one).to_pylist() for one in _REGISTERS]
            assert texts[0] == [str(int.from_bytes(found.raw[:4], "big"))]
    return accepted


def tcp(count: int) -> int:
    """Modbus TCP has no check sum: an answer is to the question that was asked, and as long as it must be."""
    return _fed(FramerSocket(DecodePDU(False)), count)


def rtu(count: int) -> int:
    """Of an RTU frame the check sum holds."""
    return _fed(FramerRTU(DecodePDU(False)), count)
