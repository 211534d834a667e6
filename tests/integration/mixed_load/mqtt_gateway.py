"""A gateway that publishes numbered messages with QoS 1: `python -m … <journal> <port> <points a minute>`.

The journal has the numbers of the messages that the broker acknowledged. Ends in good order on SIGTERM: when the broker
has acknowledged everything.
"""

import json
import signal
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.integration.mixed_load.journal import Journal

KEYS = 10
DEVICES = 20
BASE = 1767196800  # 2026-01-01 in Shanghai


def message(number: int) -> tuple[str, int, dict[str, float]]:
    """Return device, time and values of a message; no two have both device and time in common."""
    values = {f"k{place}": round(number * 1.25 + place, 3) for place in range(KEYS)}
    return f"d{number % DEVICES}", BASE + number, values


def _publish(journal: Journal, port: int, pause: float, stop: threading.Event) -> None:
    waiting: dict[int, int] = {}
    heard: SimpleQueue[int] = SimpleQueue()  # no lock of ours: the library tells while it holds what publishing takes
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="gateway", clean_session=False)
    client.on_publish = lambda _c, _u, mid, _r, _p: heard.put(mid)
    client.max_queued_messages_set(0)
    client.reconnect_delay_set(1, 2)
    client.connect_async("127.0.0.1", port)
    client.loop_start()
    number, due = 0, time.monotonic()
    while not stop.wait(max(0.0, due - time.monotonic())):
        device, at, values = message(number)
        text = json.dumps({"d": device, "ts": at, "v": values})
        sent = client.publish(f"plant/{device}/data", text, qos=1)
        waiting[sent.mid] = number
        number, due = number + 1, due + pause
        while not heard.empty():
            journal.note(waiting.pop(heard.get()))
    while waiting:
        journal.note(waiting.pop(heard.get()))
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    _publish(Journal(Path(sys.argv[1])), int(sys.argv[2]), 60 * KEYS / float(sys.argv[3]), ended)
