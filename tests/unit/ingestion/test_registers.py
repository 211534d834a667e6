"""Registers: addresses, blocks that respect holes, and every type in every word order."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import registers
from ingestion.registers import LIMIT, ORDERS, TYPES, Block
from lake.errors import SourceShapeError


def test_an_address_names_a_register() -> None:
    found = registers.parse("7:3:0x000A:uint32")
    assert (found.device, found.function, found.start, found.count, found.order) == (7, 3, 10, 2, "ABCD")
    assert registers.parse("1:4:3203:float64:CDAB").count == 4


@pytest.mark.parametrize(
    "address",
    ["", "1:3:10", "1:2:10:uint16", "1:3:10:real", "1:3:10:uint32:ABDC", "256:3:10:uint16", "1:3:65535:uint32", "x"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SourceShapeError, match="modbus address"):
        registers.parse(address)


def test_blocks_join_neighbours_and_leave_holes_alone() -> None:
    addresses = ["1:3:0:uint32", "1:3:2:uint32", "1:3:5:uint16", "1:4:0:uint16", "1:3:2:uint16"]
    found = registers.blocks(registers.parse(address) for address in addresses)
    assert found == [Block(3, 0, 4), Block(3, 5, 1), Block(4, 0, 1)]


@given(st.sets(st.tuples(st.integers(0, 400), st.sampled_from(sorted(TYPES)))))
def test_blocks_hold_every_value_nothing_else_and_at_most_125(wanted: set[tuple[int, str]]) -> None:
    parsed = [registers.parse(f"1:3:{start}:{kind}") for start, kind in sorted(wanted)]
    found = registers.blocks(parsed)
    assert all(block.count <= LIMIT for block in found)
    assert all(any(block.holds(register) for block in found) for register in parsed)
    asked = {place for block in found for place in range(block.start, block.start + block.count)}
    named = {place for one in parsed for place in range(one.start, one.start + one.count)}
    assert asked == named


def _sent(packed: bytes, order: str) -> bytes:
    """Reorder the bytes as a device of that word order sends them."""
    words = [packed[place : place + 2] for place in range(0, len(packed), 2)]
    swap_words, swap_bytes = ORDERS[order]
    words = words[::-1] if swap_words else words
    return b"".join(word[::-1] if swap_bytes else word for word in words)


@pytest.mark.parametrize("order", sorted(ORDERS))
@pytest.mark.parametrize(
    ("kind", "layout", "values"),
    [
        ("uint16", ">H", [0, 65535]),
        ("int16", ">h", [-32768, 7]),
        ("uint32", ">I", [0, 4294967295, 305419896]),
        ("int32", ">i", [-2, 2147483647]),
        ("uint64", ">Q", [2**64 - 1, 1]),
        ("int64", ">q", [-(2**63), 123456789012]),
        ("float32", ">f", [1.5, -0.25]),
        ("float64", ">d", [959636.71, 1e-3]),
    ],
)
def test_numbers(kind: str, layout: str, values: list[float], order: str) -> None:
    register = registers.parse(f"1:3:0:{kind}:{order}")
    raws = [_sent(struct.pack(layout, value), order) for value in values]
    texts = registers.numbers(raws, register).to_pylist()
    assert [type(value)(text) for value, text in zip(values, texts, strict=True)] == values


def test_word_orders_by_their_letters() -> None:
    sent = {"ABCD": "12345678", "CDAB": "56781234", "BADC": "34127856", "DCBA": "78563412"}
    for order, text in sent.items():
        register = registers.parse(f"1:3:0:uint32:{order}")
        assert registers.numbers([bytes.fromhex(text)], register).to_pylist() == [str(0x12345678)]


def test_no_polls_are_no_numbers() -> None:
    assert registers.numbers([], registers.parse("1:3:0:float32")).to_pylist() == []
