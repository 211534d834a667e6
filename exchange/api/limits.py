"""How often one may ask: a bucket each that fills steadily, kept in memory; a request without a drop waits."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from exchange.api.refusal import Refusal

_MOST_KEYS = 10_000


class Buckets:
    """A bucket for each client, or for each address of those who are none; a minute's requests fit in at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Take how many requests a minute has."""
        self._most, self._per_second, self._clock = float(per_minute), per_minute / 60, clock
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> None:
        """Take a drop; raises Refusal, with the seconds until there is one, where the bucket is empty."""
        with self._lock:
            at = self._clock()
            level, seen = self._level.pop(key, (self._most, at))
            level = min(self._most, level + (at - seen) * self._per_second)
            has_one = level >= 1
            self._level[key] = (level - 1 if has_one else level, at)
            if len(self._level) > _MOST_KEYS:
                self._level.popitem(last=False)
        if not has_one:
            wait = str(math.ceil((1 - level) / self._per_second))
            raise Refusal(429, f"too many requests; ask again in {wait} s", headers={"Retry-After": wait})
