"""What the commands share: options, one-sentence errors, progress on stderr."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from lake import logs
from lake.errors import NengtanError
from pipelines.cli import audited
from pipelines.settings import Settings, log_form, read_settings

_Command = Callable[..., Any]
_Help = TypeVar("_Help", bound=click.Command)


def site_and_lake(command: _Command) -> _Command:
    """Give a command SITE, --site, --lake and --debug; it receives `settings`."""
    return click.argument("site_folder", metavar="[SITE]", required=False)(site_option(command))


def site_option(command: _Command) -> _Command:
    """Give a command --site, --lake and --debug; it receives `settings`."""
    named = click.option("--site", help="The site folder (default NENGTAN_SITE, else the reference park).")
    return named(lake(command, needs_site=True))


def lake(command: _Command, *, needs_site: bool = False) -> _Command:
    """Give a command --lake and --debug; it receives `settings`."""
    place = click.option("--lake", "lake_folder", help="The lake (default NENGTAN_LAKE, else ./lake).")

    def with_settings(*, lake_folder: str | None, **options: Any) -> Any:  # noqa: ANN401 - click passes what it has
        folder, named = options.pop("site_folder", None), options.pop("site", None)
        settings = read_settings(folder or named, lake_folder)
        logs.hide(settings.environment, settings.site)
        if needs_site and not settings.site.is_dir():
            raise click.UsageError(f"There is no site folder at {settings.site}: `nengtan init DIR` writes one.")
        return audited.told(settings, lambda: _naming_damage(settings, lambda: command(settings=settings, **options)))

    with_settings.__name__, with_settings.__doc__ = command.__name__, command.__doc__
    with_settings.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    return place(debug(with_settings))


def _naming_damage(settings: Settings, command: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the command returns
    """Run a command; where files of the lake that cannot be read are behind what went wrong, or a full disk, say so."""
    try:
        return command()
    except (NengtanError, click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as cause:
        from lake import damage, room

        explained = room.explained(settings.lake, str(cause)) or damage.explained(settings.lake)
        if explained is None:
            raise
        raise explained from cause


def debug(command: _Command) -> _Command:
    """Give a command --debug: errors come with their traceback."""

    def remember(context: click.Context, _option: click.Parameter, value: bool) -> None:
        if value:
            context.find_root().meta["debug"] = True

    return click.option(
        "--debug", is_flag=True, expose_value=False, callback=remember, help="Show the traceback of an error."
    )(command)


def keep_lines(command: _Help) -> _Help:
    r"""Let the help keep the lines of its example: in raw docstrings click's mark is spelt out as `\b`."""
    command.help = (command.help or "").replace(r"\b", "\b")
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        keep_lines(below)
    return command


def show_progress() -> None:
    """Print what the rooms say about long work."""
    context = click.get_current_context(silent=True)
    name = context.command_path.partition(" ")[2] if context else ""
    logs.start(name or "nengtan", log_form(), level=logging.INFO, has_clock=True)


def print_json(value: object) -> None:
    """Print one JSON value."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def instant(settings: Settings, option: str, text: str) -> datetime:
    """Return the instant in the past that a text names; without an offset it is the site's local time."""
    from lake.site.load import read_site

    try:
        at = datetime.fromisoformat(text)
    except ValueError as cause:
        raise click.UsageError(
            f"{option} {text!r} is no time: write 2025-05-01T08:00 or 2025-05-01T08:00+08:00."
        ) from cause
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(read_site(settings.site, settings.environment).settings.timezone))
    if at > datetime.now(UTC):
        raise click.UsageError(f"{option} {text}: that is in the future; nobody knows yet what will be known.")
    return at.astimezone(UTC)


def shown(settings: Settings) -> str:
    """Name the site folder the way the user would."""
    from pathlib import Path

    try:
        return str(settings.site.relative_to(Path.cwd())) or "."
    except ValueError:
        return str(settings.site)
