"""What a child process costs: CPU seconds of it and of its own children, wall seconds, and memory at its peak."""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lake.errors import NengtanError

_SAMPLE_S = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """CPU is user + system, in seconds; memory in MB (10^6 bytes), all processes that ran at the same time together."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    output: str
    log: str


def child(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return its cost; one that fails becomes an error with its last line."""
    started = time.monotonic()
    with subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        text=True,
        encoding="utf-8",
    ) as process:
        watch = _Watch(process.pid)
        said: list[str] = []
        ear = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else ""))
        watch.start()
        ear.start()
        output = process.stdout.read() if process.stdout else ""
        ear.join()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    if process.returncode != 0:
        lines = (said[0] or output).strip().splitlines()
        raise NengtanError(f"bench: {' '.join(map(str, command[:4]))} ended with {process.returncode}: {lines[-1:]}")
    single = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, time.monotonic() - started, max(single, watch.peak_bytes) / 1e6, output, said[0])


def interleaved(repeats: int, runs: Mapping[str, Callable[[], Cost]]) -> dict[str, list[Cost]]:
    """Run each of the runs in turn, so often, so that a busy minute of the machine touches all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            costs[name].append(run())
    return costs


def median_cpu_s(costs: Iterable[Cost]) -> float:
    """Return the median of the CPU seconds."""
    return statistics.median(cost.cpu_s for cost in costs)


class _Watch(threading.Thread):
    """Adds up, again and again, the resident memory of a process and of everything below it, where /proc tells."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root, self._done = root, threading.Event()
        self.peak_bytes = 0

    def run(self) -> None:
        while not self._done.wait(_SAMPLE_S):
            self.peak_bytes = max(self.peak_bytes, sum(map(_resident, _family(self._root))))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _family(root: int) -> list[int]:
    found = [root]
    for process in found:
        try:
            tasks = list(Path(f"/proc/{process}/task").iterdir())
            for task in tasks:
                found += [int(word) for word in (task / "children").read_text("ascii").split()]
        except OSError:
            continue
    return found


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
