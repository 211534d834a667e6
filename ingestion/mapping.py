"""JSON documents to received rows, by a mapping of JSONPaths instead of code per vendor.

    records   where the records are; default `$`, the document itself. Several may match.
    device    whose values these are; `topic` (default) or `topic/<n>`, the n-th level of the topic from 0
    time      of the record, in `time_unit` (iso, s, ms)
    values    an object of values by key, a list of items, or one value
    quality   becomes the status; quality_good lists the words that mean good (every other word then means bad),
              quality_bad those that mean bad; a bad one becomes bad_<word> and is not used
    item      {key, value, time, quality}: where these stand inside an item of `values`

The address of a value is `<device>/<key>`; the device alone where there is no key, the key where there is no device.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonpath
import pyarrow as pa

from lake.errors import SourceShapeError

_SIMPLE = re.compile(r"\$?((\.?[A-Za-z_][\w-]*)|\['[^']+'\])*")
_NAME = re.compile(r"\.?([A-Za-z_][\w-]*)|\['([^']+)'\]")
_ABSENT = object()

Getter = Callable[[object], object]


class DocumentError(Exception):
    """A document that is no JSON, or not of the mapping's shape; says which."""


@dataclass(frozen=True)
class Document:
    """One JSON text and where it came from."""

    text: str | bytes
    topic: str = ""


@dataclass
class Columns:
    """Received rows as they grow; `document` is the number of the document that each row came from."""

    document: list[int] = field(default_factory=list)
    address: list[str] = field(default_factory=list)
    time: list[Any] = field(default_factory=list)
    value: list[Any] = field(default_factory=list)
    status: list[Any] = field(default_factory=list)

    def table(self) -> pa.Table:
        """Return what was gathered; the position is the running number of the value."""
        return pa.table(
            {
                "position": pa.array(range(len(self.document)), pa.int64()),
                "document": pa.array(self.document, pa.int64()),
                "address": pa.array(self.address, pa.string()),
                "time": texts(self.time),
                "value": texts(self.value),
                "status": texts(self.status),
            }
        )


class JsonMapping:
    """A compiled mapping."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        """Compile; raises SourceShapeError where a path is no JSONPath."""
        item = mapping.get("item") or {}
        self._records = _many(str(mapping.get("records") or "$"))
        self._device, self._level = _device(mapping.get("device"))
        self._time = _one(mapping.get("time"))
        self._values = _one(str(mapping.get("values") or "$"))
        self._quality = _one(mapping.get("quality"))
        self._item = {name: _one(item.get(name)) for name in ("key", "value", "time", "quality")}
        self._has_item = bool(item)
        self._good = frozenset(str(word) for word in mapping.get("quality_good") or ())
        self._bad = frozenset(str(word) for word in mapping.get("quality_bad") or ())

    def table(self, columns: Columns) -> pa.Table:
        """Return what was gathered, with the status that the sender's quality means."""
        found = columns.table()
        if not self._good and not self._bad:
            return found
        words = found.column("status").combine_chunks().dictionary_encode()
        meant = pa.array([self._meaning(word) for word in words.dictionary.to_pylist()], pa.string())
        return found.set_column(found.column_names.index("status"), "status", meant.take(words.indices))

    def _meaning(self, word: str) -> str:
        if word in self._good:
            return "good"
        is_bad = word in self._bad or bool(self._good)
        return f"bad_{word}" if is_bad and not word.startswith("bad") else word

    def gather(self, number: int, document: Document, into: Columns) -> None:
        """Append the values of one document; raises DocumentError, having appended nothing, where it does not fit."""
        try:
            content = _loaded(document.text)
        except (ValueError, RecursionError) as cause:  # the second for what is nested too deep
            raise DocumentError(f"no JSON: {cause}") from cause
        found = Columns()
        records = self._records(content)
        if records is None:
            raise DocumentError("no records where the mapping looks for them")
        for record in records:
            self._record(record, document.topic, found)
        into.document.extend([number] * len(found.address))
        for name in ("address", "time", "value", "status"):
            getattr(into, name).extend(getattr(found, name))

    def _record(self, record: object, topic: str, found: Columns) -> None:
        device = self._device(record) if self._level is None else _topic_level(topic, self._level)
        time, quality, values = self._time(record), self._quality(record), self._values(record)
        if values is _ABSENT:
            raise DocumentError("no values where the mapping looks for them")
        name = "" if device in (_ABSENT, None) else str(device)
        keys, members = _members(values, self._item["key"])
        times = [time] * len(members)
        qualities = [quality] * len(members)
        if self._has_item:
            times = [_either(self._item["time"](member), time) for member in members]
            qualities = [_either(self._item["quality"](member), quality) for member in members]
            members = [self._item["value"](member) for member in members]
        prefix = f"{name}/" if name else ""
        found.address.extend([prefix + key if key else name for key in keys])
        found.time.extend(times)
        found.status.extend(qualities)
        found.value.extend(members)


