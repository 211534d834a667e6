"""A Superset of our own for the tests: bootstrapped on published marts, served, and asked like a browser would."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
BI = ROOT / ".venv/bi/bin/python"


@dataclass
class Superset:
    """The running server, its first passwords and the marts behind it."""

    address: str
    marts: Path
    home: Path
    passwords: dict[str, str]
    bootstrap_seconds: float
    portal: socket.socket  # a port that is held for the entry portal, whose address the server knows
    sessions: dict[str, "Session"] = field(default_factory=dict)

    def as_(self, user: str) -> "Session":
        """Sign in once and keep the session."""
        if user not in self.sessions:
            self.sessions[user] = Session(self.address, user, self.passwords[user])
        return self.sessions[user]


class Session:
    """One signed-in reader."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=180, follow_redirects=True)
        page = self.client.get("/login/")
        token = re.search(r'name="csrf_token"[^>]*?value="([^"]+)"', page.text, re.DOTALL)
        assert token, "the sign-in page has no token"
        form = {"username": user, "password": password, "csrf_token": token.group(1)}
        self.client.post("/login/", data=form)
        assert self.client.get("/api/v1/me/").status_code == 200, f"{user} could not sign in"
        answer = self.client.get("/api/v1/security/csrf_token/")
        assert answer.status_code == 200, f"{user} gets no token: {answer.text[:300]}"
        self.headers = {"X-CSRFToken": answer.json()["result"], "Referer": address}

    def get(self, path: str, **arguments: Any) -> httpx.Response:
        return self.client.get(path, **arguments)

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.post(path, json=body, headers=self.headers)

    def put(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.put(path, json=body, headers=self.headers)


def bi_python() -> Path:
    """The interpreter of Superset's environment; in CI its absence is a failure."""
    if not BI.exists():
        message = f"{BI.relative_to(ROOT)} is missing: `make test` sets it up"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return BI


def bootstrap(marts: Path, home: Path, *options: str) -> dict[str, Any]:
    """Run the bootstrap as a user would and return its report."""
    command = [
        str(bi_python()),
        "-m",
        "scripts.superset.bootstrap",
        "--marts",
        str(marts),
        "--home",
        str(home),
        "--json",
    ]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), f"{done.stderr[-3000:]}"
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(marts: Path, home: Path) -> Iterator[Superset]:
    """Bootstrap, start the server, wait until the sign-in page answers; stop exactly what was started."""
    report = bootstrap(marts, home, "--prove", "--accounts")
    assert report["faults"] == []
    assert report["left_out"] == []
    portal = socket.socket()
    portal.bind(("127.0.0.1", 0))
    told = {"NENGTAN_PORTAL_ADDRESS": f"http://127.0.0.1:{portal.getsockname()[1]}"}
    with portal, started(marts, home, free_port(), told) as address:
        running = Superset(address, marts, home, report["passwords"], report["seconds"], portal)
        yield running
        for session in running.sessions.values():
            session.client.close()


@contextmanager
def started(marts: Path, home: Path, port: int, told: Mapping[str, str], *options: str) -> Iterator[str]:
    """Start a server on a home that was bootstrapped, and say its address; stop exactly what was started."""
    command = [str(bi_python()), "-m", "scripts.superset.serve", "--marts", str(marts), "--home", str(home), *options]
    environment = {**os.environ, **told}
    with (home / "serve.out").open("w") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1"],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env=environment,
        )
    address = f"http{'s' if '--certificate' in options else ''}://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 300
        while not _answers(address):
            assert server.poll() is None, (home / "serve.out").read_text()[-3000:]
            assert time.monotonic() < deadline, "Superset did not start in 300 s"
            time.sleep(0.3)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=90)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/login/", timeout=60, verify=False).status_code in (200, 302)
    except httpx.TransportError:
        return False
