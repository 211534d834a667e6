"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# A shared machine is slow at times, not wrong. The suite tries the same examples every time, so that what it says is of
# the change at hand; the long proofs look for new ones.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("soak", deadline=None, suppress_health_check=[HealthCheck.too_slow])

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
    "tests/integration/test_cookbook.py",
    "tests/integration/test_documented_commands.py",
    "tests/integration/test_energy_flow.py",
    "tests/integration/test_recommendations.py",
    "tests/integration/test_reports.py",
    "tests/integration/test_screens.py",
    "tests/integration/test_superset_rows.py",
    "tests/integration/test_superset_sign_in.py",
    "tests/integration/test_trace.py",
    "tests/integration/test_verification_pack_park.py",
    "tests/integration/test_trace_clicks.py",
    "tests/integration/test_backup_park.py",
    "tests/integration/test_park_product_system.py",
    "tests/integration/test_park_releases.py",
    "tests/integration/test_footprint_park.py",
    "tests/integration/test_own_rows.py",
)


class ByFile(LoadFileScheduling):
    """Gives each file to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return "park" if nodeid.startswith(SHARING) else super()._split_scope(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """Choose how examples are found before any test is imported."""
    settings.load_profile("soak" if config.getoption("markexpr") == "soak" else "suite")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Where several workers share the suite, files are what they share."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files, so that no worker waits for the other at the end."""
    for item in items:
        looks = {"park", "published_marts"}.intersection(getattr(item, "fixturenames", ()))
        if looks and not item.get_closest_marker("soak") and not item.nodeid.startswith(SHARING):
            raise pytest.UsageError(f"{item.nodeid} looks at the published park: name its file in SHARING")
    items.sort(key=lambda item: (not item.nodeid.startswith(SHARING), "/integration/" not in item.nodeid))
