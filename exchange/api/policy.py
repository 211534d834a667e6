"""How the host is set: how long, how often, how much."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Policy:
    """Limits of the host.

    `address` is the base that the outside knows it by; without one it is the host of each request. `most_failures` are
    wrong secrets of one client from one address within `locked`, after which nothing is tried for it.
    """

    address: str | None = None
    token: timedelta = timedelta(hours=1)
    secret: timedelta = timedelta(days=365)
    link: timedelta = timedelta(hours=1)
    locked: timedelta = timedelta(minutes=15)
    most_failures: int = 20
    requests_per_minute: int = 600
    most_bytes: int = 5_000_000
    page: int = 100
