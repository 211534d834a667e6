"""Independent peers that are written for Node.js: a script of ours around a library of others."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration import peers

MODULES = Path(__file__).resolve().parents[2] / ".venv/node/node_modules"
SCRIPTS = Path(__file__).with_name("node")


class NodePeer:
    """A running script that talks in lines of JSON."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._heard.put(json.loads(line))

    def tell(self, **command: object) -> None:
        """Give it a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def until(self, event: str) -> dict[str, Any]:
        """Wait until it says so, passing over what it says before."""
        while True:
            said = self._heard.get(timeout=90)
            assert said["event"] not in ("failed", "error"), said
            if said["event"] == event:
                return said

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait(90)


@contextmanager
def node_peer(script: str, library: str, *arguments: str) -> Iterator[NodePeer]:
    """Run a script; the test is skipped where its library is not installed."""
    node = peers.program("node") if (MODULES / library).exists() else None
    if node is None:
        pytest.skip(f"the npm library {library} is not installed; scripts/node_peers.sh installs it")
    process = subprocess.Popen(
        [node, str(SCRIPTS / script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "NODE_PATH": str(MODULES)},
    )
    peer = NodePeer(process)
    try:
        yield peer
    finally:
        peer.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
