"""HJ 212-2017: stations of stacks and outfalls connect to us; a telegram is acknowledged after its commit.

An address is `<MN>/<CN>/<code>-<attribute>`, as in 010000A8900016F000169DC0/2061/a21026-Avg. What a known station sends
beside the site's points stays in the payload. Periods (2051, 2061, 2031, 2041) are told by their start and become
readings at their end; a value with a SampleTime belongs to that instant.
"""

import hmac
import random
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa

from ingestion import admit, hj212
from ingestion.allowed import Allowed, Turned
from ingestion.arriving import ArrivalClock, as_line
from ingestion.hj212 import FLAGS, Fault, Framer, Telegram
from ingestion.source import Context, now
from ingestion.tcp_server import TcpServer
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT

_PERIODS = {"2061": timedelta(hours=1), "2031": timedelta(days=1), "2041": timedelta(days=1)}
_NO_VALUES = ("Flag", "SampleTime", "Info")
_REMEMBERED = 20_000
_JUNK_LIMIT = 200  # faults in a row after which a connection is ended
_SILENT = timedelta(minutes=15)


@dataclass(frozen=True)
class Arrival:
    """One telegram, or bytes that are none; `refused` says why it is not taken, as code and sentence."""

    given: Telegram | Fault
    connection: int
    peer: str
    arrived_at: datetime
    is_repeated: bool = False
    refused: tuple[str, str] | None = None
    device_clock: tuple[str, float] | None = None

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return 2 * len(self.given.raw) + 500

    def record(self) -> str:
        """Return the verbatim telegram as a line of the payload."""
        facts: dict[str, Any] = {"peer": self.peer, "arrived_at": self.arrived_at.isoformat()}
        if isinstance(self.given, Telegram) and self.given.deviations:
            facts["deviations"] = self.given.deviations
        return as_line(facts, "telegram", self.given.raw)


