"""Starts the programs that serve: orchestrator with its daemon, dashboards, entry portal and exchange host."""

import logging
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Set
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lake import logs
from lake.errors import NengtanError
from lake.site.load import Site, SourceSpec, read_site
from pipelines import home, own_pages
from pipelines.settings import ROOT, Settings, log_form

LOG = logging.getLogger("nengtan")
_PATIENCE_S = 300.0
LOOPBACK = "127.0.0.1"


def check_dashboards(settings: Settings) -> int:
    """Bring the dashboards up to date with the marts and ask every chart for its data; return the exit status."""
    command = [*_dashboards(settings, "scripts.superset.bootstrap"), "--prove"]
    return subprocess.run(command, cwd=ROOT, env=settings.for_programs(), check=False).returncode


@dataclass(frozen=True)
class Ports:
    """Where each server listens."""

    orchestrator: int = 3000
    dashboards: int = 8088
    portal: int = 8090
    exchange: int = 8443


def serve(settings: Settings, host: str, ports: Ports) -> int:
    """Run all of them until one ends or a signal comes; return the exit status.

    The entry portal is opened where the site has a source of kind form, the exchange host where it has a customer or a
    supplier.
    """
    site = read_site(settings.site, settings.environment)
    form = next((spec for spec in site.sources.values() if spec.kind == "form"), None)
    listening = {"dashboards": ports.dashboards, "orchestrator": ports.orchestrator, **opened(site, form, ports)}
    hosts = {name: LOOPBACK if name == "orchestrator" else host for name in listening}
    for name, port in listening.items():
        if _answers(hosts[name], port):
            raise NengtanError(f"port {port} of {hosts[name]} is taken; name another with --…-port")
    tls = _dashboards_tls(settings)
    home.prepare(settings.dagster_home)
    workspace = ["-w", str(ROOT / "workspace.yaml")]
    programs = Path(sys.executable).parent
    at = ["--host", host, "--port"]
    commands = {
        "dashboards": [*_dashboards(settings, "scripts.superset.serve"), *at, str(ports.dashboards), *tls],
        # it knows neither people nor TLS: whoever reaches it starts runs, so nobody does from another machine
        "orchestrator": [
            *(str(programs / "dagster-webserver"), *workspace, "--host", LOOPBACK, "--port", str(ports.orchestrator)),
            *_log_options(settings),
        ],
        "schedules": [str(programs / "dagster-daemon"), "run", *workspace, *_log_options(settings)],
    }
    if "entry portal" in listening:
        commands["entry portal"] = [sys.executable, "-m", "pipelines.portal", *at, str(ports.portal)]
    if "exchange host" in listening:
        commands["exchange host"] = [sys.executable, "-m", "pipelines.exchange", *at, str(ports.exchange)]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    is_secure = bool(form and form.settings.get("certificate"))
    with_tls = {
        "exchange host",
        *(["entry portal"] if is_secure else []),
        *(["dashboards"] if "--certificate" in tls else []),
    }
    told = _sign_on(site, host, ports, is_secure, "--certificate" in tls) if form else {}
    with ExitStack() as running:
        processes = {name: _started(running, command, settings, told) for name, command in commands.items()}
        _wait_for(processes, hosts, listening, stop, with_tls)
        while not stop.wait(0.5):
            for name, process in processes.items():
                if process.poll() is not None:
                    raise NengtanError(f"the {name} ended with status {process.returncode}; its lines above say why")
    return 0


def _sign_on(site: Site, host: str, ports: Ports, is_secure: bool, has_tls: bool) -> dict[str, str]:
    """Return what portal and dashboards know of each other: addresses, a secret of this start, the head of the site."""
    rows = site.tables["organizations"].to_pylist()
    return {
        "NENGTAN_PORTAL_ADDRESS": f"http{'s' if is_secure else ''}://{host}:{ports.portal}",
        "NENGTAN_DASHBOARDS_ADDRESS": f"http{'s' if has_tls else ''}://{host}:{ports.dashboards}",
        "NENGTAN_SIGN_ON_SECRET": secrets.token_urlsafe(32),
        "NENGTAN_SIGN_ON_HEAD": next(row["organization_id"] for row in rows if row["parent_id"] is None),
    }


def opened(site: Site, form: SourceSpec | None, ports: Ports) -> dict[str, int]:
    """Return the doors of people and programs outside that the site has a use for."""
    found = {}
    if form:
        found["entry portal"] = ports.portal
    else:
        LOG.info("entry portal: not opened, sources.yaml has no source of kind form")
    if site.tables["customers"].num_rows or site.tables["suppliers"].num_rows:
        found["exchange host"] = ports.exchange
    else:
        LOG.info("exchange host: not opened, the site has neither customers nor suppliers")
    return found


def _log_options(settings: Settings) -> list[str]:
    """Return how the orchestrator's programs log: as ours do, warnings alone."""
    form = ["--log-format", "json"] if log_form(settings.environment) == logs.JSON else []
    return ["--log-level", "warning", *form]


def _dashboards(settings: Settings, module: str) -> list[str]:
    python, marts = settings.dashboards_python, settings.marts / "marts_bi.duckdb"
    if not python.is_file():
        raise NengtanError(f"the dashboards' environment is not at {python}; `make serve` makes it")
    if not marts.is_file():
        raise NengtanError(f"nothing is published at {marts}; `nengtan run` publishes")
    own_pages.refuse_faults(settings.site)
    own = ["--own", str(settings.site / own_pages.FOLDER)] if (settings.site / own_pages.FOLDER).is_dir() else []
    return [str(python), "-m", module, "--marts", str(marts), "--home", str(settings.dashboards_home), *own]


def _dashboards_tls(settings: Settings) -> list[str]:
    """Return how the dashboards speak TLS, or who does for them; they refuse to start where nobody does and has to."""
    names = {"--certificate": "CERTIFICATE", "--key": "KEY", "--proxy": "PROXY"}
    said = {option: settings.environment.get(f"NENGTAN_DASHBOARDS_{name}") for option, name in names.items()}
    return [part for option, value in said.items() if value for part in (option, value)]


def _started(
    running: ExitStack, command: list[str], settings: Settings, told: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    # what the environment says already is the owner's word: behind a proxy the portal has another address
    environment = {**told, **settings.for_programs()}
    # a session of its own: Ctrl-C comes to us alone, and we end the programs in good order
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    running.callback(_ended, process)
    return process


def _ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(
    processes: "dict[str, subprocess.Popen[bytes]]",
    hosts: Mapping[str, str],
    ports: dict[str, int],
    stop: threading.Event,
    with_tls: Set[str],
) -> None:
    """Wait until each server answers, and say its address."""
    waiting, until = dict(ports), time.monotonic() + _PATIENCE_S
    while waiting and not stop.is_set():
        for name, port in list(waiting.items()):
            if _answers(hosts[name], port):
                LOG.info("%s: %s://%s:%s", name, "https" if name in with_tls else "http", hosts[name], port)
                del waiting[name]
            elif processes[name].poll() is not None:
                raise NengtanError(f"the {name} did not start; its lines above say why")
        if time.monotonic() > until:
            raise NengtanError(f"{', '.join(waiting)}: no answer within {_PATIENCE_S:.0f} s; look at the lines above")
        stop.wait(0.3)


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0
