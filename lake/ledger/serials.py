"""Serial ranges: a prefix and a run of numbers, and sets of them from which pieces are taken."""

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

_SERIAL = re.compile(r"(?P<prefix>(?:.*\D)?)(?P<number>\d{1,30})", re.DOTALL | re.ASCII)


@dataclass(frozen=True, order=True)
class Range:
    """The numbers first..last below one prefix, both included."""

    prefix: str
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many units it is."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        """Return the range as people write it, without leading zeros."""
        return f"{self.prefix}{self.first}…{self.prefix}{self.last}"


def between(first: str, last: str) -> Range | str:
    """Return the range between two serials, or the sentence that says why there is none."""
    begins, ends = _SERIAL.fullmatch(first), _SERIAL.fullmatch(last)
    if begins is None or ends is None:
        return f"{(last if begins else first)!r} is no serial, allowed: a serial that ends with its number"
    if begins["prefix"] != ends["prefix"] or len(begins["number"]) != len(ends["number"]):
        return f"{first!r} and {last!r} are no range, allowed: the same serial but for the number at its end"
    if int(begins["number"]) > int(ends["number"]):
        return f"{last!r} comes before {first!r}, allowed: the first serial, then the last"
    return Range(begins["prefix"], int(begins["number"]), int(ends["number"]))


@dataclass
class Ranges:
    """Numbers that are there, as ranges that do not touch each other's numbers."""

    _by_prefix: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def __iter__(self) -> Iterator[Range]:
        """Yield the ranges in order."""
        for prefix, runs in sorted(self._by_prefix.items()):
            for first, last in runs:
                yield Range(prefix, first, last)

    @property
    def count(self) -> int:
        """How many units are there."""
        return sum(last - first + 1 for runs in self._by_prefix.values() for first, last in runs)

    def meets(self, asked: Range) -> Range | None:
        """Return a range of the set that has a number of this one, if there is one."""
        runs = self._by_prefix.get(asked.prefix, [])
        place = max(bisect_left(runs, (asked.first, asked.first)) - 1, 0)
        for first, last in runs[place:]:
            if first > asked.last:
                return None
            if last >= asked.first:
                return Range(asked.prefix, first, last)
        return None

    def has(self, asked: Range) -> bool:
        """Whether every number of the range is there."""
        return self._run_with(asked) is not None

    def add(self, new: Range) -> None:
        """Add numbers of which none is there yet; runs that touch become one."""
        assert self.meets(new) is None, "its numbers were looked at before"
        runs, first, last = self._by_prefix[new.prefix], new.first, new.last
        for run in [run for run in runs if run[1] == first - 1 or run[0] == last + 1]:
            runs.remove(run)
            first, last = min(first, run[0]), max(last, run[1])
        insort(runs, (first, last))

    def take(self, asked: Range) -> None:
        """Take numbers away, all of which are there."""
        run = self._run_with(asked)
        assert run is not None, "its numbers were looked at before"
        runs = self._by_prefix[asked.prefix]
        runs.remove(run)
        for first, last in ((run[0], asked.first - 1), (asked.last + 1, run[1])):
            if first <= last:
                insort(runs, (first, last))

    def _run_with(self, asked: Range) -> tuple[int, int] | None:
        runs = self._by_prefix.get(asked.prefix, [])
        return next((run for run in runs if run[0] <= asked.first and asked.last <= run[1]), None)
