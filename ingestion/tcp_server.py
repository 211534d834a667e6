"""Many peers that connect to us: one thread reads them all, another may answer; nothing is decoded here."""

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_CHUNK = 65536
_PEERS = 2000
_TICK = 0.2
Received = Callable[[int, str, bytes | None], bool]
Welcome = Callable[[str], bool]


class TcpServer:
    """Listens on one port. Connections are numbered from 1 and stay open until `close`, so that answers can be sent."""

    def __init__(self, host: str, port: int, welcome: Welcome = lambda address: True) -> None:
        """Take the address, and what says whether a peer of an address may connect; nothing is opened yet."""
        self._address = (host, port)
        self._is_welcome = welcome
        self._peers: dict[int, socket.socket] = {}
        self._last = 0

    def serve(self, received: Received, tick: Callable[[], None], stop: threading.Event) -> None:
        """Read until told to stop; `received` is given a connection, its peer and bytes, None at its end.

        It returns whether the connection may stay. Raises OSError where the port cannot be had.
        """
        self.close()  # whoever is left from before a fault connects again
        with selectors.DefaultSelector() as selector, self._listening() as door:
            selector.register(door, selectors.EVENT_READ, (0, ""))
            while not stop.is_set():
                tick()
                for key, _ in selector.select(_TICK):
                    number, name = key.data
                    if number == 0:
                        self._welcome(selector, door)
                    elif not self._read(received, number, name):
                        selector.unregister(key.fileobj)
                        self._drop(number)

    def send(self, number: int, content: bytes) -> None:
        """Send to a connection, if it is still there; one that does not take its answer is ended, and asks again."""
        peer = self._peers.get(number)
        if peer is None:
            return
        try:
            peer.sendall(content)
        except OSError:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)  # half an answer must not be followed by another

    def close(self) -> None:
        """Let go of every peer."""
        for number in list(self._peers):
            self._drop(number)

    def _listening(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        door = socket.create_server(self._address, family=family, backlog=128)
        door.setblocking(False)
        return door

    def _welcome(self, selector: selectors.BaseSelector, door: socket.socket) -> None:
        try:
            peer, address = door.accept()
        except OSError:
            return  # it has gone again
        if len(self._peers) >= _PEERS or not self._is_welcome(str(address[0])):
            peer.close()
            return
        peer.settimeout(0)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._last += 1
        self._peers[self._last] = peer
        selector.register(peer, selectors.EVENT_READ, (self._last, f"{address[0]}:{address[1]}"))

    def _read(self, received: Received, number: int, name: str) -> bool:
        try:
            chunk = self._peers[number].recv(_CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            chunk = b""
        if not chunk:
            received(number, name, None)
            return False
        return received(number, name, chunk)

    def _drop(self, number: int) -> None:
        peer = self._peers.pop(number, None)
        if peer is not None:
            peer.close()
