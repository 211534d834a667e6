"""How the dashboards listen: with TLS, plainly on loopback, or plainly for a proxy that speaks TLS; no other way."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Doorway:
    """Where the dashboards listen, and who speaks TLS: they with certificate and key, or the proxy at an address."""

    host: str = "127.0.0.1"
    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by HTTPS."""
        return self.certificate is not None or self.proxy is not None

    def trouble(self) -> str:
        """Return what is wrong in one sentence, or nothing."""
        if bool(self.certificate) != bool(self.key):
            return "the dashboards' certificate and key belong together: give both or none"
        missing = [str(path) for path in (self.certificate, self.key) if path and not path.is_file()]
        if missing:
            return f"the dashboards have no TLS with {' and '.join(missing)}: no such file"
        if not self.is_secure and not _is_loopback(self.host):
            return (
                f"the dashboards: passwords would cross the network unencrypted on {self.host}: name files in "
                "NENGTAN_DASHBOARDS_CERTIFICATE and NENGTAN_DASHBOARDS_KEY, or in NENGTAN_DASHBOARDS_PROXY the address "
                "of the proxy that speaks TLS, or listen on 127.0.0.1"
            )
        return ""

    def options(self) -> dict[str, str]:
        """Return what gunicorn is told: TLS 1.2 or newer is its default."""
        if self.certificate and self.key:
            return {"--certfile": str(self.certificate), "--keyfile": str(self.key)}
        return {"--forwarded-allow-ips": self.proxy} if self.proxy else {}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
