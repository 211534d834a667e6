"""A serial server that answers what a test tells it to: whole, in pieces, late, with noise, or by hanging up."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[bytes], list[bytes] | None]


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """Serve one line; `answer` gets what was asked and returns the pieces to send, None to hang up."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.1)
        thread = threading.Thread(target=_serve, args=(door, answer, stop))
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            stop.set()
            thread.join(60)


def _serve(door: socket.socket, answer: Answer, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            line, _ = door.accept()
        except TimeoutError:
            continue
        with line:
            _talk(line, answer, stop)


def _talk(line: socket.socket, answer: Answer, stop: threading.Event) -> None:
    line.settimeout(0.1)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while not stop.is_set():
        try:
            asked = line.recv(4096)
        except TimeoutError:
            continue
        except OSError:
            return
        pieces = answer(asked) if asked else None
        if pieces is None:
            return
        for piece in pieces:
            line.sendall(piece)
