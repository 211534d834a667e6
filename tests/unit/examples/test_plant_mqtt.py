"""The plant's broker: what it says of a late acknowledgement is no trouble; everything else is."""

import logging
import sys

from examples.reference_park.plant.mqtt import is_news


def record_of(trouble: Exception) -> logging.LogRecord:
    try:
        raise trouble
    except Exception:  # noqa: BLE001 - whatever it is
        return logging.LogRecord("amqtt.broker", logging.ERROR, "", 0, "failed", None, sys.exc_info())


def test_only_late_acknowledgements_are_no_news():
    assert not is_news(record_of(TimeoutError("Timeout waiting for PUBACK for packet ID 1")))
    assert is_news(record_of(TimeoutError("Timeout waiting for CONNECT")))
    assert is_news(record_of(RuntimeError("PUBACK")))
    assert is_news(logging.LogRecord("amqtt.broker", logging.ERROR, "", 0, "failed", None, None))
