"""A program of ours that speaks in lines and may be killed: what hostile bytes do to a library stays in its process.

It is given a job as one line of JSON and says lines of JSON until its standard input ends. One that is silent for too
long is killed; every whole line that it had said counts.
"""

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_STARTING_S = 120.0  # its first line waits for imports
_ENDING_S = 15.0
_TICK = 0.2
_LONGEST = 1_000_000


class ChildEndedError(Exception):
    """It ended, or was killed, without having been asked."""


def lines(module: str, job: Mapping[str, Any], silence: float, stop: threading.Event) -> Iterator[dict[str, Any]]:
    """Run a module and yield what it says until we are told to stop.

    Raises ChildEndedError where it ends by itself, says nothing for `silence` seconds or what is no line. The time that
    the taker of a line needs does not count as its silence.
    """
    # a session of its own: Ctrl-C comes to us alone; one thread for numerics, because its memory is limited
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        yield from _said(process, json.dumps(job).encode() + b"\n", silence, stop)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


def _said(
    process: "subprocess.Popen[bytes]", job: bytes, silence: float, stop: threading.Event
) -> Iterator[dict[str, Any]]:
    assert process.stdin is not None
    assert process.stdout is not None
    _give(process, job)
    left, due, trouble = b"", time.monotonic() + _STARTING_S, ""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if stop.is_set() and not process.stdin.closed:
                process.stdin.close()
                due = time.monotonic() + _ENDING_S
            if selector.select(_TICK):
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                *whole, left = (left + chunk).split(b"\n")
                for line in whole:
                    yield json.loads(line)
                if len(left) > _LONGEST:
                    trouble = "it said a line without end"
                    break
                due = due if process.stdin.closed else time.monotonic() + silence
            elif time.monotonic() > due and not trouble:
                trouble = f"it did nothing for {silence:g} seconds"
                process.kill()  # what it had said is still in the pipe
    if not stop.is_set():
        raise ChildEndedError(trouble or f"it ended with status {process.wait()}")


def _give(process: "subprocess.Popen[bytes]", job: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(job)
        process.stdin.flush()
    except BrokenPipeError:
        return  # it has ended already; the reading finds out
