"""The OPC UA client beside a server of another house: status, source time, restarts, certificates."""

import datetime
import ipaddress
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ingestion.sources import opcua
from ingestion.sources.opcua import OpcUa
from lake.errors import SourceShapeError
from lake.site.load import Site, SourceSpec
from lake.store import Lake
from lake.tablerows import read
from tests.integration import live_site, peers
from tests.integration.node_peer import NodePeer, node_peer
from tests.integration.test_collector import running
from tests.integration.until import eventually, rows
from tests.unit.ingestion.made import context, points_table, site

pytestmark = pytest.mark.integration
POINTS = {
    "energy": "nsu=urn:works:press;s=Energy",
    "load": "nsu=urn:works:press;s=Load",
    "level": "nsu=urn:works:press;s=Level",
    "name": "nsu=urn:works:press;s=Name",
    "gone": "nsu=urn:works:press;s=Gone",
}
_KINDS = {"Energy": "Int64", "Load": "Float", "Level": "Double"}


@contextmanager
def _server(folder: Path, port: int, *certificate: str) -> Iterator[NodePeer]:
    with node_peer("opcua_server.js", "node-opcua", str(port), str(folder), *certificate) as peer:
        said = peer.until("ready")
        assert said["event"] == "ready"
        yield peer


def _site(folder: Path, port: int, **more: Any) -> Site:
    source = {"kind": "opcua", "url": f"opc.tcp://127.0.0.1:{port}", "security": "none", "publishing_ms": 100}
    addresses: dict[str, str | None] = dict(POINTS)
    return site(folder, {"meter": {**source, "batch_seconds": 0.2, **more}}, points_table(addresses))


def _found(lake: Lake) -> set[tuple[str, str, str, str]]:
    return {
        (row["point_id"], f"{row['reading_at']:%d %H:%M:%S}", f"{row['value'].normalize():f}", row["status"])
        for row in rows(lake, "raw")
    }


def _tell(server: NodePeer, name: str, value: object, at: str, status: str = "Good") -> None:
    kind = _KINDS[name]
    server.tell(name=name, type=kind, value=value, at=f"2026-01-{at}Z", status=status)
    server.until("done")


def test_status_and_source_time_are_kept_and_all_is_read_again_after_a_restart(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    with running(lake, _site(tmp_path, port)) as live:
        with _server(tmp_path, port) as server:
            eventually(lambda: {point for point, *_ in _found(lake)} == {"energy", "load", "level"})
            assert {value for point, _, value, _ in _found(lake) if point == "load"} == {"0.1"}  # of a single float
            _tell(server, "Energy", [1, 5], "02T08:00:00")
            _tell(server, "Load", 2.5, "02T08:00:01", "UncertainLastUsableValue")
            _tell(server, "Level", 3.5, "02T08:00:02", "BadCommunicationError")
            eventually(lambda: ("energy", "02 08:00:00", "4294967301", "good") in _found(lake))
            eventually(lambda: ("load", "02 08:00:01", "2.5", "uncertain_last_usable_value") in _found(lake))
            eventually(lambda: "bad_communication_error" in str([*_found(lake), *rows(lake, "quarantine")]))
            server.kill()
        with _server(tmp_path, port) as server:
            _tell(server, "Energy", [1, 6], "03T08:00:00")
            eventually(lambda: ("energy", "03 08:00:00", "4294967302", "good") in _found(lake))
            collected = live.end()["meter"]
    reasons = [row["reason"] for row in rows(lake, "quarantine")]
    assert any(reason.startswith("name") for reason in reasons)
    assert collected.reasons["bad_value"] >= 1
    assert "the server has no nsu=urn:works:press;s=Gone" in (collected.away or "")


class _Damage(socketserver.BaseRequestHandler):
    """Passes everything on to the server, and from it with one value damaged: a list of 2,147,483,647 nothings."""

    def handle(self) -> None:
        """Serve one connection."""
        gate = self.server
        assert isinstance(gate, _Gate)
        with socket.create_connection(("127.0.0.1", gate.behind)) as server:
            forth = threading.Thread(target=self._pass, args=(self.request, server, False), daemon=True)
            forth.start()
            self._pass(server, self.request, True)
            forth.join(90)

    def _pass(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        gate = self.server
        assert isinstance(gate, _Gate)
        with suppress(OSError):
            while chunk := source.recv(65536):
                if is_answer and gate.is_hostile and _LEVEL in chunk:
                    gate.damaged += 1
                    chunk = chunk.replace(_LEVEL, _ENDLESS)
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Gate(socketserver.ThreadingTCPServer):
    """Stands before a server."""

    daemon_threads = True
    is_hostile, damaged = True, 0

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _Damage)
        self.behind = behind


_LEVEL = b"\x0b" + struct.pack("<d", 1.5)
_ENDLESS = b"\x80" + struct.pack("<i", 2**31 - 1) + bytes(4)


def test_a_server_whose_bytes_are_hostile_keeps_no_other_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opcua, "_MEMORY_BYTES", 200 * 1024 * 1024)  # used up sooner
    lake, behind, modbus = Lake(str(tmp_path / "lake")), peers.free_port(), peers.free_port()
    with _server(tmp_path, behind), _Gate(behind) as gate, live_site.meters(modbus):
        threading.Thread(target=gate.serve_forever, daemon=True).start()
        both = _site(tmp_path, gate.server_address[1])
        meters = {"url": f"tcp://127.0.0.1:{modbus}", "poll_seconds": 0.5, "batch_seconds": 0.5, "clock": "0x0F00"}
        both.sources["line"] = SourceSpec("line", "modbus", meters)
        both.tables["points"] = pa.concat_tables(
            [both.tables["points"], points_table({"other": "1:3:0x000A:uint32"}, "line")]
        )
        with running(lake, both) as live:
            eventually(lambda: gate.damaged >= 1)
            begun = _count(lake, "line")
            eventually(lambda: _count(lake, "line") >= begun + 3 and gate.damaged >= 2)  # it was asked again
            assert _found(lake) == set()
            gate.is_hostile = False
            eventually(lambda: {point for point, *_ in _found(lake)} == {"energy", "load", "level"})
            live.end()
        gate.shutdown()
    kept = [(row["point_id"], row["reading_at"], row["value"]) for row in rows(lake, "raw")]
    assert len(kept) == len(set(kept))


