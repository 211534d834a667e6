"""The entry portal as a program, for the site and the lake of the environment.

    python -m pipelines.portal --host HOST --port PORT

Prints the first account's password when it makes that account, once.
"""

import argparse
import sys

import uvicorn

from ingestion.portal import app
from lake.errors import NengtanError
from pipelines.settings import Settings, read_settings


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    asked = parser.parse_args(arguments)
    try:
        return serve(read_settings(), asked.host, asked.port)
    except NengtanError as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1


def serve(settings: Settings, host: str, port: int) -> int:
    """Open the portal and answer requests."""
    portal, password = app.open_portal(settings.site, settings.lake, settings.portal_home, settings.environment)
    if password:
        sys.stdout.write(f"entry portal: account admin, password {password} (shown this once; change it at sign-in)\n")
        sys.stdout.flush()
    form = portal.place.known().form.settings
    uvicorn.run(
        app.application(portal),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        ssl_certfile=form.get("certificate"),
        ssl_keyfile=form.get("key"),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
