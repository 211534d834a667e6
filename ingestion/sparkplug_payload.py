"""The payload of Sparkplug B: the protobuf message of the specification (version 3.0, chapter 6.4), and its values.

Only the fields that a host reads are declared; protobuf passes over the others. Field numbers and types are those of
the schema that the specification prints; data sets and templates stay bytes, because no point is one.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_TYPE = descriptor_pb2.FieldDescriptorProto
_KINDS = {
    "uint32": _TYPE.TYPE_UINT32,
    "uint64": _TYPE.TYPE_UINT64,
    "float": _TYPE.TYPE_FLOAT,
    "double": _TYPE.TYPE_DOUBLE,
    "bool": _TYPE.TYPE_BOOL,
    "string": _TYPE.TYPE_STRING,
    "bytes": _TYPE.TYPE_BYTES,
}
#: Message: field, number, type; `*` repeats, `=` is one of those of which only one can be sent.
_SCHEMA = {
    "PropertyValue": "type 1 uint32,is_null 2 bool,=int_value 3 uint32,=long_value 4 uint64,=string_value 8 string",
    "PropertySet": "*keys 1 string,*values 2 PropertyValue",
    "Metric": "name 1 string,alias 2 uint64,timestamp 3 uint64,datatype 4 uint32,is_historical 5 bool,is_null 7 bool,"
    "properties 9 PropertySet,=int_value 10 uint32,=long_value 11 uint64,=float_value 12 float,=double_value 13 double,"
    "=boolean_value 14 bool,=string_value 15 string,=bytes_value 16 bytes,"
    "=dataset_value 17 bytes,=template_value 18 bytes",
    "Payload": "timestamp 1 uint64,*metrics 2 Metric,seq 3 uint64,uuid 4 string,body 5 bytes",
}
#: Integer types: bits, and whether the top one is a sign.
_WHOLE = {1: (8, True), 2: (16, True), 3: (32, True), 4: (64, True)}
_WHOLE |= {5: (8, False), 6: (16, False), 7: (32, False), 8: (64, False)}
_FLOAT, _DOUBLE, _BOOLEAN, _TEXTS = 9, 10, 11, (12, 14)
_QUALITY = {192: "good", 0: "bad_quality", 500: "bad_stale"}


class PayloadError(Exception):
    """Bytes that are no payload, or a value that is no number; says which."""


@lru_cache
def _payload() -> Any:  # noqa: ANN401 - protobuf makes the class
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug_b.proto", package="nengtan.sparkplug", syntax="proto2")
    for message, fields in _SCHEMA.items():
        declared = file.message_type.add(name=message)
        for text in fields.split(","):
            name, number, kind = text.lstrip("*=").split()
            field = declared.field.add(name=name, number=int(number))
            field.label = _TYPE.LABEL_REPEATED if text.startswith("*") else _TYPE.LABEL_OPTIONAL
            if kind in _KINDS:
                field.type = _KINDS[kind]
            else:
                field.type, field.type_name = _TYPE.TYPE_MESSAGE, f".nengtan.sparkplug.{kind}"
            if text.startswith("="):
                field.oneof_index = 0
        if "=" in fields:
            declared.oneof_decl.add(name="value")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("nengtan.sparkplug.Payload"))


def decoded(content: bytes) -> Any:  # noqa: ANN401 - protobuf makes the class
    """Return the payload of a message; raises PayloadError."""
    try:
        return _payload().FromString(content)
    except DecodeError as cause:
        raise PayloadError(f"no Sparkplug B payload ({cause})") from cause


def rebirth(at_ms: int) -> bytes:
    """Return the payload of the command that asks a node for its births."""
    payload = _payload()(timestamp=at_ms)
    payload.metrics.add(name="Node Control/Rebirth", timestamp=at_ms, datatype=_BOOLEAN, boolean_value=True)
    return bytes(payload.SerializeToString())


def value(metric: Any, datatype: int) -> str | None:  # noqa: ANN401 - protobuf makes the class
    """Return a metric's value as text with every digit that was sent, None for null; raises PayloadError."""
    sent = metric.WhichOneof("value")
    if metric.is_null or sent is None:
        return None
    found = getattr(metric, sent)
    if datatype in _WHOLE and sent in ("int_value", "long_value"):
        return str(_whole(found, *_WHOLE[datatype]))
    if datatype == _FLOAT and sent == "float_value":
        return _real(found, str(np.float32(found)))
    if datatype == _DOUBLE and sent == "double_value":
        return _real(found, repr(found))
    if datatype == _BOOLEAN and sent == "boolean_value":
        return "1" if found else "0"
    if datatype in _TEXTS and sent == "string_value":
        return str(found)
    raise PayloadError(f"a {sent} of data type {datatype} is no number")


def quality(metric: Any) -> str:  # noqa: ANN401 - protobuf makes the class
    """Return the status that a metric's flag and its property Quality mean."""
    told = dict(zip(metric.properties.keys, metric.properties.values, strict=False)).get("Quality")
    sent = told.WhichOneof("value") if told is not None else None
    if told is not None and sent in ("int_value", "long_value"):
        code = getattr(told, sent)
        status = _QUALITY.get(code, f"bad_{code}")
        if status != "good":
            return status
    return "historical" if metric.is_historical else "good"


def _whole(found: int, bits: int, is_signed: bool) -> int:
    """Return an integer; senders extend the sign of a short one or leave it, both are understood."""
    low = found & ((1 << bits) - 1)
    low -= (1 << bits) if is_signed and low >> (bits - 1) else 0
    if found not in (low, low % (1 << bits), low % (1 << 32), low % (1 << 64)):
        raise PayloadError(f"{found} does not fit into {bits} bits")
    return low


def _real(found: float, text: str) -> str:
    if not math.isfinite(found):
        raise PayloadError(f"{found} is no number")
    return text
