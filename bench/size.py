"""How large a measurement is, and what it starts from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`meters` registers read every quarter of an hour for `days` local days; `repeats` interleaved runs."""

    meters: int
    days: int
    seed: int = 1
    repeats: int = 3
