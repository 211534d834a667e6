"""The exchange host as a program, for the site and the lake of the environment.

    python -m pipelines.exchange --host HOST --port PORT

Customers and suppliers sign in with what `nengtan exchange client add` gave them.
"""

import argparse
import logging
import sys
from datetime import timedelta

from exchange import register
from exchange.api import app, doorway
from exchange.api.book import Book
from exchange.api.host import Host
from exchange.api.policy import Policy
from exchange.api.released import Releases
from lake import logs
from lake.errors import NengtanError
from lake.site.load import read_site
from pipelines import exchange_worker
from pipelines.settings import Settings, log_form, read_settings

LOG = logging.getLogger("nengtan")
PORT = 8443


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args(arguments)
    try:
        settings = read_settings()
        logs.hide(settings.environment, settings.site)
        logs.start("exchange", log_form(settings.environment))
        return serve(settings, asked.host, asked.port)
    except NengtanError as trouble:
        sys.stderr.write(f"{logs.mask(str(trouble))}\n")
        return 1


def serve(settings: Settings, host: str, port: int) -> int:
    """Open the host and answer requests."""
    said = settings.environment
    way = doorway.read(
        said.get("NENGTAN_EXCHANGE_CERTIFICATE"), said.get("NENGTAN_EXCHANGE_KEY"), settings.exchange_home, host
    )
    server = doorway.server(app.application(opened(settings)), way, port)
    with exchange_worker.at_work(settings, opened):
        server.run()
    return 0 if server.started else 1


def opened(settings: Settings) -> Host:
    """Return the host of a site and a lake, before it listens."""
    language = read_site(settings.site, settings.environment).settings.language
    kept, policy = register.opened(settings.marts), policy_of(settings)
    return Host(kept, Book(settings.site), Releases(settings.lake, policy.address or "", language), policy)


def policy_of(settings: Settings) -> Policy:
    """Return the limits that the environment sets; raises NengtanError where one of them is no number."""
    usual, said = Policy(), settings.environment
    address = said.get("NENGTAN_EXCHANGE_ADDRESS") or None
    if address is not None and not address.startswith("https://"):
        raise NengtanError(f"NENGTAN_EXCHANGE_ADDRESS is {address!r}: give the https address that partners know")
    return Policy(
        address=address,
        token=timedelta(seconds=_number(settings, "TOKEN_SECONDS", int(usual.token.total_seconds()))),
        secret=timedelta(days=_number(settings, "SECRET_DAYS", usual.secret.days)),
        requests_per_minute=_number(settings, "REQUESTS_PER_MINUTE", usual.requests_per_minute),
        most_bytes=_number(settings, "MOST_BYTES", usual.most_bytes),
    )


def _number(settings: Settings, name: str, usual: int) -> int:
    text = settings.environment.get(f"NENGTAN_EXCHANGE_{name}") or str(usual)
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise NengtanError(f"NENGTAN_EXCHANGE_{name} is {text!r}: give a whole number above zero, such as {usual}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
