"""The portal's addresses for programs: their description is whole, and every answer is one that it tells.

Schemathesis tries them. Left out are the checks that what the description allows is taken and what it forbids refused
(it cannot tell which organisations, months and revisions there are, and a form's fields that nobody knows are passed
over), and that of the methods of an address: one that takes two has a route for each, and names the first.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from starlette.routing import Route

from ingestion.portal import description
from tests.integration import portal_site
from tests.integration.portal_site import Portal

pytestmark = pytest.mark.integration
SEED = "20251118"
SHEET = "/api/sheets/{kind}/{organization}/{month}"


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("programs")
    site, lake = portal_site.new(folder)
    with portal_site.opened(site, lake, folder / "home", {}) as (running, application):
        told = {
            (path, method.upper())
            for path, actions in description.openapi()["paths"].items()
            for method in actions
            if method != "parameters"
        }
        asked = {
            (re.sub(r":path\}", "}", route.path), method)
            for route in application.routes
            if isinstance(route, Route) and route.path.startswith("/api/")
            for method in (route.methods or set()) - {"HEAD"}
        }
        assert told == asked, "each address for programs is described, and nothing else"
        assert len(told) >= 8
        yield running


def tried(portal: Portal, folder: Path, *how: str) -> int:
    """Try the addresses as somebody who may enter and approve; return how many requests were made."""
    li = portal.signed_in("li")
    li.get("/")
    told = deepcopy(description.openapi())
    parameters = {one["name"]: one["schema"] for one in told["paths"][SHEET]["parameters"]}
    parameters["organization"]["enum"] = ["mill", "steel"]
    parameters["month"] |= {"enum": ["2025-01", "2025-02", "2025-13", "2031-01"]}
    form = told["paths"][SHEET]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    form["properties"]["csrf"]["const"] = li.csrf
    form["properties"]["step"]["enum"] = [
        "save",
        "submit",
        "withdraw",
        "correct",
        "approve",
        "explain:1",
        "give:1",
        "\0",
    ]
    form["properties"]["revision"]["enum"] = ["", "1.1", "1.2", "2.1", "x"]
    (folder / "openapi.json").write_text(json.dumps(told), encoding="utf-8")
    cookies = "; ".join(f"{name}={value}" for name, value in li.client.cookies.items())
    (folder / "schemathesis.toml").write_text(f"headers = {{ Cookie = {json.dumps(cookies)} }}\n", encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        *(str(program), "--config-file", str(folder / "schemathesis.toml"), "run", str(folder / "openapi.json")),
        *("--url", portal.address, "--seed", SEED, "--generation-database", "none", "--no-color"),
        *("--checks", "all", "--exclude-checks"),
        *("positive_data_acceptance,negative_data_rejection,allow_header_conformance", *how),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) generated", done.stdout)
    assert found, done.stdout
    return int(found[1])


def test_the_portal_answers_programs_as_it_says(portal: Portal, tmp_path: Path) -> None:
    assert tried(portal, tmp_path, "--phases", "coverage") >= 100


@pytest.mark.soak
def test_the_portal_answers_programs_as_it_says_at_length(portal: Portal, tmp_path: Path) -> None:
    assert tried(portal, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "150") >= 1000


def test_an_address_with_an_end_of_line_is_answered_as_told(portal: Portal) -> None:
    answer = portal.client().get("/api/handles/88.1%0A/x")
    assert (answer.status_code, answer.json()["error"]) == (404, "absent")


def test_a_sheet_that_cannot_be_submitted_tells_a_program_why(portal: Portal) -> None:
    li = portal.signed_in("li")
    li.get("/")
    sent = {"csrf": li.csrf, "step": "submit", "revision": "", "r1.quantity": "many"}
    answer = li.client.post("/api/sheets/production/mill/2024-03", data=sent)
    assert answer.status_code == 422
    told = answer.json()
    assert told["error"] == "has_faults"
    assert {"quantity", "unit"} <= {fault["column"] for fault in told["faults"]}
