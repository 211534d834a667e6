"""The page of the command line, from the commands themselves."""

import textwrap
from collections.abc import Iterator

import click

from pipelines.cli.main import COMMANDS, cli

_WORDS = {
    "zh": {
        "title": "命令行参考",
        "head": "本页由命令本身生成；命令的说明为英文，与 `nengtan COMMAND --help` 相同。"
        "状态码：0 正常，1 有发现或失败，2 用法有误。",
        "option": "选项或参数",
        "meaning": "说明",
        "example": "示例",
    },
    "en": {
        "title": "Command line",
        "head": "Written from the commands themselves, as `nengtan COMMAND --help` tells. Status: 0 is fine, "
        "1 a finding or failure, 2 wrong usage.",
        "option": "option or argument",
        "meaning": "meaning",
        "example": "Example",
    },
}


def pages(language: str) -> dict[str, str]:
    """Return the page by its place on the site."""
    words, context = _WORDS[language], click.Context(cli, info_name="nengtan")
    lines = [f"# {words['title']}", "", words["head"], "", f"| {words['option']} | {words['meaning']} |", "|---|---|"]
    commands = [(name, cli.get_command(context, name)) for name in COMMANDS]
    lines += [
        f"| [`{name}`](#nengtan-{name}) | {_cell(one.get_short_help_str(200))} |" for name, one in commands if one
    ]
    for name, one in commands:
        if one:
            lines += ["", *_command(one, click.Context(one, info_name=name, parent=context), 2, words)]
    return {"reference/cli.md": "\n".join(lines) + "\n"}


def every() -> Iterator[tuple[str, click.Command]]:
    """Yield every command and group by the words that call it, without `nengtan`."""

    def below(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield words, command
        for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
            yield from below(f"{words} {name}", inner)

    context = click.Context(cli, info_name="nengtan")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command:
            yield from below(name, command)


def _command(command: click.Command, context: click.Context, depth: int, words: dict[str, str]) -> Iterator[str]:
    yield f"{'#' * depth} {context.command_path}"
    yield ""
    yield from ["```text", context.command_path + " " + " ".join(command.collect_usage_pieces(context)), "```", ""]
    said, _, example = (command.help or "").partition("\b")
    yield from [_text(said), ""]
    if example.strip():
        shown = [line for line in example.splitlines() if line.strip() not in ("", "Example:")]
        yield from ["```sh", *textwrap.dedent("\n".join(shown)).splitlines(), "```", ""]
    records = [record for parameter in command.get_params(context) if (record := _record(parameter, context))]
    if records:
        yield from [f"| {words['option']} | {words['meaning']} |", "|---|---|"]
        yield from (f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in records)
        yield ""
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _command(inner, click.Context(inner, info_name=name, parent=context), depth + 1, words)


def _record(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    record = parameter.get_help_record(context)
    return record if record and "--help" not in record[0] else None


def _text(said: str) -> str:
    return "\n".join(line.strip() for line in said.strip().splitlines()).replace("<", "&lt;").replace("*", r"\*")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")
