"""Acquisition reads: no connector writes to a device; a Sparkplug node may be asked to tell all anew."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: How the libraries of Modbus, OPC UA and MQTT name what changes the other side.
WRITES = re.compile(
    r"write_(coil|register|value|attribute|params)\w*|mask_write_register|readwrite_registers|set_(value|attribute|writable)"
    r"|call_method|add_(node|reference)s?|delete_nodes|publish"
)
#: Presence under the host's own topic, and the request of the specification for a birth that was missed.
ALLOWED = {("ingestion/mqtt_session.py", "publish"), ("ingestion/sources/sparkplug.py", "publish")}


def _names(path: Path) -> set[str]:
    """What is asked of other things by name, called at once or kept for later."""
    return {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}


def test_no_connector_writes_to_a_device() -> None:
    files = [path for path in (ROOT / "ingestion").rglob("*.py") if "portal" not in path.parts]
    asked = {(path.relative_to(ROOT).as_posix(), name) for path in files for name in _names(path)}
    seen = {"read_holding_registers", "read_input_registers", "read_attributes"}
    assert seen <= {name for _, name in asked}, "what the libraries are asked for is seen"
    assert {one for one in asked if WRITES.fullmatch(one[1])} == ALLOWED
    commands = set(re.findall(r"/([ND]CMD)/", (ROOT / "ingestion/sources/sparkplug.py").read_text("utf-8")))
    assert commands == {"NCMD"}
    assert "Node Control/Rebirth" in (ROOT / "ingestion/sparkplug_payload.py").read_text("utf-8")
