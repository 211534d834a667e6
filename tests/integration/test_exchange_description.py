"""The host's own description, tried by Schemathesis: what it allows is answered as it says, what it forbids is refused.

Left out is the check that whatever the description allows is taken: it cannot tell that a link is one of ours, that an
event's source is its sender's address, and that a filter is a statement.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from exchange.api.policy import Policy
from tests.integration import exchange_site
from tests.integration.exchange_site import CLINKER, Running, credentials

pytestmark = pytest.mark.integration
SEED = "20251118"
NO_LIMIT = Policy(requests_per_minute=10_000_000, most_failures=10_000_000)


def tried(host: Running, folder: Path, *how: str) -> int:
    """Try the running host and return how many requests were made; what it does wrong fails the test."""
    basic = httpx.Headers(credentials("buyer-client", host.secrets["buyer-client"])["headers"])["authorization"]
    (folder / "schemathesis.toml").write_text(
        f'tls-verify = "{host.certificate}"\nheaders = {{ Authorization = "Bearer {host.token("buyer-client")}" }}\n'
        f'[parameters]\n"path.record_id" = "{CLINKER.record_id}"\n'
        f'[[operations]]\ninclude-path = "/auth/token"\nheaders = {{ Authorization = "{basic}" }}\n',
        encoding="utf-8",
    )
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        *(str(program), "--config-file", str(folder / "schemathesis.toml"), "run", f"{host.address}/openapi.json"),
        *("--seed", SEED, "--generation-database", "none", "--no-color", "--tls-verify", str(host.certificate)),
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance", *how),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) generated", done.stdout)
    assert found, done.stdout
    with host.kept.reading() as connection:
        statuses = {row[0]: row[1] for row in connection.execute("select status, count(*) from access group by status")}
    assert not [status for status in statuses if status >= 500], statuses
    assert {200, 400, 401} <= set(statuses), "both what is right and what is wrong was tried"
    return int(found[1])


def test_the_host_does_what_its_description_says(tmp_path: Path) -> None:
    """What v2 has beside v3 is tried at length, and by tests of its own."""
    how = ("--phases", "coverage,fuzzing", "--max-examples", "10", "--exclude-path-regex", "^/2/")
    with exchange_site.running(tmp_path / "host", NO_LIMIT) as host:
        assert tried(host, tmp_path, *how) >= 300


@pytest.mark.soak
def test_the_host_does_what_its_description_says_at_length(tmp_path: Path) -> None:
    with exchange_site.running(tmp_path / "host", NO_LIMIT) as host:
        assert tried(host, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "500") >= 3000


def test_the_description_is_whole(tmp_path: Path) -> None:
    """Each action has its forms of answers and of errors, and nothing is named that is not described."""
    with exchange_site.running(tmp_path) as host:
        told = host.browser().get("/openapi.json").json()
    actions = {(path, method): action for path, found in told["paths"].items() for method, action in found.items()}
    assert {path for path, _ in actions} == {
        *(f"/{version}/{what}" for version in (3, 2) for what in ("footprints", "footprints/{record_id}", "events")),
        *("/auth/token", "/.well-known/openid-configuration"),
    }
    for (path, _), action in actions.items():
        assert {"200", "400"} <= set(action["responses"]) or path.endswith("{record_id}")
        assert "422" not in action["responses"]
        assert action["summary"]
        if path[1] in "23":
            assert action["security"] == [{"ClientCredentials": []}]
            assert {"401", "429", "500"} <= set(action["responses"])
    schemas = told["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert named == set(schemas)
    assert {"id", "pcf", "productIds"} <= set(schemas["ProductFootprintV3"]["required"])
    assert {"productCategoryCpc", "version"} <= set(schemas["ProductFootprintV2"]["required"])
