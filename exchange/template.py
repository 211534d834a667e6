"""Rows of a query to the body of a message, by a template that is written like the body.

A text `{name}` becomes the value of that column, as a number where it is one; inside a longer text, or with a format as
in `{month:%Y%m}`, it becomes text. `{$each: …}` in a list repeats what stands under it for every row; elsewhere the
first row of the message counts. A null stays null.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lake.errors import UplinkError

EACH = "$each"
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]+))?\}")
#: A decimal on its way through JSON: the digits between marks that no other text has.
_MARK = "\x00"
_MARKED = re.compile(r'"\\u0000([^"\\]*)\\u0000"')
Row = Mapping[str, Any]


def filled(template: object, rows: Sequence[Row]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the body of a message; raises UplinkError where the template names what the query does not give."""
    return _filled(template, rows[0], rows)


def as_json(body: object) -> str:
    """Return a body as JSON: keys in order, decimals with every digit."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, default=_plain)
    return _MARKED.sub(r"\1", text)


def _filled(template: object, row: Row, rows: Sequence[Row]) -> Any:  # noqa: ANN401
    if isinstance(template, Mapping):
        return {str(key): _filled(value, row, rows) for key, value in template.items()}
    if isinstance(template, list):
        return [made for part in template for made in _repeated(part, row, rows)]
    return _text(template, row) if isinstance(template, str) else template


def _repeated(part: object, row: Row, rows: Sequence[Row]) -> list[Any]:
    if isinstance(part, Mapping) and set(part) == {EACH}:
        return [_filled(part[EACH], one, rows) for one in rows]
    return [_filled(part, row, rows)]


def _text(template: str, row: Row) -> Any:  # noqa: ANN401
    whole = _PLACE.fullmatch(template)
    if whole and not whole[2]:
        return _value(whole[1], row)
    return _PLACE.sub(lambda found: _formatted(_value(found[1], row), found[2]), template)


def _value(name: str, row: Row) -> Any:  # noqa: ANN401
    if name not in row:
        raise UplinkError(f"the template names {{{name}}}, the query gives {', '.join(row)}")
    return row[name]


def _formatted(value: Any, layout: str | None) -> str:  # noqa: ANN401
    if value is None:
        return ""
    try:
        return format(value, layout) if layout else str(_plain(value)).replace(_MARK, "")
    except (ValueError, TypeError) as cause:
        raise UplinkError(f"{value!r} cannot be written as {layout!r} ({cause})") from cause


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return what JSON can say."""
    if isinstance(value, Decimal):
        return f"{_MARK}{value:f}{_MARK}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, int | float | str) else str(value)
