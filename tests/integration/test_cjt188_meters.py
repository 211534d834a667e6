"""Our CJ/T 188 client on a line that gives what real meters gave; no independent implementation is to be had."""

from pathlib import Path

import pytest

from lake.store import Lake
from tests.integration import serial_server
from tests.integration.until import collected_until, reasons, rows, values
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration
FILE = Path(__file__).resolve().parents[1] / "fixtures/telegrams/cjt188.txt"
PUBLISHED = [line.split("\t") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
UNIT_FIRST, HEAT, WATER, OTHER = "42590008210438", "00312718241912", "00000805000001", "77665544332211"


def test_published_meters_on_one_line(tmp_path: Path) -> None:
    answers = {bytes.fromhex(meter.partition(":")[2])[::-1]: bytes.fromhex(frame) for _, meter, _, frame in PUBLISHED}
    turn = iter(range(10**6))

    def answer(asked: bytes) -> list[bytes]:
        found = next((frame for meter, frame in answers.items() if meter in asked), b"")
        cut = next(turn) % (len(found) + 1)
        return [b"\x00\xfe", found[:cut], found[cut:]]

    addresses: dict[str, str | None] = {
        "heat": f"20:{UNIT_FIRST}:heat",
        "supply": f"20:{UNIT_FIRST}:supply_temperature",
        "other_heat": f"25:{HEAT}:heat",
        "water": f"10:{WATER}:volume",
        "damaged": f"10:{OTHER}:volume",
        "nobody": "10:12345678901234:volume",
    }
    lake, made_points = Lake(str(tmp_path / "lake")), points_table(addresses)
    units = ["kWh", "kWh", "kWh", "m3", "m3", "m3"]
    made_points = made_points.set_column(made_points.column_names.index("unit"), "unit", [units])
    with serial_server.serving(answer) as port:
        source = {"kind": "cjt188", "url": f"tcp://127.0.0.1:{port}", "unit_first": [UNIT_FIRST], "poll_seconds": 0.2}
        made = site(tmp_path, {"meter": source | {"timeout_seconds": 0.3, "batch_seconds": 0.2}}, made_points)
        collected = collected_until(lake, made, lambda: len(values(lake)) == 4 and len(reasons(lake)) == 2)
    assert values(lake) == {"heat": {"5328.19"}, "supply": {"19.03"}, "other_heat": {"54427.88"}, "water": {"123"}}
    assert reasons(lake) == {
        f"10:{OTHER}: the meter answers with what is no answer to the question",
        "10:12345678901234: the meter answers with what is no answer to the question",
    }
    assert set(collected.reasons) == {"protocol_error"}
    assert all(row["unit"] in units for row in rows(lake, "raw"))
