"""Our Modbus client against a server that we did not write and that shares no code with our library."""

import struct
from pathlib import Path
from typing import Any

import pytest

from ingestion import collector
from ingestion.collector import Until
from lake.store import Lake
from tests.integration import peers
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration
peer = peers.library("pyModbusTCP.server")
HOLES = range(100, 200)
POINTS = {
    "u16": ("1:3:0:uint16", ">H", 65535),
    "i16": ("1:3:1:int16", ">h", -12),
    "u32": ("1:3:2:uint32", ">I", 4294967295),
    "f32_swapped": ("1:3:4:float32:CDAB", ">f", -1.5),
    "i64": ("1:3:0x0C83:int64", ">q", -123456789012),
    "u64_turned": ("1:4:10:uint64:DCBA", ">Q", 98765432109876),
    "f64": ("1:4:20:float64", ">d", 959636.71),
}


class Bank(peer.DataBank):  # type: ignore[misc]
    """Registers with a hole: a read that touches it is refused as a whole."""

    def get_holding_registers(self, address: int, number: int = 1, srv_info: object = None) -> list[int] | None:
        if set(range(address, address + number)) & set(HOLES):
            return None
        registers: list[int] = super().get_holding_registers(address, number, srv_info)
        return registers


def _words(packed: bytes, order: str) -> list[int]:
    words = [packed[place : place + 2] for place in range(0, len(packed), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [word[::-1] for word in words]
    return [int.from_bytes(word, "big") for word in words]


@pytest.fixture
def server() -> Any:
    bank = Bank()
    for address, layout, value in POINTS.values():
        _, function, start, _, *order = address.split(":")
        words = _words(struct.pack(layout, value), order[0] if order else "ABCD")
        (bank.set_holding_registers if function == "3" else bank.set_input_registers)(int(start, 0), words)
    found = peer.ModbusServer("127.0.0.1", peers.free_port(), no_block=True, data_bank=bank)
    found.start()
    yield found
    found.stop()


def test_every_type_and_word_order_arrives(server: Any, tmp_path: Path) -> None:
    addresses: dict[str, str | None] = {name: address for name, (address, *_) in POINTS.items()}
    addresses |= {"hole": "1:3:150:uint16", "edge": "1:3:99:uint16"}
    source = {"kind": "modbus", "url": f"tcp://127.0.0.1:{server.port}", "poll_seconds": 0.2, "decimals": 2}
    lake = Lake(str(tmp_path / "lake"))
    collected = collector.collect(
        lake, site(tmp_path, {"meter": source}, points_table(addresses)), Until(total_seconds=2)
    )
    rows = lake.delta("raw", "meter__reading").to_pyarrow_table(columns=["point_id", "value"]).to_pylist()
    found = {row["point_id"]: float(row["value"]) for row in rows}
    assert found == {name: float(value) for name, (_, _, value) in POINTS.items()} | {"edge": 0.0}
    assert set(collected["meter"].reasons) == {"protocol_error"}


def test_negative_counts_of_a_register_are_quarantined(server: Any, tmp_path: Path) -> None:
    table = points_table({"i16": POINTS["i16"][0], "u16": POINTS["u16"][0]}, size="1000000")
    source = {"kind": "modbus", "url": f"tcp://127.0.0.1:{server.port}", "poll_seconds": 0.2, "decimals": 2}
    lake = Lake(str(tmp_path / "lake"))
    collected = collector.collect(lake, site(tmp_path, {"meter": source}, table), Until(total_seconds=1))
    assert set(collected["meter"].reasons) == {"register_out_of_range"}
    row = lake.delta("quarantine", "meter__reading").to_pyarrow_table().to_pylist()[0]
    assert '"hex": "fffff' in row["payload"]
