"""`nengtan mcp`: read-only tools over the published marts for language-model agents, by the Model Context Protocol."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

T = TypeVar("T")
_SAID = (
    "The published marts of an energy and carbon management centre. Begin with list_marts, read describe_mart before a "
    "query; units are the last word of a column's name, tce_calorific and tce_equivalent are two conventions that are "
    "never added. What a number rests on: trace."
)


@click.command("mcp")
@common.lake
@click.option("--organization", metavar="ID", help="Only the rows of this legal entity and of those below it.")
def command(settings: Settings, organization: str | None) -> None:
    r"""Serve agents over standard input and output: list_marts, describe_mart, query, trace. Nothing can be changed.

    \b
    Example:
      nengtan mcp --organization cement
    """
    from exchange import agents

    agents.marts(settings.marts_file, organization)  # says at once what is missing
    server_of(settings, organization).run("stdio")


def server_of(settings: Settings, organization: str | None) -> "MCPServer":
    """Return the server with its tools; nothing is opened before one is called."""
    from mcp.server.mcpserver import MCPServer

    from exchange import agents

    file = settings.marts_file
    server = MCPServer("nengtan", instructions=_SAID)

    @server.tool()
    def list_marts() -> list[dict[str, Any]]:
        """List the published marts, each with what a row of it is."""
        return _clearly(lambda: agents.marts(file, organization))

    @server.tool()
    def describe_mart(mart: str) -> list[dict[str, Any]]:
        """Describe the columns of a mart (schema.table): type, meaning and unit."""
        return _clearly(lambda: agents.columns(file, organization, mart))

    @server.tool()
    def query(sql: str, most_rows: int = agents.MOST_ROWS) -> dict[str, Any]:
        """Answer one select statement of DuckDB's SQL on the marts, with at most 1000 rows."""
        return _clearly(
            _told(settings, organization, "query", sql, partial(agents.answer, file, organization, sql, most_rows))
        )

    @server.tool()
    def trace(mart: str, row: dict[str, str]) -> dict[str, Any]:
        """Show what one published number rests on: name its row by columns and values."""
        from lake import published
        from lake.store import Lake
        from quality.lineage import node, walk
        from quality.lineage.place import Place

        def walked() -> dict[str, Any]:
            agents.check_own(file, organization, mart, row)
            with published.opened(file) as marts:
                return dict(node.graph(walk.back(Place(Lake(settings.lake), marts), mart, row)))

        asked = " ".join([mart, *(f"{column}={value}" for column, value in row.items())])
        return _clearly(_told(settings, organization, "trace", asked, walked))

    return server


def _told(
    settings: Settings, organization: str | None, tool: str, asked: str, work: Callable[[], T]
) -> Callable[[], T]:
    """Return the work of a tool that hands out figures; the audit trail has its line before the answer goes out."""
    from lake.errors import NengtanError
    from lake.trail import own, person
    from lake.trail.act import DONE, READ, REFUSED, Act

    def note(outcome: str, count: int | None = None) -> None:
        act = Act("agents", READ, tool, person.name(), None, organization, asked, None, outcome, count)
        own.note(settings.marts, act)

    def done() -> T:
        try:
            found = work()
        except NengtanError:
            note(REFUSED)
            raise
        rows = found.get("rows") if isinstance(found, dict) else None
        note(DONE, len(rows) if rows is not None else None)
        return found

    return done


def _clearly(work: Callable[[], T]) -> T:
    """Do what a tool does; what is wrong with what was asked becomes the tool's own sentence."""
    from mcp.server.mcpserver.exceptions import ToolError

    from lake.errors import NengtanError

    try:
        return work()
    except NengtanError as trouble:
        raise ToolError(str(trouble)) from trouble
