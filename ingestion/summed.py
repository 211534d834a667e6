"""Frames of Chinese meter buses in what a line brings: `68` … CS `16`, where CS is the sum of all before it."""

from collections.abc import Callable, Iterator

_START, _END = b"\x68", 0x16
#: What a dialect says of bytes that begin with 68H: how long the frame that begins there is; None where none does.
Length = Callable[[bytes], int | None]


def frames(received: bytes, length: Length) -> Iterator[bytes]:
    """Yield the whole and sound frames among received bytes, whatever stands between them."""
    start = received.find(_START)
    while start >= 0:
        size = length(received[start:])
        found = received[start : start + size] if size else b""
        is_sound = size == len(found) > 2 and found[-1] == _END and found[-2] == sum(found[:-2]) & 0xFF
        if is_sound:
            yield found
        start = received.find(_START, start + (len(found) if is_sound else 1))


def sealed(body: bytes) -> bytes:
    """Return a frame: its body with the sum and the end."""
    return body + bytes([sum(body) & 0xFF, _END])
