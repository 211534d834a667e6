"""Frames that a bad line makes of good ones: bits turned, bytes lost, doubled, put in, cut, frames in each other."""

import random
from collections.abc import Iterator, Sequence


def mutated(frames: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield damaged frames; the same ones for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        frame = bytearray(rng.choice(frames))
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            _hurt(rng, frame, frames)
        yield bytes(frame)


def _hurt(rng: random.Random, frame: bytearray, frames: Sequence[bytes]) -> None:
    place = rng.randrange(len(frame) + 1)
    stop = min(len(frame), place + rng.choice((1, 1, 2, 4, 16)))
    kind = rng.randrange(7)
    if kind == 0 and place < len(frame):
        frame[place] ^= 1 << rng.randrange(8)
    elif kind == 1 and place < len(frame):
        frame[place] = rng.randrange(256)
    elif kind == 2:
        del frame[place:stop]
    elif kind == 3:
        frame[place:place] = rng.randbytes(rng.choice((1, 2, 8, 64)))
    elif kind == 4:
        frame[place:place] = frame[place:stop]
    elif kind == 5:
        del frame[place:]
    else:
        other = rng.choice(frames)
        frame[place:place] = other[: rng.randrange(len(other) + 1)]
