"""Spans of time as people write them in a site's files: 90s, 15m, 2h, 3d."""

import re
from datetime import timedelta

_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: object) -> timedelta | None:
    """Return the span; None where the text is none, such as a plain number."""
    match = _SPAN.fullmatch(str(text))
    return timedelta(**{_UNITS[match[2]]: float(match[1])}) if match else None
