"""Secrets of the environment are repeated by no command and no server, and left in no file, register or backup."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.store import Lake
from pipelines.cli.main import cli, status_of
from pipelines.settings import ROOT
from tests.integration import planted_secrets, portal_site
from tests.integration.planted_secrets import SECRETS, found_in, left_behind

pytestmark = pytest.mark.integration
#: They serve until they are stopped, ask on their input, or take long: the long proof has those that matter.
LONG = ("serve", "exchange serve", "mcp", "collect", "run", "restate", "init")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("NENGTAN_EXCHANGE_ADDRESS", "https://127.0.0.1:1")
    return SECRETS


@pytest.fixture
def away() -> Iterator[int]:
    """A port of this machine that nobody listens on, and nobody else can take meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


def _leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for below in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), below)
            assert found is not None
            yield from _leaves(found, f"{name} {below}".strip())
    else:
        yield name, command


def _arguments(command: click.Command, site: Path, lake: Path) -> Iterator[str]:
    """Something for whatever a command needs, the site and lake with the secrets where it takes them."""
    given = {"site_folder": str(site), "lake_folder": str(lake), "site": str(site)}
    for parameter in command.params:
        wanted = parameter.required or parameter.name in given or parameter.name == "debug"
        if not wanted or (parameter.name == "site" and "site_folder" in {one.name for one in command.params}):
            continue
        value = given.get(str(parameter.name), "2025-01")
        if isinstance(parameter.type, click.Choice):
            value = str(parameter.type.choices[0])
        if parameter.nargs == -1:
            continue
        if isinstance(parameter, click.Option):
            yield parameter.opts[0]
        if not (isinstance(parameter, click.Option) and parameter.is_flag):
            yield value


def test_no_command_repeats_a_secret(tmp_path: Path, environment, away, capfd, monkeypatch) -> None:
    """Each command with something for whatever it needs; what they connect to is away."""
    site, lake, said = planted_secrets.site(tmp_path / "site", away), tmp_path / "lake", dict[str, str]()
    monkeypatch.chdir(tmp_path)
    assert status_of(["check", str(site)]) == 0, capfd.readouterr().out
    Lake(str(lake)).claim("plant")
    duckdb.connect(str(lake / "marts.duckdb")).close()
    for name, command in _leaves(cli):
        if name in LONG or name.startswith("bench"):
            continue
        status_of([*name.split(), *_arguments(command, site, lake), "--debug"][: 99 if _has_debug(command) else -1])
        told = capfd.readouterr()
        said[name] = told.out + told.err
        assert found_in(said[name]) == set(), name
    assert len(said) >= 40
    assert "some wait" in said["uplink send"]
    assert "is away" in said["exchange ask"], "what connects did"
    kept, count = left_behind(lake, site)
    assert kept == {}
    assert count >= 8


def test_the_look_sees_what_is_there(tmp_path: Path) -> None:
    """In a compressed table, a database and a text, as each spells it; a look that is blind proves nothing."""
    secret = SECRETS["REST_BEARER"]
    pq.write_table(pa.table({"said": [f"no way to {secret}"]}), tmp_path / "table.parquet", compression="zstd")
    with sqlite3.connect(tmp_path / "register.sqlite") as register:
        register.execute("create table message as select ? as told", [json.dumps({"token": secret})])
    register.close()
    (tmp_path / "log.txt").write_text(f"{secret!r}\n", encoding="utf-8")
    (tmp_path / "clean.json").write_text("{}", encoding="utf-8")
    kept, count = left_behind(tmp_path)
    assert set(kept) == {"table.parquet", "register.sqlite", "log.txt"}
    assert count == 4


def _has_debug(command: click.Command) -> bool:
    return "--debug" in {opt for parameter in command.params for opt in parameter.opts}


@pytest.mark.soak
def test_a_broken_connection_is_told_by_each_form_of_the_log_without_its_secret(
    tmp_path: Path, environment, away
) -> None:
    """The portal as a program, in the form for programs: its provider is away, and its settings cannot hold."""
    site, lake, port = planted_secrets.site(tmp_path / "site", away), tmp_path / "lake", portal_site._free_port()
    log = (tmp_path / "portal.log").open("w", encoding="utf-8")
    places = {"NENGTAN_SITE": str(site), "NENGTAN_LAKE": str(lake), "NENGTAN_LOG": "json"}
    command = [sys.executable, "-m", "pipelines.portal", "--port", str(port)]
    with log, subprocess.Popen(command, cwd=ROOT, env={**os.environ, **places}, stdout=log, stderr=log) as portal:
        try:
            answer = _asked(f"http://127.0.0.1:{port}/login/begin", portal)
            assert answer.status_code in (303, 502, 503), answer.text
            assert found_in(answer.text) == set()
        finally:
            portal.terminate()
            portal.wait(60)
    said = (tmp_path / "portal.log").read_text("utf-8")
    assert re.search(r"account admin, password \S+", said), said
    assert found_in(said) == set()
    assert left_behind(lake)[0] == {}


def _asked(address: str, process: "subprocess.Popen[bytes]") -> httpx.Response:
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None
        assert time.monotonic() < deadline
        try:
            return httpx.get(address, timeout=60)
        except httpx.TransportError:
            time.sleep(0.2)


@pytest.mark.soak
def test_no_run_server_or_backup_keeps_a_secret(tmp_path: Path, environment, away) -> None:
    """A run whose sources and platform are away, the orchestrator's state, a backup and what it restores."""
    site, lake = planted_secrets.site(tmp_path / "site", away), tmp_path / "lake"
    spaces = {**os.environ, "NENGTAN_SITE": str(site), "NENGTAN_LAKE": str(lake), "NENGTAN_LOG": "json"}

    def nengtan(*arguments: str) -> str:
        command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=spaces, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    said = nengtan("run", "--debug")
    said += nengtan("collect", "--for", "20")
    for command in ("uplink send", "uplink status", "alerts send", "exchange ask", "exchange status", "health"):
        said += nengtan(*command.split(), "--debug")
    said += nengtan("backup", str(tmp_path / "backup"))
    said += nengtan(
        "restore", str(tmp_path / "backup"), "--lake", str(tmp_path / "again"), "--site", str(tmp_path / "s")
    )
    assert '"process": "run"' in said
    assert found_in(said) == set()
    kept, count = left_behind(lake, site, tmp_path / "backup", tmp_path / "again")
    assert kept == {}
    assert count >= 200
    assert (lake / "build/dagster").is_dir(), "what the orchestrator remembers was looked into"
