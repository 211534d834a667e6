"""How a REST service cuts its answer into pages, as sources.yaml says it under `paging`.

page    name of the parameter that counts pages (from `start`, 1), until a page has no records
offset  name of the parameter that counts records, with `limit`, until a page has no records
size    name of the parameter that takes `limit`, the records of a page
next    JSONPath of the next page's address; there is none where it is absent, null or false
cursor  name of the parameter that takes what `next` finds, where that is a token and no address
since   name of the parameter that takes the time to read onwards from, as since_format iso, s or ms, going back by
        `overlap` (1h), because services, too, learn of readings late
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from ingestion.durations import duration
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from lake.errors import SourceShapeError

Page = tuple[str, dict[str, Any]]
_KNOWN = {"page", "start", "offset", "size", "limit", "next", "cursor", "since", "since_format", "overlap"}


class Paging:
    """The pages of one service."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Take the settings; none means that the service answers in one page."""
        strange = sorted(set(settings) - _KNOWN)
        if strange:
            raise SourceShapeError(f"paging: {', '.join(strange)} is unknown; choose from {', '.join(sorted(_KNOWN))}")
        self._settings = settings
        self._next = JsonMapping({"values": settings["next"]}) if settings.get("next") else None

    def first(self, latest: datetime | None) -> dict[str, Any]:
        """Return the parameters of the first page, where readings up to `latest` have landed."""
        settings = self._settings
        parameters: dict[str, Any] = {}
        if settings.get("page"):
            parameters[str(settings["page"])] = int(settings.get("start", 1))
        if settings.get("offset"):
            parameters[str(settings["offset"])] = 0
        if settings.get("size"):
            parameters[str(settings["size"])] = int(settings.get("limit", 1000))
        if settings.get("since") and latest is not None:
            overlap = duration(settings.get("overlap", "1h")) or timedelta()
            parameters[str(settings["since"])] = self._moment(latest - overlap)
        return parameters

    def following(self, body: bytes, here: Page, *, is_empty: bool) -> Page | None:
        """Return the page after this one, or None after the last."""
        url, parameters = here
        if self._next is not None:
            return self._linked(self._next, body, here)
        for name, step in (("page", 1), ("offset", int(self._settings.get("limit", 1000)))):
            counter = self._settings.get(name)
            if counter and not is_empty:
                return url, {**parameters, str(counter): parameters[str(counter)] + step}
        return None

    def _linked(self, finder: JsonMapping, body: bytes, here: Page) -> Page | None:
        found = Columns()
        try:
            finder.gather(0, Document(body), found)
        except DocumentError:
            return None
        target = found.value[0] if found.value else None
        if not target:
            return None
        url, parameters = here
        if self._settings.get("cursor"):
            return url, {**parameters, str(self._settings["cursor"]): target}
        return urljoin(url, str(target)), {}

    def _moment(self, at: datetime) -> str:
        layout = self._settings.get("since_format", "iso")
        if layout == "iso":
            return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return str(int(at.timestamp() * (1000 if layout == "ms" else 1)))
