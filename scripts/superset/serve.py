"""Bring Superset up to date, then become its server.

    python -m scripts.superset.serve --marts LAKE/marts_bi.duckdb --home DIR [--host 127.0.0.1] [--port 8088]

Prints the report (and new passwords, once), then replaces itself by gunicorn, so a signal reaches the server itself.
"""

import argparse
import os
import sys
from pathlib import Path

from scripts.superset import bootstrap, doorway
from scripts.superset.home import Home


def main() -> int:  # noqa: RET503 - execv does not return
    """Run from the command line; returns only where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--marts", type=Path, required=True, help="the self-contained marts_bi.duckdb")
    parser.add_argument("--home", type=Path, required=True, help="Superset's own folder; made where missing")
    parser.add_argument("--own", type=Path, help="the site's own pages, SITE/dashboards")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8088)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--certificate", type=Path, help="file of the certificate to speak TLS with")
    parser.add_argument("--key", type=Path, help="file of its key")
    parser.add_argument("--proxy", help="address of the machine that speaks TLS for us; nobody gets around it")
    arguments = parser.parse_args()
    way = doorway.Doorway(arguments.host, arguments.certificate, arguments.key, arguments.proxy)
    if trouble := way.trouble():
        print(trouble, file=sys.stderr)
        return 2
    if not arguments.marts.is_file():
        print(f"{arguments.marts} does not exist; publish the marts first with `nengtan run`", file=sys.stderr)
        return 2
    home = Home(arguments.home, way)
    report = bootstrap.run(arguments.marts, home, arguments.own, prove=False, accounts=not home.is_signed_on)
    print(bootstrap.words(report), flush=True)
    options = {
        "--bind": f"{arguments.host}:{arguments.port}",
        "--workers": str(arguments.workers),
        "--worker-class": "gthread",
        "--threads": "8",
        "--timeout": "120",
        "--graceful-timeout": "3",
        "--log-level": "warning",
        "--error-logfile": str(arguments.home / "gunicorn.log"),
        **way.options(),
    }
    flat = [part for option in options.items() for part in option]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *flat, "superset.app:create_app()"])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
