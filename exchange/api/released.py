"""Released footprints of the lake as the host hands them out: withdrawn ones and what a format cannot tell are not.

They are read anew when the table of releases has another version, so that a withdrawal acts with the next request.
"""

import logging
import threading
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from exchange.api import detail
from exchange.api.records import VERSIONS, Body
from exchange.footprints import profiles, releases
from exchange.footprints.record import Footprint
from lake import footprint_releases
from lake.errors import FootprintError
from lake.sqlitefile import stamp
from lake.store import Lake

LOG = logging.getLogger("nengtan")
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Written:
    """One released footprint with its documents by version and language; `language` is the site's."""

    organization_id: str
    product_id: str
    released_at: str
    record: Footprint
    bodies: dict[tuple[int, str], Body] = field(repr=False)
    extension: Body = field(repr=False)
    language: str = "en"

    @property
    def record_id(self) -> str:
        """Its id."""
        return self.record.record_id

    def is_told(self, version: int) -> bool:
        """Whether a version could tell it."""
        return (version, self.language) in self.bodies

    def document(self, version: int) -> Body:
        """Return its result, to be read and not to be changed."""
        return self.bodies[version, self.language]

    def body(self, version: int, *, with_process: bool, language: str | None = None) -> Body:
        """Return its document in a language, with process detail where that is granted."""
        body = deepcopy(self.bodies[version, language or self.language])
        if with_process and self.record.contributions:
            body["extensions"] = [*body.get("extensions", ()), deepcopy(self.extension)]
        return body


class Releases:
    """The released footprints of a lake; `address` is the base that the host is known by."""

    def __init__(self, lake_root: str, address: str = "", language: str = "en") -> None:
        """Take the lake; it is read anew when something was released or withdrawn."""
        self._lake_root, self._address, self._language = lake_root, address, language
        self._lock = threading.Lock()
        self._version: int | None = None
        self._kept: list[Written] = []

    def released(self) -> Sequence[Written]:
        """Return what was released and not withdrawn."""
        lake = Lake(self._lake_root)
        with self._lock:
            version = footprint_releases.version(lake)
            if version != self._version:
                told = [one for one in releases.rows(lake) if one.withdrawn_at is None]
                self._kept = [found for one in told if (found := self._written(one)) is not None]
                self._version = version
            return self._kept

    def _written(self, one: releases.Released) -> Written | None:
        """Return a released footprint with its documents; None where no version can tell it, which is logged."""
        record, bodies = one.record, dict[tuple[int, str], Body]()
        for version in VERSIONS:
            try:
                bodies |= {(version, word): profiles.written(record, version, word) for word in _LANGUAGES}
            except FootprintError as cause:
                LOG.warning("exchange: %s is not handed out as PACT %s: %s", record.record_id, version, cause)
        if not bodies:
            return None
        extension, at = detail.extension(record, self._address), stamp(one.released_at)
        return Written(one.organization_id, one.product_id, at, record, bodies, extension, self._language)
