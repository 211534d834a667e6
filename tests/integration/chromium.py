"""The browser that pages are looked at with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "build/screens"
CHROMIUM = Path("/usr/bin/chromium")
#: Nothing that calls home, and nothing that a container does not have.
FLAGS = [
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def running() -> Iterator[Browser]:
    """Start the browser; skip where it is missing, and fail in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: scripts/system_packages.sh installs it")
        pytest.skip("chromium is missing: scripts/system_packages.sh installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()
