"""A record as one canonical text, as the register keeps it, and back: the same record gives the same text."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from exchange.footprints.record import ACTIVE, Footprint, Text

#: What a release adds to what is said about the product.
_OF_RELEASE: dict[str, Any] = {
    **{"record_id": "", "version": 0, "created_at": datetime.min.replace(tzinfo=UTC), "status": ACTIVE},
    **{"preceding": (), "valid_from": None, "valid_to": None, "comment": Text("", "")},
}


def text(record: Footprint) -> str:
    """Return a record as canonical JSON; decimals and instants are texts."""
    return json.dumps(_plain(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def record(told: str) -> Footprint:
    """Return the record of a text; raises FootprintError where what must hold of it does not."""
    found: Footprint = _made(Footprint, json.loads(told))
    return found


def content_hash(footprint: Footprint) -> str:
    """Return the SHA-256 of what a record says about its product, whichever release says it."""
    return sha256(text(replace(footprint, **_OF_RELEASE)).encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else value


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _made(kind: Any, value: Any) -> Any:  # noqa: ANN401 - the type of a field, and what JSON has for it
    if value is None:
        return None
    if isinstance(kind, UnionType):
        return _made(next(one for one in get_args(kind) if one is not type(None)), value)
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], one) for one in value)
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{name: _made(hints[name], one) for name, one in value.items()})  # type: ignore[operator]
    if kind is datetime:
        return datetime.fromisoformat(value)
    return Decimal(value) if kind is Decimal else value
