"""Programs that are not ours: a missing one fails in CI and skips, with the reason, elsewhere."""

import importlib
import os
import shutil
import socket
import time
from types import ModuleType

import pytest


def program(name: str) -> str:
    """Return the path of an installed program."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        reason = f"{name} is not installed; scripts/system_packages.sh installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def library(name: str) -> ModuleType:
    """Return a module of an independent peer; the whole test file goes where it is missing."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        reason = f"{name} is not installed; it stands in locks/test.in"
        if os.environ.get("CI"):
            raise
        pytest.skip(reason, allow_module_level=True)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_for(port: int, seconds: float = 90) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"nobody listens on port {port}")
