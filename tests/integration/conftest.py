"""What several integration tests share: one published park, one Superset on it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.integration import chromium, reference_park, superset_server
from tests.integration.reference_park import Park
from tests.integration.superset_server import Superset


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; of one module, because its loop would stand in the way of other modules' own."""
    with chromium.running() as started:
        yield started


@pytest.fixture(scope="session")
def park(tmp_path_factory: pytest.TempPathFactory) -> Park:
    """The reference park with two months of history and the recorded day."""
    return reference_park.published(tmp_path_factory.mktemp("park"))


@pytest.fixture(scope="session")
def published_marts(request: pytest.FixtureRequest) -> Path:
    """The file that Superset reads: the reference park's, or the one that NENGTAN_TEST_MARTS names."""
    named = os.environ.get("NENGTAN_TEST_MARTS")
    return Path(named) if named else request.getfixturevalue("park").lake / "marts_bi.duckdb"


@pytest.fixture(scope="session")
def superset(published_marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """One server for every test of screens and rows: starting it is the dear part."""
    with superset_server.serving(published_marts, tmp_path_factory.mktemp("superset")) as server:
        yield server
