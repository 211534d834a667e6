"""What every connector that listens does with what arrives: a time for each, and a line that keeps it verbatim."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.source import now


class ArrivalClock:
    """Times of arrival that follow the order of arrival, even where the clock ticks too slowly or is set back."""

    def __init__(self) -> None:
        """Start before every time."""
        self._last = datetime.min.replace(tzinfo=UTC)

    def tick(self) -> datetime:
        """Return the present instant, or the next one after the last that was returned."""
        self._last = max(now(), self._last + timedelta(microseconds=1))
        return self._last


def as_line(facts: Mapping[str, Any], name: str, content: bytes) -> str:
    """Return a line of a payload: the facts, and the content as text where it is text."""
    try:
        kept = {name: content.decode()}
    except UnicodeDecodeError:
        kept = {"base64": base64.b64encode(content).decode()}
    return json.dumps({**facts, **kept}, ensure_ascii=False)
