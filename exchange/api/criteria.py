"""The criteria of PACT v3 that lists and requests share: one value of each key has to hold.

Identifiers and words are compared without regard to case, an empty value asks for nothing, and a value that nothing
has is no error. Without a validity period a footprint is valid for three years from the end of its reference period.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from exchange.api.records import Seen
from exchange.api.refusal import NOT_IMPLEMENTED, Refusal

_YEARS_VALID = 3
_PLACES = ("geographyCountry", "geographyRegionOrSubregion", "geographyCountrySubdivision")
_Document = Mapping[str, Any]
_Test = Callable[[_Document, str], bool]


def matching(seen: Iterable[Seen], criteria: Mapping[str, Sequence[str]]) -> list[Seen]:
    """Return those that match; raises Refusal where a time is none."""
    asked = {key: [value for value in criteria.get(key, ()) if value] for key in TESTS}
    for key in ("validOn", "validAfter", "validBefore"):
        for value in asked[key]:
            instant(value, key)
    wanted = {key: values for key, values in asked.items() if values}
    return [one for one in seen if _holds(one, wanted)]


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise Refusal for a criterion that this host does not know: an answer that ignored it would be a wrong one."""
    for name in names:
        if name == "$filter" or name.startswith("x-"):
            raise Refusal(400, f"the criterion {name} is not known here", NOT_IMPLEMENTED)


def instant(text: str, name: str) -> datetime:
    """Return the instant that a text names, a day being its first; raises Refusal where it names none."""
    # an offset's plus sign that was not escaped comes out of a query as a blank
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    except ValueError as cause:
        raise Refusal(400, f"{name} is no time of ISO 8601") from cause
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _holds(one: Seen, wanted: Mapping[str, Sequence[str]]) -> bool:
    document = one.document(3)
    return all(any(TESTS[key](document, value) for value in values) for key, values in wanted.items())


def _is_among(values: Iterable[Any], value: str) -> bool:
    return value.casefold() in (str(one).casefold() for one in values)


def _period(body: _Document) -> tuple[datetime, datetime]:
    reference_end = instant(body["pcf"]["referencePeriodEnd"], "referencePeriodEnd")
    start, end = body.get("validityPeriodStart"), body.get("validityPeriodEnd")
    return (
        instant(start, "validityPeriodStart") if start else reference_end,
        instant(end, "validityPeriodEnd") if end else _later(reference_end),
    )


def _later(at: datetime) -> datetime:
    try:
        return at.replace(year=at.year + _YEARS_VALID)
    except ValueError:  # 29 February
        return at.replace(year=at.year + _YEARS_VALID, month=3, day=1)


def _on(body: _Document, value: str) -> bool:
    start, end = _period(body)
    return start <= instant(value, "validOn") <= end


TESTS: Mapping[str, _Test] = {
    "productId": lambda body, value: _is_among(body["productIds"], value),
    "companyId": lambda body, value: _is_among(body["companyIds"], value),
    "geography": lambda body, value: _is_among((body["pcf"].get(place) for place in _PLACES), value),
    "classification": lambda body, value: _is_among(body.get("productClassifications", ()), value),
    "validOn": _on,
    "validAfter": lambda body, value: instant(value, "validAfter") < _period(body)[0],
    "validBefore": lambda body, value: _period(body)[1] < instant(value, "validBefore"),
    "status": lambda body, value: _is_among([body["status"]], value),
}
