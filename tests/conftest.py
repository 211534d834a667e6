"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
