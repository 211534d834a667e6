"""The program that is connected to one OPC UA server: `python -m ingestion.opcua_client`, started by its source.

The library decodes whatever a server sends, and a server may send what keeps it busy for ever or asks for all memory.
Here that costs this process and no other: memory has a limit, it runs behind the collector, and whoever started it
kills it once it is silent. A beat is said only by what would get stuck.
"""

import asyncio
import json
import logging
import os
import random
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from ingestion.opcua_values import Received, packed, received
from lake.secrets import hidden

BEAT_S = 2.0
_TICK = 0.2
_QUEUE = 1000
_BEHIND = 5
_PATIENCE_S = 45.0  # for a whole answer of the server; less than the silence that costs us our life
_POLICIES = {
    "basic256sha256": "SecurityPolicyBasic256Sha256",
    "aes128": "SecurityPolicyAes128Sha256RsaOaep",
    "aes256": "SecurityPolicyAes256Sha256RsaPss",
}
Tell = Callable[[dict[str, Any]], None]


class AddressError(Exception):
    """An address is no node id."""


class Client:
    """One server and the variables that are points; `job` is what the source gives, `tell` takes what happens."""

    def __init__(self, job: Mapping[str, Any], tell: Tell, stop: threading.Event) -> None:
        """Take the job; nothing is connected yet."""
        self._settings: Mapping[str, Any] = job["settings"]
        self._addresses: Sequence[str] = job["addresses"]
        self._where = f"source {job['source']}: the server {hidden(str(self._settings['url']))}"
        self._source = job["source"]
        self._tell = tell
        self._stop = stop
        self._failures = 0
        self._beaten = 0.0
        self._complaints = _Complaints()

    async def run(self) -> None:
        """Stay connected and subscribed until told to stop; reconnect with jitter."""
        from asyncua import ua

        while not self._stop.is_set():
            try:
                await self._connected()
            except (TimeoutError, OSError, ua.UaError, MemoryError) as trouble:
                told = str(trouble).splitlines()[0][:200] if str(trouble) else type(trouble).__name__
                self._tell({"say": f"{self._where} is away ({told}); reconnecting"})
            pause = min(0.3 * 2**self._failures, 30) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, not a secret
            self._failures = min(self._failures + 1, 10)
            await self._rest(pause)

    async def _connected(self) -> None:
        """Serve one connection until it breaks or we are told to stop."""
        client = await self._client()
        self._complaints.said = ""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await client.connect()
                nodes = await self._nodes(client)
                handler = await self._subscribed(client, nodes)
            self._failures = 0
            due = time.monotonic() + float(self._settings["reread_seconds"])
            while not self._stop.is_set():
                if handler.is_ended:
                    raise ConnectionError("it has ended our subscription")
                if self._complaints.said:
                    raise ConnectionError(f"it sent what cannot be read: {self._complaints.said}")
                self._beat()
                await client.check_connection()
                await asyncio.sleep(_TICK)
                if time.monotonic() >= due:
                    due = time.monotonic() + float(self._settings["reread_seconds"])
                    async with asyncio.timeout(_PATIENCE_S):
                        read = await client.read_attributes(nodes.values())
                    for address, data in zip(nodes, read, strict=True):
                        self._deliver(received(address, data, datetime.now(UTC)))
        finally:
            with suppress(Exception):  # the connection may be gone already
                await asyncio.wait_for(client.disconnect(), 5)

    async def _subscribed(self, client: Any, nodes: Mapping[str, Any]) -> "_Handler":  # noqa: ANN401
        period_ms = float(self._settings["publishing_ms"])
        handler = _Handler({node.nodeid: address for address, node in nodes.items()}, self._deliver)
        subscription = await client.create_subscription(period_ms, handler)
        answers = await subscription.subscribe_data_change(
            list(nodes.values()), queuesize=_QUEUE, sampling_interval=period_ms / 2
        )
        unknown = _not_there(list(nodes), answers, self._addresses)
        lacks = f"source {self._source}: the server has no {', '.join(unknown[:5])}; correct points.csv"
        self._tell({"say": lacks if unknown else None})
        return handler

    def _deliver(self, one: Received) -> None:
        self._tell({"value": packed(one)})

    def _beat(self) -> None:
        if time.monotonic() >= self._beaten + BEAT_S:
            self._beaten = time.monotonic()
            self._tell({"beat": True})

    async def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < until:
            self._beat()
            await asyncio.sleep(min(_TICK, seconds))

    async def _client(self) -> Any:  # noqa: ANN401 - the library is imported where it is used
        from asyncua import Client as Connection
        from asyncua import ua
        from asyncua.crypto import security_policies

        settings = self._settings
        client = Connection(str(settings["url"]), timeout=10)
        client.name = client.description = "Nengtan"
        if settings.get("username"):
            client.set_user(str(settings["username"]))
            client.set_password(str(settings.get("password") or ""))
        if settings["security"] != "none":
            mode = (
                ua.MessageSecurityMode.Sign if settings["security"] == "sign" else ua.MessageSecurityMode.SignAndEncrypt
            )
            policy = getattr(security_policies, _POLICIES[str(settings.get("policy", "basic256sha256"))])
            client.application_uri = str(settings.get("application_uri") or "urn:nengtan")
            await client.set_security(
                policy,
                certificate=settings["cert_file"],
                private_key=settings["key_file"],
                server_certificate=settings["server_cert_file"],
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
                raise AddressError(f"opcua address {address!r}: write ns=2;s=Name or nsu=<uri>;s=Name") from cause
        return found


class _Complaints(logging.Handler):
    """Hears the library say that it left out what it could not read; it raises nothing then, and goes on."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said = ""
        for name in ("asyncua", "asyncio"):
            logging.getLogger(name).propagate = False  # what is away is said by us
            logging.getLogger(name).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last complaint."""
        cause = record.exc_info[1] if record.exc_info else None
        self.said = f"{record.getMessage():.100} {cause!r:.100}" if cause else f"{record.getMessage():.100}"


class _Handler:
    """Takes what the server publishes."""

    def __init__(self, names: Mapping[Any, str], deliver: Callable[[Received], None]) -> None:
        self._names = names
        self._deliver = deliver
        self.is_ended = False

    def datachange_notification(self, node: Any, val: object, data: Any) -> None:  # noqa: ANN401
        """Deliver one data value."""
        del val
        self._deliver(received(self._names[node.nodeid], data.monitored_item.Value, datetime.now(UTC)))

    def status_change_notification(self, status: object) -> None:
        """Note that the server has ended the subscription."""
        del status
        self.is_ended = True


def _not_there(asked: Sequence[str], answers: Any, wanted: Sequence[str]) -> list[str]:  # noqa: ANN401
    """Return the addresses that the server does not know."""
    each = answers if isinstance(answers, list) else [answers]
    known = {address for address, answer in zip(asked, each, strict=True) if isinstance(answer, int)}
    return [address for address in wanted if address not in known]


def main() -> None:
    """Do the job that stands in the first line of standard input, until that ends."""
    job = json.loads(sys.stdin.readline())
    os.nice(_BEHIND)
    resource.setrlimit(resource.RLIMIT_DATA, (job["memory_bytes"], job["memory_bytes"]))
    mouth = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody else's words between our lines
    stop = threading.Event()
    threading.Thread(target=_until_told, args=(stop,), daemon=True).start()

    def tell(what: dict[str, Any]) -> None:
        mouth.write(json.dumps(what) + "\n")

    try:
        asyncio.run(Client(job, tell, stop).run())
    except AddressError as trouble:
        tell({"fault": str(trouble)})
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more


def _until_told(stop: threading.Event) -> None:
    """Wait for the end of standard input; then nothing keeps this process, whatever the library does."""
    sys.stdin.read()
    stop.set()
    time.sleep(2 * _PATIENCE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
