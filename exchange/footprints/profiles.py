"""The profiles that write a record and read it, by the major version of PACT."""

from types import ModuleType
from typing import Any

from exchange.footprints import pact_v2, pact_v3
from exchange.footprints.record import Footprint
from exchange.footprints.wire import ProfileError

_MODULES: dict[int, ModuleType] = {2: pact_v2, 3: pact_v3}


def written(record: Footprint, version: int, language: str = "en") -> dict[str, Any]:
    """Return a record as a document of PACT 2 or 3; raises ProfileError where it cannot be told in it."""
    document: dict[str, Any] = _MODULES[version].written(record, language)
    return document


def read(document: object, version: int) -> Footprint:
    """Read a partner's document of PACT 2 or 3; raises ProfileError, one sentence for each fault."""
    record: Footprint = _MODULES[version].read(document)
    return record


def faults(record: Footprint, version: int) -> tuple[str, ...]:
    """Return why a record cannot be told in PACT 2 or 3; nothing where it can."""
    try:
        written(record, version)
    except ProfileError as cause:
        return cause.faults
    return ()
