"""Which commands change something and which read declared figures: both are told to the audit trail.

A read is told before it is answered and goes on where the trail cannot be written, with a warning: who may read the
marts' file can open it without us. A change is told when it ended, and how.
"""

from collections.abc import Callable
from typing import Any

import click

from lake.errors import LakeError, NengtanError
from lake.trail import own, person
from lake.trail.act import CHANGE, DONE, FAILED, READ, Act
from pipelines.settings import Settings

#: What writes to the lake, the site's files or a register, or begins to serve others.
CHANGES = (
    *("periods propose", "periods approve", "periods refuse", "factors adopt", "factors import", "evidence stamp"),
    *("footprint release", "footprint withdraw", "exchange ask", "exchange client add", "exchange client rotate"),
    *("exchange client revoke", "uplink again", "restore", "retain", "portal rescue"),
)
#: What hands declared figures out: to the screen, to a file, to somebody else.
READS = (
    *("sql", "trace", "restate", "report", "periods list", "factors impact", "footprint list", "footprint export"),
    *("footprint cbam", "exchange deliver", "exchange audit", "uplink send", "alerts send", "backup", "audit"),
)
#: What runs until it is stopped and answers others; each answer is told by its own door.
SERVES = ("serve", "exchange serve", "mcp", "collect")
#: A run tells by its steps what it changed; where it fails, that it was tried.
RUNS = ("run",)
#: What reads no declared figure and changes nothing of a lake.
NEITHER = (
    *("init", "check", "sources", "evidence head", "evidence verify", "verify", "factors list", "factors show"),
    *("factors diff", "method", "migrate myems", "uplink status", "exchange status", "exchange client list"),
    *("alerts status", "bench footprint", "bench speed", "bench faults", "bench ingest", "bench query", "health"),
)
#: Options that say where and how, not what.
_UNTOLD = {"site", "site_folder", "lake_folder", "debug", "as_json", "as_text"}
_SECRET = ("secret", "password", "token", "url")


def told(settings: Settings, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what a command returns
    """Do the work of the command that click is at, and tell the audit trail of it where it belongs there."""
    context = click.get_current_context(silent=True)
    name = context.command_path.partition(" ")[2] if context else ""
    asked = context.params if context else {}
    if name in READS or name in SERVES:
        _tell_first(settings, name, asked)
        return work()
    if name not in CHANGES and name not in RUNS:
        return work()
    try:
        status = work()
    except (NengtanError, OSError):
        _note(settings, name, CHANGE, asked, FAILED)
        raise
    is_fine = not isinstance(status, int) or status == 0
    if name in CHANGES or not is_fine:
        _note(settings, name, CHANGE, asked, DONE if is_fine else FAILED)
    return status


def _tell_first(settings: Settings, name: str, asked: dict[str, Any]) -> None:
    try:
        _note(settings, name, READ if name in READS else CHANGE, asked, DONE)
    except LakeError as trouble:
        click.echo(f"nengtan: {trouble}; what is read now stands in no trail", err=True)


def _note(settings: Settings, name: str, effect: str, asked: dict[str, Any], outcome: str) -> None:
    """Add the line; a folder that holds no lake has no trail either."""
    if not (settings.marts / "lake.json").exists() and not (settings.marts / own.FILE).exists():
        return
    given = {
        option: value for option, value in asked.items() if option not in _UNTOLD and value not in (None, False, ())
    }
    said = " ".join(f"{option}={_shown(option, value)}" for option, value in given.items())
    organization = given.get("organization")
    whose = organization if isinstance(organization, str) else None
    own.note(
        settings.marts,
        Act("command_line", effect, name, person.name(), organization_id=whose, subject=said or None, outcome=outcome),
    )


def _shown(option: str, value: object) -> str:
    return "***" if any(word in option for word in _SECRET) else str(value)
