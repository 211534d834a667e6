"""Nothing calls out: the telemetry of every library is off, and no page or package is fetched while the product runs.

The run of `test_upgrade.py` is watched, too.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from pipelines.settings import ROOT
from tests.integration import calls_out
from tests.integration.small_plant import planted
from tests.integration.superset_server import bi_python

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not calls_out.is_watchable(), reason="strace is not here, or may not watch"),
]
_CALLS = """
import socket
for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "127.0.0.1")):
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        for port in (443, 53):
            try:
                one.connect((address, port))
            except OSError:
                pass
"""


def test_a_call_is_seen(tmp_path: Path) -> None:
    trail = tmp_path / "calls"
    subprocess.run(calls_out.watched([sys.executable, "-c", _CALLS], trail), check=True)
    seen = calls_out.beyond_loopback(trail)
    assert [sum(address in line for line in seen) for address in ("192.0.2.1", "2001:db8::1", "127.0.0.1")] == [2, 2, 1]


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_servers_call_nobody(tmp_path: Path) -> None:
    bi_python()
    plant = planted(tmp_path)
    plant.run()
    trail, ports = tmp_path / "calls", {"orchestrator": 43117, "dashboards": 43118}
    words = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    command = calls_out.watched(plant.command("serve", str(plant.site), *words), trail)
    env = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name and "TRACK" not in name}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            for port, path in ((ports["orchestrator"], "/server_info"), (ports["dashboards"], "/login/")):
                assert _answer(f"http://127.0.0.1:{port}{path}", server, tmp_path / "log") == 200
            time.sleep(30)  # the daemon of the schedules has looked around, whatever reports has reported
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(120)
    assert calls_out.beyond_loopback(trail) == []
    assert trail.stat().st_size > 0


def _answer(address: str, server: subprocess.Popen[bytes], log: Path) -> int:
    ends = time.monotonic() + 600
    while time.monotonic() < ends and server.poll() is None:
        try:
            return httpx.get(address, timeout=60).status_code
        except httpx.TransportError:
            time.sleep(1)
    pytest.fail(log.read_text("utf-8")[-2000:])
