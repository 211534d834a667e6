"""A release through runs: told beside the marts, a finding where a restatement parts from it, superseded, sealed."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.integration import exchange_pair
from tests.integration.exchange_pair import Instance

pytestmark = [pytest.mark.integration, pytest.mark.soak]

_RELEASES = "select version, status, footprint_kgco2e::varchar as kgco2e, differs from footprint.releases order by 1"
_FINDINGS = "select state from quality.findings where kind = 'released_footprint_differs'"


def asked(works: Instance, query: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(works.nengtan("sql", query, "--format", "csv").splitlines()))


def test_a_release_follows_the_runs_and_never_changes(tmp_path: Path) -> None:
    works = exchange_pair.pair(tmp_path).lime
    works.nengtan("run", str(works.site))
    assert asked(works, "select count(*) as releases from footprint.releases") == [{"releases": "0"}]
    assert works.tried("footprint", "release", "lime", "--period", "2025-01", "--person", "li").returncode == 1
    release = ("footprint", "release", "lime", "--period", "2025-01", "--person", "shen")
    works.nengtan(*release)

    assert works.told("run", str(works.site))["published"], "a release alone is news"
    first = {"version": "1", "status": "active", "kgco2e": "1100.000000", "differs": "false"}
    assert asked(works, _RELEASES) == [first]

    works.rewrite("factors.csv", (works.site / "factors.csv").read_text("utf-8").replace("1100", "1150"))
    works.nengtan("run", str(works.site))
    assert asked(works, _RELEASES) == [{**first, "differs": "true"}]
    assert asked(works, _FINDINGS) == [{"state": "open"}]

    works.nengtan(*release, "--reason", "another factor")
    works.nengtan("run", str(works.site))
    second = {"version": "2", "status": "active", "kgco2e": "1150.000000", "differs": "false"}
    assert asked(works, _RELEASES) == [{**first, "status": "deprecated"}, second]
    assert asked(works, _FINDINGS) == [{"state": "closed"}]
    assert "everything holds" in works.nengtan("evidence", "verify")
