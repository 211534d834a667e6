"""The page for the newcomer, followed to the letter: its files, its commands, and what it says that they print."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from pipelines.cli.main import status_of
from pipelines.settings import ROOT
from scripts.superset import facts, generate, specification
from tests import doc_page
from tests.integration.superset_server import Session, free_port

pytestmark = pytest.mark.integration
PAGE = doc_page.blocks(ROOT / "docs/first_site.md")
#: What the short way leaves to the long one: environments, and servers.
LONG = re.compile(r"make setup|\. \.venv|nengtan (--version|serve)")
MINUTES = 15


def test_both_editions_show_the_same_files_and_commands() -> None:
    assert len([block for block in PAGE if block.path]) >= 11
    assert sum(len(block.commands) for block in PAGE) >= 11
    assert doc_page.blocks(ROOT / "docs/zh/first_site.md") == PAGE


def test_a_newcomer_comes_to_a_site_a_price_and_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    doc_page.write_files(PAGE, tmp_path)
    printed, compared = "", 0
    for block in PAGE:
        for command in block.commands:
            if not LONG.match(command):
                assert status_of(shlex.split(command)[1:]) == 0, capfd.readouterr().err[-3000:]
                printed = capfd.readouterr().out
        if block.kind == "text":
            assert block.body in printed
            compared += 1
    assert compared == 3
    # the last command was the trace: it came down to both readings of the day, and to the printed factor
    assert printed.count("    reading grid_import@") == printed.count("holds=True") == 2
    assert "factor_confidence=verified" in printed

    marts = tmp_path / "my_lake/marts_bi.duckdb"
    wanted = specification.read(own=tmp_path / "my_first/dashboards")
    files = generate.assets(wanted, facts.read(marts, wanted), marts)
    for language in ("zh", "en"):
        page = files[f"dashboards/my_meter-{language}.yaml"]
        assert {"CHART-day_energy", "CHART-day_cost", "CHART-my_hours"} <= set(page["position"])
    assert "'col': 'carrier'" in str(files["charts/my_hours-zh.yaml"]["query_context"]).replace('"', "'")


@pytest.mark.soak
def test_the_whole_way_from_a_fresh_clone_takes_less_than_a_quarter_of_an_hour(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    began = time.monotonic()
    doc_page.write_files(PAGE, clone)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("NENGTAN_", "VIRTUAL_ENV"))}
    *commands, serving = [command for block in PAGE for command in block.commands]
    script = "set -euo pipefail\n" + "\n".join(commands)
    done = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert [block.body for block in PAGE if block.kind == "text" and block.body not in done.stdout] == []
    assert "no answer" not in done.stdout
    ports = {name: free_port() for name in ("orchestrator", "dashboards")}
    options = " ".join(f"--{name}-port {port}" for name, port in ports.items())
    script = f". .venv/pipeline/bin/activate && exec {serving} {options}"
    with (tmp_path / "serve.out").open("w") as output:
        server = subprocess.Popen(["bash", "-c", script], cwd=clone, env=environment, stdout=output, stderr=output)
        try:
            _looks_at_the_page(f"http://127.0.0.1:{ports['dashboards']}", tmp_path / "serve.out", server)
            seconds = time.monotonic() - began
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
    print(f"the newcomer's way: {seconds:.0f} s")  # noqa: T201 - the figure of docs/proofs.md
    assert seconds < 60 * MINUTES
    shutil.rmtree(clone)


def _looks_at_the_page(address: str, output: Path, server: "subprocess.Popen[bytes]") -> None:
    """Sign in as the administrator whose password was printed and open the newcomer's page."""
    until = time.monotonic() + 240
    while not _answers(address):
        assert server.poll() is None, output.read_text()[-3000:]
        assert time.monotonic() < until
        time.sleep(0.5)
    user, password = re.findall(r"^  (\S+)\s+(\S+)$", output.read_text().split("First passwords")[1], re.MULTILINE)[0]
    session = Session(address, user, password)
    assert session.get("/superset/dashboard/my_meter-en/").status_code == 200
    charts = session.get("/api/v1/dashboard/my_meter-en/charts").json()["result"]
    assert "Latest day, hour by hour" in [chart["slice_name"] for chart in charts]
    session.client.close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/login/", timeout=60).status_code == 200
    except httpx.TransportError:
        return False
