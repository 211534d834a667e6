"""`nengtan sql`: read-only queries on the published marts."""

import sys
from functools import partial
from pathlib import Path

import click

from pipelines.cli import common
from pipelines.settings import Settings

_FORMATS = ("table", "csv", "json", "parquet")


@click.command("sql")
@click.argument("query", required=False)
@common.lake
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write here and not to the screen.")
def command(settings: Settings, query: str | None, form: str, output: Path | None) -> None:
    r"""Ask the published marts, read only; without QUERY a prompt opens.

    \b
    Example:
      nengtan sql --format csv "select month, sum(cost_cny) from energy.consumption_monthly group by month"
    """
    if query is None and not sys.stdin.isatty():
        query = sys.stdin.read()
    if query is None:
        _prompt(settings)
    elif query.strip():
        answer(settings, query, form, output)
    else:
        raise click.UsageError('The query is empty: give one, as in `nengtan sql "select 1"`.')


def answer(settings: Settings, query: str, form: str, output: Path | None = None) -> None:
    """Run the statements of a query and write the answer of the last one."""
    from lake import published
    from pipelines.cli import answers

    with published.opened(settings.marts_file) as connection:
        answers.write(connection, query, form, output)


def _prompt(settings: Settings) -> None:
    """Read queries until the end of input; each sees the newest publication."""
    import readline  # noqa: F401 - gives the prompt its history and editing

    from pipelines.cli import answers

    click.echo(f"Marts of {settings.marts_file}. End a query with ; and leave with \\q or Ctrl-D.", err=True)
    lines: list[str] = []
    while True:
        try:
            line = input("nengtan> " if not lines else "    ...> ")
        except EOFError:
            click.echo(err=True)
            return
        except KeyboardInterrupt:
            click.echo(err=True)
            lines = []
            continue
        if not lines and line.strip() in ("\\q", "exit", "quit"):
            return
        lines.append(line)
        if line.rstrip().endswith(";"):
            answers.tell(partial(answer, settings, "\n".join(lines), "table"))
            lines = []
