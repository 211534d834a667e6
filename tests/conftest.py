"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

settings.register_profile("house", deadline=None)  # a shared machine is slow at times, not wrong
settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of public data sets: NENGTAN_DATASETS, or a folder `datasets` in a neighbour of the repository."""
    named = os.environ.get("NENGTAN_DATASETS")
    candidates = [Path(named)] if named else sorted(ROOT.parent.glob("*/datasets"))
    for folder in candidates:
        if (folder / "uci_steel").is_dir():
            return folder
    pytest.skip("the public data sets are not here: name their folder with NENGTAN_DATASETS")


#: These look at one published park, which is dear to make: they share a worker, and are begun first.
SHARING = (
    "tests/integration/test_reference_park.py",
    "tests/integration/test_screens.py",
    "tests/integration/test_superset_rows.py",
)


class ByFile(LoadFileScheduling):
    """Gives each file to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return "park" if nodeid.startswith(SHARING) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Where several workers share the suite, files are what they share."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files, so that no worker waits for the other at the end."""
    items.sort(key=lambda item: (not item.nodeid.startswith(SHARING), "/integration/" not in item.nodeid))
