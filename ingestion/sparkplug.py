"""What a Sparkplug B host must remember: which nodes and devices are alive, what their aliases mean, what comes next.

An address is `<group>/<node>[/<device>]:<metric>`. What the site has no point for stays in the payload.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.sparkplug_payload import PayloadError, decoded, quality, value

PREFIX = "spBv1.0"
_BORN, _TOLD, _DEAD = ("NBIRTH", "DBIRTH"), ("NDATA", "DDATA"), ("NDEATH", "DDEATH")
_BDSEQ = "bdSeq"


@dataclass(frozen=True)
class Row:
    """A value of a point, or with `reason` what was refused."""

    address: str
    at_ms: int
    text: str | None
    status: str = "good"
    code: str = ""
    reason: str = ""


@dataclass
class _Device:
    """One node or device since its birth: names by alias, data types by name, the values that are points."""

    is_alive: bool = False
    names: dict[int, str] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    last: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass
class _Node:
    name: tuple[str, str]
    devices: dict[str, _Device] = field(default_factory=dict)
    bdseq: int | None = None
    seq: int | None = None
    asked_at: datetime | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it has been born and has not died."""
        return "" in self.devices and self.devices[""].is_alive


@dataclass(frozen=True)
class _Said:
    """A message of a known node, taken apart."""

    node: _Node
    kind: str
    device: str
    payload: Any
    at: datetime
    is_duplicate: bool

    @property
    def prefix(self) -> str:
        """Return what stands before the metric in an address."""
        return "/".join([*self.node.name, *([self.device] if self.device else [])])


