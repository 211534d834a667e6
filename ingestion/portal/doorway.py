"""How the portal listens: with TLS, plainly on loopback, or plainly for a proxy that speaks TLS; no other way."""

import ipaddress
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from ingestion.portal.place import Known
from lake.errors import SiteError

LOG = logging.getLogger("nengtan")


@dataclass(frozen=True)
class Doorway:
    """Where the portal listens; `proxy` is the address of a machine that speaks TLS for it."""

    host: str
    tls: ssl.SSLContext | None
    proxy: str | None

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the portal by HTTPS."""
        return self.tls is not None or self.proxy is not None


def read(known: Known, host: str) -> Doorway:
    """Return how the site says that the portal listens on a host; raises SiteError where that is unsafe."""
    said, name = known.form.settings, known.form.id
    certificate, key, proxy = said.get("certificate"), said.get("key"), said.get("tls_proxy")
    if bool(certificate) != bool(key):
        raise SiteError(f"sources.yaml: {name}: `certificate` and `key` belong together, give both or none")
    if certificate:
        return Doorway(host, _context(known, str(certificate), str(key)), None)
    if proxy:
        LOG.warning("%s: plain HTTP on %s for the proxy %s; what comes around it is refused", name, host, proxy)
    elif not _is_loopback(host):
        raise SiteError(
            f"sources.yaml: {name}: passwords would cross the network unencrypted on {host}: give `certificate` and "
            "`key`, or name in `tls_proxy` the proxy that speaks TLS, or listen on 127.0.0.1"
        )
    return Doorway(host, None, str(proxy) if proxy else None)


def server(application: ASGIApp, doorway: Doorway, port: int) -> uvicorn.Server:
    """Return the server; forwarded addresses are believed of the named proxy alone."""
    context = doorway.tls
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host=doorway.host,
            port=port,
            log_config=None,  # its lines go where ours go, in the same shape
            log_level="warning",
            ws="none",
            server_header=False,
            proxy_headers=doorway.proxy is not None,
            forwarded_allow_ips=doorway.proxy,
            ssl_context_factory=_given(context) if context else None,
        )
    )


def _given(context: ssl.SSLContext) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    return lambda _config, _default: context


def _context(known: Known, certificate: str, key: str) -> ssl.SSLContext:
    """Return what handshakes are made with: TLS 1.2 or newer."""
    folder = known.site.path
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(folder / certificate, folder / key)
    except (OSError, ssl.SSLError) as cause:
        where = f"{certificate} and {key} below {folder}"
        raise SiteError(f"sources.yaml: {known.form.id}: no TLS with {where} ({cause})") from cause
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
