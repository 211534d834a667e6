"""The entry portal as a program, for the site and the lake of the environment.

    python -m pipelines.portal --host HOST --port PORT

Prints the first account's password when it makes that account, once.
"""

import argparse
import sys

from ingestion.portal import app, doorway, provider, sign_on
from ingestion.portal.place import Place
from lake import logs
from lake.errors import NengtanError
from pipelines import documentation
from pipelines.settings import Settings, log_form, read_settings
from pipelines.tracing import Tracer


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    asked = parser.parse_args(arguments)
    try:
        settings = read_settings()
        logs.hide(settings.environment, settings.site)
        logs.start("portal", log_form(settings.environment))
        return serve(settings, asked.host, asked.port)
    except NengtanError as trouble:
        sys.stderr.write(f"{logs.mask(str(trouble))}\n")
        return 1


def serve(settings: Settings, host: str, port: int) -> int:
    """Open the portal and answer requests."""
    place = Place(settings.site, settings.environment)
    provider.trust(place.known())
    way = doorway.read(place.known(), host)
    portal, password = app.open_portal(
        place,
        settings.lake,
        settings.portal_home,
        settings.marts_file,
        is_secure=way.is_secure,
        tracer=Tracer(settings),
        dashboards=_dashboards(settings),
    )
    if password:
        sys.stdout.write(f"entry portal: account admin, password {password} (shown this once; change it at sign-in)\n")
        sys.stdout.flush()
    pages = documentation.beside(app.application(portal), is_secure=way.is_secure)
    server = doorway.server(pages, way, port)
    server.run()
    return 0 if server.started else 1


def _dashboards(settings: Settings) -> sign_on.Dashboards | None:
    """Return the dashboards that are served beside the portal, if any: `nengtan serve` says where, with a secret."""
    said = settings.environment
    address, secret = said.get("NENGTAN_DASHBOARDS_ADDRESS"), said.get("NENGTAN_SIGN_ON_SECRET")
    return sign_on.Dashboards(address, secret) if address and secret else None


if __name__ == "__main__":
    sys.exit(main())