def _count(lake: Lake, source: str) -> int:
    name = f"{source}__reading"
    return read(Path(lake.path("raw", name))).num_rows if lake.exists("raw", name) else 0


def _certificate(folder: Path, name: str) -> tuple[str, str]:
    """Write a certificate that signs itself, and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    others = [x509.UniformResourceIdentifier(f"urn:{name}"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    usage = x509.KeyUsage(True, True, True, True, False, True, False, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}_key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    key_file.write_bytes(private)
    return str(cert_file), str(key_file)


def test_an_encrypted_channel_with_certificates_and_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCEPT", "1")
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    server_cert, server_key = _certificate(tmp_path, "server")
    cert, key = _certificate(tmp_path, "nengtan")
    files = {"cert_file": cert, "key_file": key, "server_cert_file": server_cert}
    user = {"username": "reader", "password": "hidden"}
    with _server(tmp_path, port, server_cert, server_key):
        secured = _site(tmp_path, port, security="encrypt", **files, **user)
        with running(lake, secured) as live:
            eventually(lambda: {point for point, *_ in _found(lake)} == {"energy", "load", "level"})
            live.end()
        wrong, _ = _certificate(tmp_path, "impostor")
        mistrusted = {"url": f"opc.tcp://127.0.0.1:{port}", "security": "encrypt", **files, **user}
        assert "is away" in _said({**mistrusted, "server_cert_file": wrong}, tmp_path)
        assert "is away" in _said({**mistrusted, "password": "guessed"}, tmp_path)


def _said(settings: dict[str, Any], folder: Path) -> str:
    """Return the first word of a connection that must not succeed."""
    source, said, arrived = OpcUa(context(folder, settings, {"p": POINTS["load"]})), list[str | None](), list[Any]()
    stop = threading.Event()
    thread = threading.Thread(target=source.listen, args=(arrived.append, said.append, stop))
    thread.start()
    try:
        eventually(lambda: bool(said))
    finally:
        stop.set()
        thread.join(90)
    assert arrived == []
    return str(said[0])


def test_a_certificate_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    settings = {"url": "opc.tcp://127.0.0.1:1", "security": "sign"}
    with pytest.raises(SourceShapeError, match="cert_file names no file; security: none needs none"):
        OpcUa(context(tmp_path, settings, {"p": "ns=1;s=a"})).listen(print, print, threading.Event())