class Host:
    """The state of every node that the site has points of. `ask` is called where a node must send its births again."""

    def __init__(self, addresses: Iterable[str], ask: Callable[[str, str], None], patience_seconds: float = 10) -> None:
        """Take the addresses of the points."""
        self._wanted = frozenset(addresses)
        places = (address.partition(":")[0].split("/") for address in self._wanted)
        self._known = {(place[0], place[1]) for place in places if len(place) > 1}
        self._ask = ask
        self._patience = patience_seconds
        self._nodes: dict[tuple[str, str], _Node] = {}

    def begin(self, at: datetime) -> None:
        """Know nothing of any node, as on a new connection, and ask all for their births."""
        self._nodes = {name: _Node(name) for name in sorted(self._known)}
        for node in self._nodes.values():
            self._want(node, at)

    def silent(self) -> list[str]:
        """Return the nodes that are not alive."""
        return [
            "/".join(name) for name in sorted(self._known) if name not in self._nodes or not self._nodes[name].is_alive
        ]

    def take(self, topic: str, content: bytes, at: datetime, *, is_duplicate: bool = False) -> list[Row]:
        """Return what a message says about points, in order; a message that is refused as a whole is one row."""
        levels = topic.split("/")
        if len(levels) not in (4, 5) or levels[0] != PREFIX or levels[2] not in (*_BORN, *_TOLD, *_DEAD):
            return []
        name, kind, device = (levels[1], levels[3]), levels[2], levels[4] if len(levels) == 5 else ""
        if name not in self._known:
            return [_refused("unknown_point", f"no point of the source is of the node {'/'.join(name)}")]
        node = self._nodes.setdefault(name, _Node(name))
        try:
            if (kind[0] == "D") != bool(device):
                raise PayloadError(f"{kind} that names {'a' if device else 'no'} device")
            said = _Said(node, kind, device, decoded(content), at, is_duplicate)
            return self._died(said) if kind in _DEAD else self._told(said)
        except PayloadError as trouble:
            self._want(node, at)
            return [_refused("bad_payload", f"{topic}: {trouble}")]

    def _told(self, said: _Said) -> list[Row]:
        node, payload = said.node, said.payload
        rows = [_refused("protocol_error", f"{said.prefix}: {gap}") for gap in self._in_order(said)]
        if said.kind in _BORN:
            node.devices[said.device] = _born(payload)
        device = node.devices.get(said.device)
        if device is None or not device.is_alive or not node.is_alive:
            self._want(node, said.at)
            return [
                *rows,
                _refused("protocol_error", f"{said.prefix}: {said.kind} before the birth, which is asked for"),
            ]
        return [*rows, *self._values(said, device)]

    def _in_order(self, said: _Said) -> list[str]:
        """Note the sequence number; return in words what is missing before it."""
        node, payload = said.node, said.payload
        if not payload.HasField("seq") or payload.seq > 255:
            raise PayloadError("no sequence number from 0 to 255")
        before, node.seq = node.seq, payload.seq
        if said.kind == "NBIRTH":
            node.devices.clear()
            node.bdseq, node.asked_at = _bdseq(payload), None
            return []
        is_again = said.is_duplicate and payload.seq == before
        if before is None or is_again or payload.seq == (before + 1) % 256:
            return []
        self._want(node, said.at)
        return [f"sequence {payload.seq} after {before}: a message was lost; the births are asked for"]

    def _values(self, said: _Said, device: _Device) -> Iterator[Row]:
        payload = said.payload
        sent_ms = payload.timestamp if payload.HasField("timestamp") else _ms(said.at)
        for metric in payload.metrics:
            name = metric.name or device.names.get(metric.alias, "")
            address = f"{said.prefix}:{name}"
            if not name:
                self._want(said.node, said.at)
                reason = f"{said.prefix}: alias {metric.alias} is not in the birth, which is asked for again"
                yield _refused("protocol_error", reason)
            elif address in self._wanted:
                at_ms = metric.timestamp if metric.HasField("timestamp") else sent_ms
                try:
                    text = value(metric, metric.datatype or device.types.get(name, 0))
                except PayloadError as trouble:
                    yield _refused("bad_value", f"{address}: {trouble}")
                    continue
                if text is not None and not metric.is_historical:
                    device.last[address] = (at_ms, text)
                yield Row(address, at_ms, text, quality(metric))

    def _died(self, said: _Said) -> list[Row]:
        node = said.node
        if said.device:
            gone = [known for name, known in node.devices.items() if name == said.device]
            node.seq = said.payload.seq if said.payload.HasField("seq") else node.seq
        elif node.bdseq is not None and _bdseq(said.payload) not in (None, node.bdseq):
            return []  # the will of a session before this one
        else:
            gone, node.seq = list(node.devices.values()), None
        rows = [row for known in gone if known.is_alive for row in _stale(known, _ms(said.at))]
        for known in gone:
            known.is_alive = False
        return rows

    def _want(self, node: _Node, at: datetime) -> None:
        """Ask for births, but not again before the node had time to answer."""
        if node.asked_at is None or (at - node.asked_at).total_seconds() >= self._patience:
            node.asked_at = at
            self._ask(*node.name)


def _born(payload: Any) -> _Device:  # noqa: ANN401
    """Return what a birth declares; raises PayloadError where one alias means two metrics."""
    born = _Device(is_alive=True)
    for metric in payload.metrics:
        if metric.HasField("alias") and born.names.setdefault(metric.alias, metric.name) != metric.name:
            raise PayloadError(f"alias {metric.alias} stands for two metrics of the birth")
        born.types[metric.name] = metric.datatype
    return born


def _stale(device: _Device, at_ms: int) -> list[Row]:
    """Return the last value of each point once more, as one that is not to be used from now on."""
    return [Row(address, max(at_ms, last_ms), text, "bad_stale") for address, (last_ms, text) in device.last.items()]


def _bdseq(payload: Any) -> int | None:  # noqa: ANN401
    for metric in payload.metrics:
        if metric.name == _BDSEQ:
            sent = metric.WhichOneof("value")
            return int(getattr(metric, sent)) if sent in ("int_value", "long_value") else None
    return None


def _refused(code: str, reason: str) -> Row:
    return Row("", 0, None, code=code, reason=reason)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
