"""The part of OData's `$filter` that PACT v2 lists: comparisons of six properties, `any` on two lists, and `and`.

A statement becomes a test of a footprint's body. What stands outside that part is told apart from what is no statement:
the first is not implemented, the second a bad request.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exchange.api.refusal import NOT_IMPLEMENTED, Refusal

Document = Mapping[str, Any]
Test = Callable[[Document], bool]
_LONGEST, _DEEPEST = 2000, 20
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<time>\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})|\d{4}-\d{2}-\d{2})"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*)|(?P<mark>[():,]))"
)
_COMPARED = (
    *("created", "updated", "productCategoryCpc"),
    *("pcf/geographyCountry", "pcf/referencePeriodStart", "pcf/referencePeriodEnd"),
)
_LISTS = ("companyIds", "productIds")
_OPERATORS: dict[str, Callable[[datetime | str, datetime | str], bool]] = {
    "eq": lambda one, other: one == other,
    "lt": lambda one, other: one < other,  # type: ignore[operator]
    "le": lambda one, other: one <= other,  # type: ignore[operator]
    "gt": lambda one, other: one > other,  # type: ignore[operator]
    "ge": lambda one, other: one >= other,  # type: ignore[operator]
}


def parsed(statement: str) -> Test:
    """Return the test that a statement is; raises Refusal where it is none, or outside of the part that is known."""
    if len(statement) > _LONGEST:
        raise Refusal(400, f"$filter is longer than {_LONGEST} characters")
    parser = _Parser(_tokens(statement))
    test = parser.expression(0)
    parser.end()
    return test


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(statement: str) -> list[_Token]:
    found, at = [], 0
    rest = statement.rstrip()
    while at < len(rest):
        match = _TOKEN.match(rest, at)
        if match is None:
            raise Refusal(400, f"$filter cannot be read at character {at + 1}")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind]))
        at = match.end()
    return found


class _Parser:
    """Reads one statement from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    def expression(self, depth: int) -> Test:
        """Read terms that `and` joins."""
        if depth > _DEEPEST:
            raise Refusal(400, f"$filter has more than {_DEEPEST} brackets within each other")
        tests = [self._term(depth)]
        while self._next_is("name", "and"):
            self._take()
            tests.append(self._term(depth))
        return lambda body: all(test(body) for test in tests)

    def end(self) -> None:
        """Refuse what is left."""
        if self._at < len(self._tokens):
            raise _outside(self._tokens[self._at])

    def _term(self, depth: int) -> Test:
        if self._next_is("mark", "("):
            self._take()
            test = self.expression(depth + 1)
            self._take("mark", ")")
            return test
        path = self._take("name").text
        owner, _, last = path.rpartition("/")
        if last == "any":
            return self._any(owner)
        if path == "not" or path in _LISTS or self._next_is("mark", "("):  # an operator, a function, another lambda
            raise _outside(_Token("name", path))
        return self._comparison(path)

    def _comparison(self, path: str) -> Test:
        operator = self._take("name")
        if operator.text not in _OPERATORS:
            raise _outside(operator)
        value = self._value()
        if path not in _COMPARED:
            raise Refusal(400, f"$filter compares {', '.join(_COMPARED)} only", NOT_IMPLEMENTED)
        compare = _OPERATORS[operator.text]

        def holds(body: Document) -> bool:
            found = _at(body, path)
            return found is not None and compare(*_comparable(found, value))

        return holds

    def _any(self, owner: str) -> Test:
        """Read `(name:(name eq 'value'))` behind `list/any`."""
        if owner not in _LISTS:
            raise Refusal(400, f"$filter knows any of {' and '.join(_LISTS)} only", NOT_IMPLEMENTED)
        self._take("mark", "(")
        variable = self._take("name").text
        self._take("mark", ":")
        brackets = 0
        while self._next_is("mark", "("):
            self._take()
            brackets += 1
        self._take("name", variable)
        operator = self._take("name")
        if operator.text != "eq":
            raise _outside(operator)
        value = self._value()
        for _ in range(brackets + 1):
            self._take("mark", ")")
        return lambda body: value in body.get(owner, ())

    def _value(self) -> str:
        token = self._take()
        if token.kind not in ("text", "time"):
            raise _outside(token)
        return token.text[1:-1].replace("''", "'") if token.kind == "text" else token.text

    def _next_is(self, kind: str, text: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == _Token(kind, text)

    def _take(self, kind: str | None = None, text: str | None = None) -> _Token:
        if self._at >= len(self._tokens):
            raise Refusal(400, f"$filter ends where {text or 'something'} should follow")
        token = self._tokens[self._at]
        if kind not in (None, token.kind) or text not in (None, token.text):
            raise _outside(token)
        self._at += 1
        return token


def _outside(token: _Token) -> Refusal:
    """What stands where it cannot be taken: a word of OData that is not known here, or no statement at all."""
    code = NOT_IMPLEMENTED if token.kind == "name" else None
    return Refusal(400, f"$filter: {token.text[:40]!r} is not known in this place", code)


def _at(body: Document, path: str) -> str | None:
    found: object = body
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else None


def _comparable(found: str, value: str) -> tuple[datetime | str, datetime | str]:
    """Return both as instants where both are, else both as text."""
    one, other = _instant(found), _instant(value)
    return (one, other) if one and other else (found, value)


def _instant(text: str) -> datetime | None:
    if "-" not in text:  # a number of eight digits is a code, not a day
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
