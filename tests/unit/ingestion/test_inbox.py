"""The inbox: bounded, patient, and never losing its order."""

import threading
import time
from dataclasses import dataclass

from ingestion.inbox import Inbox


@dataclass(frozen=True)
class Item:
    number: int
    size_bytes: int = 10


def test_what_came_first_is_taken_first() -> None:
    inbox: Inbox[Item] = Inbox(1000)
    for number in range(5):
        inbox.put(Item(number))
    assert [item.number for item in inbox.take(3, 0, 1)] == [0, 1, 2]
    assert [item.number for item in inbox.take(3, 0, 1)] == [3, 4]
    assert inbox.take(3, 0, 0.01) == []


def test_a_full_inbox_makes_the_sender_wait() -> None:
    inbox: Inbox[Item] = Inbox(30)
    done: list[int] = []

    def send() -> None:
        for number in range(10):
            inbox.put(Item(number))
            done.append(number)

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.1)
    assert done == [0, 1, 2]
    taken: list[Item] = []
    while len(taken) < 10:
        taken += inbox.take(2, 0, 1)
    sender.join(1)
    assert [item.number for item in taken] == list(range(10))


def test_an_item_larger_than_the_inbox_still_passes() -> None:
    inbox: Inbox[Item] = Inbox(5)
    inbox.put(Item(1, 500))
    assert len(inbox.take(10, 0, 1)) == 1


def test_a_trickle_is_gathered() -> None:
    inbox: Inbox[Item] = Inbox(1000)
    sender = threading.Thread(target=lambda: [(inbox.put(Item(number)), time.sleep(0.02)) for number in range(5)])
    sender.start()
    assert len(inbox.take(10, 0.5, 1)) == 5
    sender.join(1)


def test_silence_after_a_handful_may_mean_that_the_sender_waits_for_us() -> None:
    inbox: Inbox[Item] = Inbox(10_000)
    for number in range(20):
        inbox.put(Item(number))
    started = time.monotonic()
    assert len(inbox.take(1000, 5, 1, bursts=True)) == 20
    assert time.monotonic() - started < 2
    for number in range(20):
        inbox.put(Item(number))
    started = time.monotonic()
    assert len(inbox.take(1000, 1, 1)) == 20
    assert time.monotonic() - started > 0.9


def test_closing_ends_all_waiting() -> None:
    inbox: Inbox[Item] = Inbox(1)
    inbox.put(Item(0))
    threading.Timer(0.05, inbox.close).start()
    started = time.monotonic()
    inbox.put(Item(1))
    assert len(inbox.take(10, 30, 30)) == 2
    assert inbox.take(10, 30, 30) == []
    assert time.monotonic() - started < 5
