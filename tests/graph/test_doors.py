"""The list of doors names every door there is: a new address, tool, command, report or mart needs a line."""

import ast
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from ruamel.yaml import YAML
from starlette.routing import Route

from exchange.api import app as exchange_app
from ingestion.portal import app as portal_app
from lake import doors as files
from lake import tenancy, vocabulary
from pipelines import reporting
from pipelines.cli import mcp
from pipelines.cli.main import COMMANDS
from scripts import doors_page, function_map, pages
from scripts.superset import specification

AGENTS = Path(mcp.__file__)


def _of_portal() -> set[str]:
    found = set()
    for route in portal_app.application(MagicMock()).routes:
        methods = (route.methods or set()) - {"HEAD"} if isinstance(route, Route) else {"GET"}
        found |= {f"{method} {getattr(route, 'path', '')}" for method in methods}
    return found


def _of_exchange() -> set[str]:
    made = exchange_app.described(MagicMock())
    told = {f"{method.upper()} {path}" for path, ways in made.openapi()["paths"].items() for method in ways}
    plain = {
        f"{method} {route.path}" for route in made.routes if isinstance(route, Route) for method in route.methods or ()
    }
    return {name for name in told | plain if not name.startswith("HEAD ")}


def _of_agents() -> set[str]:
    tree = ast.parse(AGENTS.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {one.name for one in functions if "server.tool()" in map(ast.unparse, one.decorator_list)}


def _listed(kind: str) -> set[str]:
    """The doors of a kind; `GET POST /x` is two."""
    found = set()
    for name in doors_page.names(kind):
        *methods, last = name.split(" ")
        found |= {f"{method} {last}" for method in methods} or {name}
    return found


@pytest.mark.parametrize(
    ("kind", "there", "least"),
    [
        ("portal", _of_portal, 50),
        ("exchange", _of_exchange, 8),
        ("agents", _of_agents, 4),
        ("commands", lambda: set(COMMANDS), 20),
        ("reports", lambda: set(reporting.KINDS), 5),
        ("files", lambda: {files.MARTS, files.SEALED}, 2),
    ],
)
def test_every_door_is_listed_and_none_that_is_not_there(kind, there, least):
    found = there()
    assert len(found) >= least
    assert _listed(kind) - found == set(), "listed and not there"
    assert found - _listed(kind) == set(), (
        "a new door: say in docs/security/doors.yaml whose rows it gives, and test it"
    )


def test_the_page_is_current_and_names_tests_that_are_there():
    assert doors_page.faults() == []
    assert pages.differing(doors_page) == []
    assert sum(len(door["tests"]) for door in doors_page.doors()) >= 25


def test_of_every_mart_it_is_known_whose_its_rows_are():
    owned = _owned()
    assert len(owned) >= 90
    for mart, has_owner in owned.items():
        assert has_owner or mart in tenancy.reasons(), f"{mart}: nobody's row; say in lake/tenancy.yaml who sees it"
    for mart in (*tenancy.reasons(), *tenancy.partners()):
        assert mart in owned, f"{mart}: is no mart"


def test_dashboards_give_by_the_same_rule():
    words = {tenancy.Rows.OWN: "organization", tenancy.Rows.EVERYBODY: "everyone", tenancy.Rows.NOBODY: "site"}
    datasets, owned = specification.read().datasets, _owned()
    assert len(datasets) >= 40
    for mart, settings in datasets.items():
        columns = [tenancy.OWNER] if owned[mart] else []
        assert settings["rows"] == words[tenancy.rule(mart, columns)], mart


def _owned() -> dict[str, bool]:
    """Every mart, and whether it says whose a row is; columns stand where a mart is described."""
    by_sql = {name: {column.name for column in mart.columns} for name, mart in vocabulary.marts().items()}
    by_python = {
        name: set(entry["columns"])
        for room in ("quality", "methods")
        for name, entry in YAML(typ="safe").load(doors_page.ROOT / room / "marts.yaml").items()
    }
    columns = by_sql | by_python
    return {mart: tenancy.OWNER in columns[mart] for mart in function_map.marts()}
