"""What every test may ask for."""

import os
from pathlib import Path

import pytest

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
