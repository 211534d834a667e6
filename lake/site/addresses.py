"""How an address of points.csv is written, by the kind of its connection; kinds that are not here take any text."""

import re
from dataclasses import dataclass

from lake.site import meter_maps


@dataclass(frozen=True)
class Form:
    """The form of an address, and how a person is told to write it."""

    pattern: re.Pattern[str]
    name: str
    words: str


FORMS = {
    "modbus": Form(
        re.compile(
            r"\d{1,3}:(([34]:(0[xX][0-9a-fA-F]{1,4}|\d{1,5}):(u?int(16|32|64)|float(32|64))(:(ABCD|CDAB|BADC|DCBA))?)"
            r"|[a-z][a-z0-9_]*:[a-z_]+)"
        ),
        "Modbus",
        "device:3 or 4:register:type[:order], as 1:3:0x0100:uint32, or device:model:quantity",
    ),
    "mqtt": Form(re.compile(r".*/.*", re.DOTALL), "MQTT", "device/key"),
    "sparkplug": Form(
        re.compile(r"[^/+#:]+/[^/+#:]+(/[^/+#:]+)?:.+", re.DOTALL),
        "Sparkplug B",
        "group/node[/device]:metric, as works/press_shop/press_1:Energy/Import",
    ),
    "opcua": Form(
        re.compile(r"(ns=\d+;|nsu=[^;]+;)?(i=\d+|s=.+|g=[0-9A-Fa-f-]{36}|b=.+)", re.DOTALL),
        "OPC UA",
        "a node id, as ns=2;s=Press.Energy, or nsu=<namespace uri>;s=Press.Energy",
    ),
    "iec104": Form(
        re.compile(r"\d{1,5}:\d{1,8}"),
        "IEC 60870-5-104",
        "common address:object address, as 1:4001",
    ),
    "dlt645": Form(
        re.compile(r"\d{12}:([0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})"),
        "DL/T 645",
        "meter:data identity, as 000000000001:00010000 (2007) or 000000000001:9010 (1997)",
    ),
    "cjt188": Form(
        re.compile(r"[123][0-9]:\d{14}:[a-z_]+"),
        "CJ/T 188",
        "type:address:quantity, as 10:78330011223344:volume",
    ),
    "hj212": Form(
        re.compile(r"[0-9A-Za-z]{1,24}/\d{4}/[0-9A-Za-z]+-[0-9A-Za-z]+"),
        "HJ 212",
        "MN/CN/code-attribute, as 010000A8900016F000169DC0/2061/a21026-Avg",
    ),
}


def complaint(kind: str | None, address: str) -> str | None:
    """Say what is wrong with an address of a connection of this kind; None where nothing is."""
    form = FORMS.get(kind or "")
    if form is None:
        return None
    if not form.pattern.fullmatch(address):
        return f"{address!r} is no {form.name} address, write it as {form.words}"
    names_a_model = kind == "modbus" and address.count(":") == 2
    return meter_maps.complaint(address) if names_a_model else None
