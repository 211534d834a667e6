"""A round with the platforms above: what is news in the published marts is queued, what is due is sent."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from exchange import uplink
from exchange.outbox import Outbox
from lake import locks, published
from lake.doors import MARTS
from lake.errors import LakeError, UplinkError
from lake.site.load import UplinkSpec

OUTBOX = "uplink.sqlite"


@dataclass(frozen=True)
class Told:
    """What a round did with one uplink."""

    queued: int
    acknowledged: int
    refused: int
    is_left: bool


def told(
    folder: Path, specs: Sequence[UplinkSpec], patience: float = 0, most_seconds: float = math.inf
) -> Iterator[tuple[str, Told]]:
    """Go one round; where something waits, go on sending for `patience` seconds. Yields each uplink when it is done.

    No message of the round is begun after `most_seconds`.

    `folder` has the published marts and the outbox. Raises LakeError where nothing is published or another round is
    under way, UplinkError where a query or template is wrong.
    """
    with locks.held(folder / "locks/uplink.lock", "the outbox"), closing(opened(folder)) as outbox:
        for spec in specs:
            yield spec.id, _round(outbox, folder, spec, patience, most_seconds)


def opened(folder: Path) -> Outbox:
    """Return the outbox beside the published marts; raises LakeError where nothing is published."""
    if not folder.is_dir():
        raise LakeError(f"nothing is published at {folder / MARTS}; `nengtan run SITE` publishes")
    return Outbox(folder / OUTBOX)


def _round(outbox: Outbox, folder: Path, spec: UplinkSpec, patience: float, most_seconds: float) -> Told:
    with published.opened(folder / MARTS) as connection:
        queued = uplink.queue(outbox, spec, partial(_rows, connection))
    with uplink.client_of(spec) as client:
        sent, until = uplink.send(outbox, spec, client, most_seconds), time.monotonic() + patience
        while (due := outbox.next_at(spec.id)) is not None and time.monotonic() < until:
            time.sleep(max(0.0, min(due - time.time(), until - time.monotonic(), 60)))
            more = uplink.send(outbox, spec, client)
            sent.acknowledged += more.acknowledged
            sent.refused += more.refused
    return Told(queued, sent.acknowledged, sent.refused, due is not None)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Mapping[str, Any]]:
    try:
        answer = connection.execute(query)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    except duckdb.Error as cause:
        raise UplinkError(f"a query of uplinks.yaml is refused: {str(cause).strip().splitlines()[0]}") from cause
