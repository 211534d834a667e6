"""The command line: `nengtan`. Errors are one sentence on stderr; 0 is fine, 1 a finding or failure, 2 wrong usage."""

import gc
import importlib
import logging
import sys
import traceback
from collections.abc import Sequence

import click

from lake import logs
from lake.errors import NengtanError
from pipelines import settings
from pipelines.cli import common

#: Each command is the module of its name in this room; a module is imported when its command is used.
COMMANDS = (
    *("init", "check", "run", "collect", "sources", "serve", "sql", "trace", "restate", "evidence", "periods"),
    *("report", "verify", "factors", "method", "migrate", "uplink", "footprint", "exchange", "alerts", "mcp"),
    *("bench", "backup", "restore", "retain", "health", "portal", "audit"),
)
#: So many new objects before the first look for garbage: our libraries make a million that stay, and looking is a tenth
#: of what importing them costs.
_RARELY = 50_000


class _Commands(click.Group):
    """Finds a command in its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"pipelines.cli.{cmd_name}").command
        return common.keep_lines(command)


@common.keep_lines
@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nengtan", prog_name="nengtan")
def cli() -> None:
    r"""能碳 Nengtan: from meters to declared energy and carbon figures.

    \b
    Example:
      nengtan init my_plant && nengtan run my_plant
      nengtan sql "select * from energy.consumption_monthly"
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status."""
    gc.set_threshold(_RARELY)
    sys.exit(status_of(list(sys.argv[1:] if arguments is None else arguments)))


def status_of(arguments: list[str]) -> int:
    """Run a command and return its exit status; an error is one sentence on stderr."""
    try:
        context = cli.make_context("nengtan", arguments)
        with context:
            status = cli.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as cause:
        cause.show()
        return cause.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("nengtan: stopped.", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as cause:  # noqa: BLE001 - the last door: whatever goes wrong becomes one sentence
        return _told(cause, arguments)
    return status if isinstance(status, int) else 0


def _told(cause: Exception, arguments: list[str]) -> int:
    """Say what went wrong, without the secrets that it may repeat."""
    if isinstance(cause, NengtanError):
        sentence = str(cause)
    elif isinstance(cause, OSError) and cause.filename:
        sentence = f"{cause.filename}: {(cause.strerror or str(cause)).lower()}"
    else:
        first = str(cause).strip().splitlines()[0] if str(cause).strip() else "no message"
        sentence = f"internal error, {type(cause).__name__}: {first}; --debug shows where"
    with_traceback = "--debug" in arguments
    if _is_for_programs():
        logs.start(arguments[0] if arguments else "nengtan", logs.JSON)
        logging.getLogger("nengtan").error("%s", sentence, exc_info=cause if with_traceback else None)
        return 1
    if with_traceback:
        click.echo(logs.mask("".join(traceback.format_exception(cause))), err=True, nl=False)
    click.echo(f"nengtan: {logs.mask(sentence)}", err=True)
    return 1


def _is_for_programs() -> bool:
    try:
        return settings.log_form() == logs.JSON
    except NengtanError:  # that is what is being told
        return False


if __name__ == "__main__":
    main()
