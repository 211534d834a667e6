"""What a process and its children take, from the kernel's own counters."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Taken:
    """CPU seconds since the start, resident memory now."""

    cpu_s: float
    memory_mb: float


def taken(pid: int) -> Taken:
    """Return what a process and its living children take."""
    cpu, pages = 0, 0
    for one in (pid, *_children(pid)):
        words = Path(f"/proc/{one}/stat").read_text("utf-8").rpartition(")")[2].split()
        cpu += int(words[11]) + int(words[12])
        pages += int(words[21])
    return Taken(cpu / _TICKS, pages * _PAGE / 1e6)


def _children(pid: int) -> list[int]:
    found = [int(word) for task in Path(f"/proc/{pid}/task").glob("*/children") for word in task.read_text().split()]
    return found + [below for one in found for below in _children(one)]
