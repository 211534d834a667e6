"""What has arrived and is not yet landed: bounded, so that a slow disk slows the sender instead of filling memory."""

import threading
import time
from collections import deque
from typing import Generic, Protocol, TypeVar

#: So many items and then so many seconds of silence are a burst; brokers hold 20 messages back by default.
_BURST = 20
_SILENCE = 0.25


class Sized(Protocol):
    """Something that arrived."""

    @property
    def size_bytes(self) -> int:
        """Return how much memory it takes, about."""
        ...


Item = TypeVar("Item", bound=Sized)


class Inbox(Generic[Item]):
    """A queue between the thread that listens and the thread that lands."""

    def __init__(self, limit_bytes: int) -> None:
        """Hold at most so much, and always one item."""
        self._limit = limit_bytes
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: Item) -> None:
        """Add an item; waits while the inbox is full."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._items or self._bytes < self._limit)
            self._items.append(item)
            self._bytes += item.size_bytes
            self._changed.notify_all()

    def take(self, most: int, linger: float, patience: float, *, bursts: bool = False) -> list[Item]:
        """Return what has arrived, after waiting at most `patience` for something.

        More is waited for, at most `linger` seconds and `most` items: under load a batch fills at once, a trickle is
        gathered into few commits. Where a sender `bursts`, silence after a handful ends the waiting, because it may be
        waiting, too: for our acknowledgement.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or bool(self._items), patience):
                return []
            deadline = time.monotonic() + linger
            while not self._closed and len(self._items) < most and self._bytes < self._limit:
                left = deadline - time.monotonic()
                is_silent = left <= 0 or not self._changed.wait(min(left, _SILENCE))
                if left <= 0 or (is_silent and bursts and len(self._items) >= _BURST):
                    break
            taken = [self._items.popleft() for _ in range(min(most, len(self._items)))]
            self._bytes -= sum(item.size_bytes for item in taken)
            self._changed.notify_all()
            return taken

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is waited for."""
        return self._closed

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._items)
