"""The dashboard pages that a site brings along, in `SITE/dashboards`: checked before anything is drawn."""

import json
import subprocess
import sys
from pathlib import Path

from lake.errors import NengtanError
from lake.site.fault import Fault
from pipelines.settings import ROOT

FOLDER = "dashboards"


def faults(site: Path) -> list[Fault]:
    """Return every fault of a site's own pages, by file and line; what may be drawn is known beside the dashboards."""
    folder = site / FOLDER
    if not folder.is_dir():
        return []
    command = [sys.executable, "-m", "scripts.superset.own", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        told = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NengtanError(f"the pages of {folder} could not be checked: {told}")
    return [Fault(**fault) for fault in json.loads(done.stdout)]


def refuse_faults(site: Path) -> None:
    """Raise one error that names the first fault of the site's own pages, and how many more there are."""
    found = faults(site)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise NengtanError(f"{found[0]}{more}; `nengtan check` names every fault")
