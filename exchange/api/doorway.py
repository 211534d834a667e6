"""How the host listens: with TLS 1.2 or newer, and in no other way."""

import ipaddress
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.types import ASGIApp

from lake.errors import NengtanError

_LASTS, _RENEWED = timedelta(days=365), timedelta(days=30)
_CERTIFICATE, _KEY = "certificate.pem", "key.pem"


@dataclass(frozen=True)
class Doorway:
    """Where the host listens, and with what it speaks TLS."""

    host: str
    tls: ssl.SSLContext
    certificate: Path


def read(certificate: str | None, key: str | None, home: Path, host: str) -> Doorway:
    """Return how to listen on a host; without a certificate one is made, which is good for trying on this machine.

    Raises NengtanError where certificate and key are not both given, cannot be used, or are missing off loopback.
    """
    if bool(certificate) != bool(key):
        raise NengtanError("NENGTAN_EXCHANGE_CERTIFICATE and NENGTAN_EXCHANGE_KEY belong together: give both or none")
    if not certificate or not key:
        if not _is_loopback(host):
            raise NengtanError(
                f"the exchange host needs a certificate to listen on {host}: name the files in "
                "NENGTAN_EXCHANGE_CERTIFICATE and NENGTAN_EXCHANGE_KEY, or listen on 127.0.0.1"
            )
        _make(home)
        certificate, key = str(home / _CERTIFICATE), str(home / _KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as cause:
        raise NengtanError(f"the exchange host has no TLS with {certificate} and {key} ({cause})") from cause
    return Doorway(host, context, Path(certificate))


def server(application: ASGIApp, doorway: Doorway, port: int) -> uvicorn.Server:
    """Return the server."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host=doorway.host,
            port=port,
            log_config=None,  # its lines go where ours go, in the same shape
            log_level="warning",
            access_log=False,
            ws="none",
            http="h11",  # the headers of a request have an end here: 64 kB
            server_header=False,
            proxy_headers=False,
            ssl_context_factory=_given(doorway.tls),
        )
    )


def _given(context: ssl.SSLContext) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    return lambda _config, _default: context


def _make(home: Path) -> None:
    """Make a certificate for this machine's own names where there is none, or none that still lasts a month."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC)
    if (home / _KEY).is_file() and (home / _CERTIFICATE).is_file():
        there = x509.load_pem_x509_certificate((home / _CERTIFICATE).read_bytes())
        if there.not_valid_after_utc > now + _RENEWED:
            return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain, form = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    descriptor = os.open(home / _KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, form, plain))
    (home / _CERTIFICATE).write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
