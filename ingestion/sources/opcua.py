"""OPC UA: we subscribe to the variables of a server, and read all of them again on each connection.

A change is told by the server with its status and the time of its source; both are kept. What changed while we were
away the server does not repeat: the values on reconnecting say where things stand.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from ingestion import admit, child
from ingestion.opcua_values import Received, unpacked
from ingestion.source import Context
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT
from lake.secrets import hidden

_PROGRAM = "ingestion.opcua_client"
_SILENT_S = 60.0  # longer than the program waits for any answer of its server
_MEMORY_BYTES = 256 * 1024 * 1024  # of which the library itself takes a third
_FILES = ("cert_file", "key_file", "server_cert_file")


class OpcUa:
    """One server and the variables that are points."""

    batch_size = 5000
    is_held_back = False

    def __init__(self, context: Context) -> None:
        """Read the settings; nothing is connected yet."""
        self._context = context
        self.batch_seconds = context.batch_seconds()
        self._job = _job(context)

    def listen(
        self, deliver: Callable[[Received], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Let a process of its own be connected until told to stop; start it again, with jitter, when it is stuck.

        Raises SourceShapeError where a certificate that is named is not there, or an address is none.
        """
        _check_security(self._context)
        failures = 0
        while not stop.is_set():
            try:
                for said in child.lines(_PROGRAM, self._job, _SILENT_S, stop):
                    if "value" in said:
                        deliver(unpacked(said["value"]))
                        failures = 0
                    elif "say" in said:
                        say(said["say"])
                    elif "fault" in said:
                        raise SourceShapeError(said["fault"])
            except child.ChildEndedError as trouble:
                where = f"source {self._context.source}: the reader of {hidden(str(self._context.settings['url']))}"
                say(f"{where} was ended ({trouble}) and starts anew; its server may send what cannot be read")
                failures = min(failures + 1, 6)
                stop.wait(2**failures * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret

    def close(self) -> None:
        """The connection ends with the listening."""

    def acknowledge(self, arrivals: Sequence[Received]) -> None:
        """A server keeps nothing for us once it is told; the next connection reads everything again."""

    def batch(self, arrivals: Sequence[Received]) -> Batch:
        """Return the data values as one batch, a line of the payload each."""
        context = self._context
        refused = pa.Table.from_pylist(list(_refusals(arrivals)), REFUSED)
        admitted = admit.Admitted(READING.empty_table(), REFUSED.empty_table())
        taken = [(line, one) for line, one in enumerate(arrivals) if not one.trouble]
        if taken:
            admitted = admit.admit(
                _rows(taken),
                context.points,
                context.rules(Clock()),
                arrivals[-1].arrived_at,
                lambda lines: [arrivals[line].record() for line in lines],
            )
        return Batch(
            source=context.source,
            origin=hidden(str(context.settings["url"])),
            payload="\n".join([*(one.record() for one in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=arrivals[-1].arrived_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, refused]),
            decimals=context.decimals,
        )


def _rows(taken: Sequence[tuple[int, Received]]) -> pa.Table:
    ones = [one for _, one in taken]
    return pa.table(
        {
            "position": pa.array([line for line, _ in taken], pa.int64()),
            "address": pa.array([one.address for one in ones], pa.string()),
            "time": pa.array([one.at for one in ones], INSTANT),
            "value": pa.array([one.text for one in ones], pa.string()),
            "status": pa.array([one.status for one in ones], pa.string()),
            "arrived_at": pa.array([one.arrived_at for one in ones], INSTANT),
        }
    )


def _refusals(arrivals: Sequence[Received]) -> Iterator[dict[str, Any]]:
    for line, one in enumerate(arrivals):
        if one.trouble:
            code = "protocol_error" if one.status.startswith("bad") else "bad_value"
            yield _refusal(line, one, code, one.trouble)
        if one.has_lost:
            yield _refusal(
                line, one, "protocol_error", "the server's queue overflowed: values before this one are lost"
            )


def _refusal(line: int, one: Received, code: str, reason: str) -> dict[str, Any]:
    return {"position": line, "reason_code": code, "reason": f"{one.address}: {reason}", "payload": one.record()}


def _job(context: Context) -> dict[str, Any]:
    """Return what the program is told, on its standard input: the settings may hold a password."""
    defaults = {"publishing_ms": 1000, "reread_seconds": 900}
    files = {
        name: str(context.folder.resolve() / str(context.settings[name])) for name in _FILES if name in context.settings
    }
    settings = {**defaults, **context.settings, **files}
    plain = {name: value for name, value in settings.items() if isinstance(value, str | int | float)}
    told = {name: float(plain[name]) for name in defaults}
    return {
        "source": context.source,
        "addresses": list(context.points.addresses()),
        "memory_bytes": _MEMORY_BYTES,
        "settings": {**plain, **told},
    }


def _check_security(context: Context) -> None:
    settings = context.settings
    if settings["security"] == "none":
        return
    for name in _FILES:
        given = settings.get(name)
        if not given or not (context.folder / str(given)).is_file():
            raise SourceShapeError(f"source {context.source}: {name} names no file; security: none needs none")
