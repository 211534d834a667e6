"""What becomes of an OPC UA data value."""

from datetime import UTC, datetime

import pytest
from asyncua import ua

from ingestion.opcua_values import received

AT = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = datetime(2025, 12, 31, 23, 59, 58, 250000, tzinfo=UTC)


def _value(value: object, kind: str, status: int = 0) -> ua.DataValue:
    variant = ua.Variant(value, getattr(ua.VariantType, kind))
    return ua.DataValue(variant, ua.StatusCode(status), SourceTimestamp=SOURCE, ServerTimestamp=AT)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (-1, "SByte", "-1"),
        (2**63 - 1, "Int64", "9223372036854775807"),
        (2**64 - 1, "UInt64", "18446744073709551615"),
        (0.10000000149011612, "Float", "0.1"),
        (0.1, "Double", "0.1"),
        (True, "Boolean", "1"),
        ("12.5", "String", "12.5"),
        (float("nan"), "Double", None),
        ([1, 2], "Int32", None),
        (SOURCE, "DateTime", None),
    ],
)
def test_values_keep_every_digit(value: object, kind: str, text: str | None) -> None:
    found = received("ns=1;s=a", _value(value, kind), AT)
    assert (found.text, bool(found.trouble)) == (text, text is None)
    assert (found.at, found.status) == (SOURCE, "good")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0x0000_0000, "good"),
        (0x0096_0000, "good_local_override"),
        (0x4090_0000, "uncertain_last_usable_value"),
        (0x8005_0000, "bad_communication_error"),
        (0x8005_0480, "bad_communication_error"),
        (0xC000_0000, "bad"),
    ],
)
def test_a_status_is_its_name(code: int, status: str) -> None:
    found = received("ns=1;s=a", _value(1, "Int32", code), AT)
    assert found.status == status
    assert found.has_lost == (code & 0xFFFF == 0x0480)


def test_a_value_that_is_not_there_says_what_the_server_says() -> None:
    found = received("ns=1;s=a", ua.DataValue(ua.Variant(), ua.StatusCode(0x8005_0000)), AT)
    assert (found.text, found.trouble) == (None, "the server says bad_communication_error")
    assert found.at == AT
    never = datetime(1601, 1, 1)  # noqa: DTZ001 - as the library gives it
    assert received("a", ua.DataValue(ua.Variant(1), SourceTimestamp=never, ServerTimestamp=AT), AT).at == AT
