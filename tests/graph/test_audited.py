"""Every command and every page says whether the audit trail has to tell of it; a new one that does not fails here."""

from collections.abc import Iterator
from pathlib import Path

import click
from starlette.routing import Route

from ingestion.portal import app, reading
from ingestion.portal.database import Database
from ingestion.portal.web import Portal
from pipelines.cli import audited
from pipelines.cli.main import cli

CLASSES = (audited.CHANGES, audited.READS, audited.SERVES, audited.RUNS, audited.NEITHER)


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from leaves(found, f"{name} {below}".strip())
    else:
        yield name, command


def test_each_command_is_told_or_left_out_on_purpose() -> None:
    commands = dict(leaves(cli))
    named = [name for names in CLASSES for name in names]
    assert len(commands) >= 50
    assert sorted(named) == sorted(commands), "a command stands in one class of pipelines/cli/audited.py"
    without = [
        name
        for names in CLASSES[:-1]
        for name in names
        if "lake_folder" not in {option.name for option in commands[name].params}
    ]
    assert without == [], "what is told needs the lake that the trail lies beside"


def test_each_page_of_the_portal_is_told_or_shows_nothing_declared(tmp_path: Path) -> None:
    portal = Portal(None, Database(tmp_path / "portal.sqlite"), str(tmp_path), tmp_path / "marts.duckdb")  # type: ignore[arg-type]
    routes = [route for route in app.application(portal).routes if isinstance(route, Route)]
    looked = {route.path for route in routes if "GET" in (route.methods or ())}
    assert len(looked) >= 40
    assert looked == {*reading.DECLARED, *reading.NOTHING_DECLARED}
    assert not reading.DECLARED.keys() & set(reading.NOTHING_DECLARED)
