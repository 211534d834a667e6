"""OPC UA: we subscribe to the variables of a server, and read all of them again on each connection.

A change is told by the server with its status and the time of its source; both are kept. What changed while we were
away the server does not repeat: the values on reconnecting say where things stand.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa

from ingestion import admit
from ingestion.opcua_values import Received, received
from ingestion.source import Context, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT

_TICK = 0.2
_QUEUE = 1000
_POLICIES = {
    "basic256sha256": "SecurityPolicyBasic256Sha256",
    "aes128": "SecurityPolicyAes128Sha256RsaOaep",
    "aes256": "SecurityPolicyAes256Sha256RsaPss",
}


class OpcUa:
    """One server and the variables that are points."""

    batch_size = 5000
    is_held_back = False

    def __init__(self, context: Context) -> None:
        """Read the settings; nothing is connected yet."""
        for name in ("asyncua", "asyncio"):
            logging.getLogger(name).addHandler(logging.NullHandler())  # we say ourselves what is away
        self._context = context
        self.batch_seconds = context.batch_seconds()
        self._failures = 0
        self._addresses = context.points.addresses()
        self._period_ms = float(context.settings.get("publishing_ms", 1000))
        self._reread_seconds = float(context.settings.get("reread_seconds", 900))

    def listen(
        self, deliver: Callable[[Received], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Stay connected and subscribed until told to stop; reconnect with jitter.

        Raises SourceShapeError where a certificate that is named is not there.
        """
        _check_security(self._context)
        asyncio.run(self._listen(deliver, say, stop))

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
            origin=str(context.settings["url"]),
            payload="\n".join([*(one.record() for one in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=arrivals[-1].arrived_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, refused]),
            decimals=context.decimals,
        )

    async def _listen(
        self, deliver: Callable[[Received], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        from asyncua import ua

        where = f"source {self._context.source}: the server {self._context.settings['url']}"
        while not stop.is_set():
            try:
                await self._connected(deliver, say, stop)
            except (TimeoutError, OSError, ua.UaError) as trouble:
                told = str(trouble).splitlines()[0][:200] if str(trouble) else type(trouble).__name__
                say(f"{where} is away ({told}); reconnecting")
            pause = min(0.3 * 2**self._failures, 30) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, not a secret
            self._failures = min(self._failures + 1, 10)
            await _sleep(pause, stop)

    async def _connected(
        self, deliver: Callable[[Received], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Serve one connection until it breaks or we are told to stop."""
        client = await self._client()
        await client.connect()
        try:
            nodes = await self._nodes(client)
            names = {node.nodeid: address for address, node in nodes.items()}
            handler = _Handler(names, deliver)
            subscription = await client.create_subscription(self._period_ms, handler)
            answers = await subscription.subscribe_data_change(
                list(nodes.values()), queuesize=_QUEUE, sampling_interval=self._period_ms / 2
            )
            unknown = _not_there(list(nodes), answers, self._addresses)
            source = self._context.source
            say(f"source {source}: the server has no {', '.join(unknown[:5])}; correct points.csv" if unknown else None)
            self._failures = 0
            due = time.monotonic() + self._reread_seconds
            while not stop.is_set():
                if handler.is_ended:
                    raise ConnectionError("it has ended our subscription")
                await client.check_connection()
                await asyncio.sleep(_TICK)
                if time.monotonic() >= due:
                    due = time.monotonic() + self._reread_seconds
                    for address, data in zip(nodes, await client.read_attributes(nodes.values()), strict=True):
                        deliver(received(address, data, now()))
        finally:
            with suppress(Exception):  # the connection may be gone already
                await asyncio.wait_for(client.disconnect(), 5)

    async def _client(self) -> Any:  # noqa: ANN401 - the library is imported where it is used
        from asyncua import Client, ua
        from asyncua.crypto import security_policies

        settings, folder = self._context.settings, self._context.folder
        client = Client(str(settings["url"]), timeout=10)
        client.name = client.description = "Nengtan"
        if settings.get("username"):
            client.set_user(str(settings["username"]))
            client.set_password(str(settings.get("password") or ""))
        if settings["security"] != "none":
            mode = (
                ua.MessageSecurityMode.Sign if settings["security"] == "sign" else ua.MessageSecurityMode.SignAndEncrypt
            )
            policy = getattr(security_policies, _POLICIES[str(settings.get("policy", "basic256sha256"))])
            files = {name: folder / str(settings[name]) for name in ("cert_file", "key_file", "server_cert_file")}
            client.application_uri = str(settings.get("application_uri") or "urn:nengtan")
            await client.set_security(
                policy,
                certificate=files["cert_file"],
                private_key=files["key_file"],
                server_certificate=str(files["server_cert_file"]),
                mode=mode,
            )
        return client

    async def _nodes(self, client: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the node of each address; `nsu=<uri>;…` is looked up in the server's list of namespaces."""
        from asyncua import ua

        spaces: Sequence[str] = await client.get_namespace_array()
        found = {}
        for address in self._addresses:
            text = address
            if text.startswith("nsu="):
                uri, _, rest = text.removeprefix("nsu=").partition(";")
                if uri not in spaces:
                    continue
                text = f"ns={spaces.index(uri)};{rest}"
            try:
                found[address] = client.get_node(ua.NodeId.from_string(text))
            except ua.UaStringParsingError as cause:
                raise SourceShapeError(f"opcua address {address!r}: write ns=2;s=Name or nsu=<uri>;s=Name") from cause
        return found


class _Handler:
    """Takes what the server publishes."""

    def __init__(self, names: Mapping[Any, str], deliver: Callable[[Received], None]) -> None:
        self._names = names
        self._deliver = deliver
        self.is_ended = False

    def datachange_notification(self, node: Any, val: object, data: Any) -> None:  # noqa: ANN401
        """Deliver one data value."""
        del val
        self._deliver(received(self._names[node.nodeid], data.monitored_item.Value, now()))

    def status_change_notification(self, status: object) -> None:
        """Note that the server has ended the subscription."""
        del status
        self.is_ended = True


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


def _not_there(asked: Sequence[str], answers: Any, wanted: Sequence[str]) -> list[str]:  # noqa: ANN401
    """Return the addresses that the server does not know."""
    each = answers if isinstance(answers, list) else [answers]
    known = {address for address, answer in zip(asked, each, strict=True) if isinstance(answer, int)}
    return [address for address in wanted if address not in known]


async def _sleep(seconds: float, stop: threading.Event) -> None:
    until = time.monotonic() + seconds
    while not stop.is_set() and time.monotonic() < until:
        await asyncio.sleep(min(_TICK, seconds))


def _check_security(context: Context) -> None:
    settings = context.settings
    if settings["security"] == "none":
        return
    for name in ("cert_file", "key_file", "server_cert_file"):
        given = settings.get(name)
        if not given or not (context.folder / str(given)).is_file():
            raise SourceShapeError(f"source {context.source}: {name} names no file; security: none needs none")