def _loaded(text: str | bytes) -> object:
    """Return what a JSON text says; raises ValueError where it is none, or has half a character."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text))
    # Numbers stay the text that was sent: no digit is lost to floating point.
    content: object = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    if "\\u" in text:
        json.dumps(content, ensure_ascii=False).encode()
    return content


def texts(column: Sequence[Any]) -> pa.Array:
    """Return what was received as text; true and false become 1 and 0, absent becomes null."""
    try:
        return pa.array(column, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([_as_text(value) for value in column], pa.string())


def _as_text(value: object) -> str | None:
    if value is None or value is _ABSENT:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _members(values: object, key: Getter) -> tuple[Iterable[str], list[object]]:
    if isinstance(values, dict):
        return [str(name) for name in values], list(values.values())
    if isinstance(values, list):
        return ["" if (name := key(member)) in (_ABSENT, None) else str(name) for member in values], values
    return [""], [values]


def _either(value: object, otherwise: object) -> object:
    return otherwise if value is _ABSENT else value


def _device(path: object) -> tuple[Getter, int | None]:
    """Return how the device is found; a level of -1 is the whole topic."""
    text = str(path or "topic")
    if text == "topic":
        return _one(None), -1
    if text.startswith("topic/") and text.removeprefix("topic/").isdigit():
        return _one(None), int(text.removeprefix("topic/"))
    return _one(text), None


def _topic_level(topic: str, level: int) -> str:
    if level < 0:
        return topic
    levels = topic.split("/")
    return levels[level] if level < len(levels) else ""


def _one(path: object) -> Getter:
    """Return a function that gives the first match, or _ABSENT."""
    if path is None:
        return lambda node: _ABSENT
    names = _plain_names(str(path))
    if names is not None:
        return lambda node: _walk(node, names)
    find = _finder(str(path))
    return lambda node: next(iter(find(node)), _ABSENT)


def _many(path: str) -> Callable[[object], list[object] | None]:
    """Return a function that gives every match, or None; a list that is matched is the list of its members.

    `$.items[*]` finds the members of every list `$.items`, so that an empty list is no records and not a wrong shape.
    """
    base = path.removesuffix("[*]")
    names = _plain_names(base)
    find = _finder(base) if names is None else None

    def matches(node: object) -> list[object] | None:
        found = find(node) if find else [_walk(node, names or [])]
        found = [match for match in found if match is not _ABSENT]
        members = [member for match in found for member in (match if isinstance(match, list) else [match])]
        return members if found else None

    return matches


def _plain_names(path: str) -> list[str] | None:
    """Return the names of a path without wildcards and filters, which needs no JSONPath engine."""
    if not _SIMPLE.fullmatch(path):
        return None
    return [plain or quoted for plain, quoted in _NAME.findall(path.removeprefix("$"))]


def _walk(node: object, names: list[str]) -> object:
    for name in names:
        if not isinstance(node, dict) or name not in node:
            return _ABSENT
        node = node[name]
    return node


def _finder(path: str) -> Callable[[object], list[object]]:
    try:
        compiled = jsonpath.compile(path)
    except jsonpath.JSONPathError as cause:
        raise SourceShapeError(f"mapping: {path!r} is no JSONPath ({cause})") from cause
    return lambda node: list(compiled.findall(node))  # type: ignore[arg-type]
