"""Whether the command line takes a command that a page tells: its command, options and choices are there."""

import re
from collections.abc import Sequence

import click

from pipelines.cli.main import cli

#: A word that stands for another: SITE, <lake>, [--organization ID], client add/list, 'COLUMN=VALUE...', T1.
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]*|.*[\[\]<>…].*|\.\.\.|[A-Z]+=[A-Z]+\.*")


def fault(words: Sequence[str], *, is_whole: bool) -> str | None:
    """Return what is wrong with the words after `nengtan`; what is not whole (in a sentence) may lack arguments."""
    command: click.Command = cli
    context, rest = click.Context(cli, info_name="nengtan"), list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        names = rest[0].split("/")
        found = [command.get_command(context, name) for name in names]
        if None in found:
            return f"there is no command {rest[0]!r} below {context.command_path!r}"
        if len(names) > 1:
            return None
        command = found[0]  # type: ignore[assignment]
        context, rest = click.Context(command, info_name=names[0], parent=context), rest[1:]
    if isinstance(command, click.Group):
        return None if not is_whole or rest else f"{context.command_path!r} wants one of its commands"
    try:
        return _options(command, context, rest, is_whole=is_whole)
    except click.UsageError as wrong:
        lone = not is_whole and isinstance(wrong, click.BadOptionUsage)  # an option is named, not used
        return None if lone else wrong.format_message()


def _options(command: click.Command, context: click.Context, rest: list[str], *, is_whole: bool) -> str | None:
    plain = [word.strip("[]") for word in rest if word not in ("[", "]")]
    given, left, _ = command.make_parser(context).parse_args(plain)
    if left:
        return f"{left} is more than {context.command_path!r} takes"
    for parameter in command.get_params(context):
        value = given.get(parameter.name)
        if isinstance(value, str) and isinstance(parameter.type, click.Choice) and not PLACEHOLDER.fullmatch(value):
            wrong = [one for one in value.split("/") if one not in parameter.type.choices]
            if wrong:
                return f"{wrong[0]!r} is none of {', '.join(map(str, parameter.type.choices))}"
        # what was not given is a mark of click's own
        is_missing = not value or not isinstance(value, (str, tuple, list))
        if is_whole and parameter.required and is_missing:
            return f"{parameter.human_readable_name} is missing"
    return None