class Hj212:
    """One port and the stations that connect to it."""

    batch_size = 1000
    is_held_back = True

    def __init__(self, context: Context) -> None:
        """Read the settings; no port is opened yet."""
        settings = context.settings
        self._context = context
        self.batch_seconds = float(settings.get("batch_seconds") or 1)
        self._clock = Clock(zone=context.zone())
        self._zone = ZoneInfo(str(context.zone())) if context.zone() else None
        self._minutes = int(settings["minute_interval"])
        self._stations: Mapping[str, Any] = settings.get("stations") or {}
        self._points = _points(context.points.addresses())
        self._host, self._port = _address(context)
        self._allowed_peers = Allowed(f"source {context.source}", settings.get("allow"))
        self._allowed_at = {
            station: Allowed(f"source {context.source}: station {station}", own["allow"])
            for station, own in self._stations.items()
            if (own or {}).get("allow") is not None
        }
        self._turned = Turned()
        self._deliver: Callable[[Arrival], None] = lambda arrival: None
        self._server = TcpServer(self._host, self._port, self._is_welcome)
        self._framers: dict[int, Framer] = {}
        self._faults: dict[int, int] = defaultdict(int)
        self._heard: dict[str, datetime] = {}
        self._times: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._arrivals = ArrivalClock()

    def listen(
        self, deliver: Callable[[Arrival], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Keep the port open until told to stop; a full inbox makes the stations wait."""
        self._deliver = deliver

        def received(number: int, peer: str, chunk: bytes | None) -> bool:
            return self._received(deliver, number, peer, chunk)

        while not stop.is_set():
            try:
                self._server.serve(received, lambda: say(self._silence()), stop)
            except OSError as trouble:
                say(f"source {self._context.source}: cannot listen on {self._host}:{self._port} ({trouble.strerror})")
                stop.wait(random.uniform(0.5, 2))  # noqa: S311 - jitter, not a secret

    def close(self) -> None:
        """Let go of the stations, after what was landed has been acknowledged."""
        self._server.close()

    def batch(self, arrivals: Sequence[Arrival]) -> Batch:
        """Return the telegrams as one batch: the lines of the payload are the telegrams in order of arrival."""
        rows: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for line, arrival in enumerate(arrivals):
            if arrival.refused is not None:
                refused.append(_refusal(line, arrival, *arrival.refused))
            elif isinstance(arrival.given, Telegram):
                for row in self._rows(line, arrival, arrival.given):
                    (refused if "reason" in row else rows).append(row)
        admitted = self._admitted(rows, arrivals)
        misfits = pa.Table.from_pylist(refused, REFUSED.append(pa.field("replayed", pa.bool_())))
        return Batch(
            source=self._context.source,
            origin=f"{self._host}:{self._port}",
            payload="\n".join([*(arrival.record() for arrival in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=arrivals[-1].arrived_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, misfits], promote_options="default"),
            decimals=self._context.decimals,
        )

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Answer the telegrams that ask for it and were taken; one that was refused as a whole is left unanswered."""
        for arrival in arrivals:
            if isinstance(arrival.given, Telegram) and arrival.refused is None and arrival.given.flag & 1:
                self._server.send(arrival.connection, hj212.answer(arrival.given))

    def _received(self, deliver: Callable[[Arrival], None], number: int, peer: str, chunk: bytes | None) -> bool:
        """Deliver what a connection's bytes complete; return whether it may stay."""
        framer = self._framers.setdefault(number, Framer(self._allowed))
        for given in framer.end() if chunk is None else framer.feed(chunk):
            self._faults[number] = self._faults[number] + 1 if isinstance(given, Fault) else 0
            deliver(self._arrival(given, number, peer))
        stays = chunk is not None and self._faults[number] < _JUNK_LIMIT
        if not stays:
            self._framers.pop(number, None)
            self._faults.pop(number, None)
        return stays

    def _arrival(self, given: Telegram | Fault, number: int, peer: str) -> Arrival:
        arrived_at = self._arrivals.tick()
        if isinstance(given, Fault):
            return Arrival(given, number, peer, arrived_at, refused=("bad_payload", given.reason))
        refused = self._stranger(given, peer)
        if refused is None:
            self._heard[given.fields["MN"]] = arrived_at
        is_repeated = given.raw in self._seen
        self._seen[given.raw] = None
        self._seen.move_to_end(given.raw)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        clock = None if refused else self._device_clock(given, arrived_at)
        return Arrival(given, number, peer, arrived_at, is_repeated, refused, clock)

    def _device_clock(self, telegram: Telegram, arrived_at: datetime) -> tuple[str, float] | None:
        """Return the station and by how many seconds its clock was ahead when it asked: QN says when that was."""
        asked_at = _wall_time(telegram.fields.get("QN", "")[:14])
        if asked_at is None or self._zone is None:
            return None
        offset_s = (asked_at.replace(tzinfo=self._zone) - arrived_at).total_seconds()
        return telegram.fields["MN"], offset_s

    def _is_welcome(self, address: str) -> bool:
        """Whether a peer may connect; one that may not is told in quarantine, once a minute."""
        if address in self._allowed_peers:
            return True
        times = self._turned.away(address)
        if times:
            reason = f"{times} connections refused: {address} is not in `allow`"
            fault = Fault(b"", reason)
            self._deliver(Arrival(fault, 0, address, self._arrivals.tick(), refused=("protocol_error", reason)))
        return False

    def _stranger(self, telegram: Telegram, peer: str) -> tuple[str, str] | None:
        """Say why a telegram's sender is not one of ours."""
        station = telegram.fields["MN"]
        if station not in self._points:
            return "unknown_point", f"no point of the source has an address of station {station}"
        if station in self._allowed_at and peer.rpartition(":")[0] not in self._allowed_at[station]:
            return "protocol_error", f"station {station} may not send from this address; its `allow` names others"
        password = self._setting(station, "password")
        given = telegram.fields.get("PW", "")
        if password is not None and not hmac.compare_digest(str(password).encode(), given.encode()):
            return "bad_payload", f"station {station}: the password is not the one in sources.yaml"
        return None

    def _rows(self, line: int, arrival: Arrival, telegram: Telegram) -> Iterator[dict[str, Any]]:
        """Yield a received row per value that is a point's; one with `reason` is refused."""
        fields = telegram.fields
        station, command = fields["MN"], fields["CN"]
        wanted = self._points[station].get(command, frozenset())
        told = self._data_time(telegram)
        for item in telegram.items if wanted else ():
            for name, value in item.items():
                code, _, attribute = name.partition("-")
                if attribute in _NO_VALUES or name not in wanted:
                    continue
                flag = item.get(f"{code}-Flag", "N")
                sampled = item.get(f"{code}-SampleTime") if command == "2011" else None
                text = sampled or told
                at = _wall_time(text)
                if flag not in FLAGS:
                    yield _refusal(line, arrival, "bad_value", f"{code}-Flag={flag} is no data flag")
                elif at is None:
                    yield _refusal(line, arrival, "bad_time", f"{name}: {_time_trouble(text)}")
                else:
                    yield {
                        "position": line,
                        "address": f"{station}/{command}/{name}",
                        "time": at + self._period(station, command),
                        "value": value,
                        "status": FLAGS[flag],
                        "arrived_at": arrival.arrived_at,
                        "replayed": arrival.is_repeated,
                    }

    def _data_time(self, telegram: Telegram) -> str | None:
        """Return DataTime; a later packet of a split telegram may leave it to the first."""
        fields = telegram.fields
        told = next((item["DataTime"] for item in telegram.items if "DataTime" in item), None)
        if telegram.flag & 2 and "QN" in fields:
            key = (fields["MN"], fields["CN"], fields["QN"])
            told = self._times.setdefault(key, told) if told is not None else self._times.get(key)
            if len(self._times) > _REMEMBERED:
                self._times.popitem(last=False)
        return told

    def _period(self, station: str, command: str) -> timedelta:
        if command == "2051":
            return timedelta(minutes=int(self._setting(station, "minute_interval") or self._minutes))
        return _PERIODS.get(command, timedelta())

    def _setting(self, station: str, name: str) -> Any:  # noqa: ANN401 - a value of sources.yaml
        return (self._stations.get(station) or {}).get(name)

    def _allowed(self, station: str) -> frozenset[str]:
        return frozenset(str(word) for word in self._setting(station, "deviations") or ())

    def _silence(self) -> str | None:
        """Say which stations have not been heard of yet, or not for long."""
        since = now() - _SILENT
        silent = [name for name in self._points if name not in self._heard or self._heard[name] < since]
        names = ", ".join(silent[:10]) + (f" and {len(silent) - 10} more" if len(silent) > 10 else "")
        return f"source {self._context.source}: nothing in 15 minutes, or yet, from station {names}" if silent else None

    def _admitted(self, rows: list[dict[str, Any]], arrivals: Sequence[Arrival]) -> admit.Admitted:
        if not rows:
            return admit.Admitted(READING.empty_table(), REFUSED.empty_table())
        kinds = {
            "position": pa.int64(),
            "address": pa.string(),
            "time": pa.timestamp("us"),
            "value": pa.string(),
            "status": pa.string(),
            "arrived_at": INSTANT,
            "replayed": pa.bool_(),
        }
        table = pa.Table.from_pylist(rows, pa.schema(kinds))
        context = self._context
        return admit.admit(
            table,
            context.points,
            context.rules(self._clock),
            arrivals[-1].arrived_at,
            lambda lines: [arrivals[line].record() for line in lines],
        )


def _refusal(line: int, arrival: Arrival, code: str, reason: str) -> dict[str, Any]:
    return {
        "position": line,
        "reason_code": code,
        "reason": f"{arrival.peer}: {reason}",
        "payload": arrival.record(),
        "replayed": arrival.is_repeated,
    }


def _wall_time(text: str | None) -> datetime | None:
    """Return a wall clock time without its zone, which the admission adds."""
    if text is None or len(text) != 14 or not text.isdecimal():
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - placed in the source's zone on admission
    except ValueError:
        return None


def _time_trouble(text: str | None) -> str:
    return "there is no DataTime" if text is None else f"{text!r} is not a time of the form YYYYMMDDhhmmss"


def _points(addresses: Sequence[str]) -> dict[str, dict[str, frozenset[str]]]:
    """Return the wanted attributes by station and command."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for address in addresses:
        parts = address.split("/")
        if len(parts) != 3 or "-" not in parts[2]:
            raise SourceShapeError(f"hj212 address {address!r}: write <MN>/<CN>/<code>-<attribute>")
        commands = found.setdefault(parts[0], {})
        commands[parts[1]] = commands.get(parts[1], frozenset()) | {parts[2]}
    return found


def _address(context: Context) -> tuple[str, int]:
    parts = urlsplit(str(context.settings["listen"]))
    if parts.hostname is None or parts.port is None:
        raise SourceShapeError(f"source {context.source}: listen names no host and port; write tcp://0.0.0.0:9212")
    return parts.hostname, parts.port
