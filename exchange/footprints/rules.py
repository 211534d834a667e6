"""Rules of the fields of a wire format: each says what it allows as a JSON schema, and as a sentence about a fault.

A document may have fields that no rule knows; `null` in an optional field is read as a field that is not there.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_SHOWN = 60


@dataclass(frozen=True)
class Kind:
    """What a value may be, as a JSON schema; `faults` gives what is wrong, to be read after the name of the field."""

    schema: Mapping[str, Any]
    faults: Callable[[Any], Iterator[str]]


@dataclass(frozen=True)
class Field:
    """One field of an object."""

    name: str
    kind: Kind
    is_required: bool = False


def _plain(schema: Mapping[str, Any], said: str, is_good: Callable[[Any], bool]) -> Kind:
    def faults(value: object) -> Iterator[str]:
        if not is_good(value):
            yield f" is {_shown(value)}; it is {said}."

    return Kind(schema, faults)


def _decimal(pattern: str, said: str) -> Kind:
    found = re.compile(pattern, re.ASCII)
    schema = {"type": "string", "pattern": f"^({pattern})$"}
    return _plain(schema, said, lambda value: isinstance(value, str) and bool(found.fullmatch(value)))


DECIMAL = _decimal(r"[+-]?[0-9]+(\.[0-9]+)?", 'a decimal number written as a text, such as "1.5"')
NOT_NEGATIVE = _decimal(r"\+?[0-9]+(\.[0-9]+)?|-0+(\.0+)?", "a decimal text, zero or more")
NOT_POSITIVE = _decimal(r"-[0-9]+(\.[0-9]+)?|\+?0+(\.0+)?", "a decimal text, zero or less")
POSITIVE = _decimal(r"\+?(0*[1-9][0-9]*(\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)", "a decimal text, more than zero")
TEXT = _plain({"type": "string"}, "a text", lambda value: isinstance(value, str))
WORDS = _plain(
    {"type": "string", "minLength": 1}, "a text that is not empty", lambda value: isinstance(value, str) and value != ""
)
FLAG = _plain({"type": "boolean"}, "true or false", lambda value: isinstance(value, bool))
COUNT = _plain(
    {"type": "integer", "minimum": 0},
    "a whole number, zero or more",
    lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
)
UUID = _plain(
    {"type": "string", "format": "uuid"},
    "a UUID",
    lambda value: isinstance(value, str) and bool(_UUID.fullmatch(value)),
)
URN = _plain(
    {"type": "string", "pattern": "^[uU][rR][nN]:"},
    "a URN, which begins with urn:",
    lambda value: isinstance(value, str) and value.lower().startswith("urn:"),
)
INSTANT = _plain(
    {"type": "string", "format": "date-time"},
    "an instant with its offset, such as 2025-12-31T16:00:00Z",
    lambda value: isinstance(value, str) and _is_instant(value),
)
ANYTHING = Kind({}, lambda _value: iter(()))


def matching(pattern: str, said: str) -> Kind:
    """Return the kind of a text that a pattern describes as a whole."""
    found = re.compile(pattern, re.ASCII)
    schema = {"type": "string", "pattern": f"^({pattern})$"}
    return _plain(schema, said, lambda value: isinstance(value, str) and bool(found.fullmatch(value)))


def one_of(*words: str) -> Kind:
    """Return the kind of a text that is one of these words."""
    said = f"one of {', '.join(words)}"
    return _plain({"type": "string", "enum": list(words)}, said, lambda value: value in words)


def number(least: float, most: float) -> Kind:
    """Return the kind of a JSON number within bounds; a decimal text in it is read, too, for partners write it so."""
    schema = {"type": "number", "minimum": least, "maximum": most}

    def is_good(value: object) -> bool:
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            value = float(value)
        return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most

    return _plain(schema, f"a number from {least:g} to {most:g}", is_good)


def listed(kind: Kind, least: int = 1) -> Kind:
    """Return the kind of an array of at least so many values of a kind, none twice."""

    def faults(value: object) -> Iterator[str]:
        if not isinstance(value, list):
            yield f" is {_shown(value)}; it is a list."
            return
        if len(value) < least:
            yield " is empty; it has at least one entry."
        if len({repr(one) for one in value}) != len(value):
            yield " has an entry twice."
        for place, one in enumerate(value):
            yield from (f"[{place}]{fault}" for fault in kind.faults(one))

    return Kind({"type": "array", "items": dict(kind.schema), "minItems": least, "uniqueItems": True}, faults)


def object_of(*fields: Field) -> Kind:
    """Return the kind of an object with these fields and perhaps others."""

    def faults(value: object) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f" is {_shown(value)}; it is an object."
            return
        for field in fields:
            if value.get(field.name) is not None:
                yield from (f".{field.name}{fault}" for fault in field.kind.faults(value[field.name]))
            elif field.is_required:
                yield f".{field.name} is missing."

    return Kind(_object_schema(fields), faults)


def _object_schema(fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [field.name for field in fields if field.is_required],
        "properties": {field.name: dict(field.kind.schema) for field in fields},
    }


def faults_of(kind: Kind, document: object) -> tuple[str, ...]:
    """Return what is wrong with a document, one sentence each, in the order of its fields."""
    return tuple(fault.removeprefix(".").strip() for fault in kind.faults(document))


def _is_instant(value: str) -> bool:
    if not _INSTANT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
