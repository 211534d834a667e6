"""`nengtan uplink`: tell platforms above what was published, and keep it until they acknowledge."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lake.errors import UplinkError
from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from exchange.outbox import Outbox
    from lake.site.load import UplinkSpec


@click.group("uplink")
def command() -> None:
    r"""Messages to platforms above: queued from published marts, sent until they are acknowledged.

    \b
    Example:
      nengtan uplink send my_plant
      nengtan uplink status my_plant
    """


@command.command("send")
@common.site_and_lake
@click.option(
    "--wait", type=float, default=0, metavar="SECONDS", help="Go on sending for so long, or until none waits."
)
def send(settings: Settings, wait: float) -> int:
    r"""Queue what is news in the published marts and send what is due; 1 where something is left waiting.

    \b
    Example:
      nengtan uplink send my_plant --wait 600
    """
    from exchange import rounds

    is_left = False
    for name, told in rounds.told(_place(settings), _specs(settings), wait):
        is_left |= told.is_left
        counts = f"{told.queued} queued, {told.acknowledged} acknowledged, {told.refused} refused"
        click.echo(f"{name}: {counts}{', some wait' if told.is_left else ''}")
    return int(is_left)


@command.command("status")
@common.site_and_lake
def status(settings: Settings) -> None:
    r"""Show how each uplink stands.

    \b
    Example:
      nengtan uplink status my_plant
    """
    with closing(_outbox(settings)) as outbox:
        for spec in _specs(settings):
            found = outbox.standing(spec.id)
            counts = ", ".join(f"{count} {state}" for state, count in sorted(found.counts.items())) or "nothing yet"
            oldest = f"; oldest since {found.oldest_waiting_at}" if found.oldest_waiting_at else ""
            click.echo(
                f"{spec.id}: {counts}{oldest}{f'; last answer: {found.last_answer}' if found.last_answer else ''}"
            )


@command.command("again")
@click.argument("name", metavar="UPLINK")
@common.site_option
def again(settings: Settings, name: str) -> None:
    r"""Let the messages that an uplink refused be sent again, after their fault was mended.

    \b
    Example:
      nengtan uplink again province --site my_plant
    """
    from lake import locks

    if name not in {spec.id for spec in _specs(settings)}:
        raise UplinkError(f"there is no uplink {name!r} in uplinks.yaml")
    with locks.held(_place(settings) / "locks/uplink.lock", "the outbox"), closing(_outbox(settings)) as outbox:
        click.echo(f"{name}: {outbox.again(name)} wait again")


def _specs(settings: Settings) -> "Sequence[UplinkSpec]":
    from lake.site.load import read_site

    found = list(read_site(settings.site, settings.environment).uplinks.values())
    if not found:
        raise UplinkError(f"{common.shown(settings)} has no uplinks.yaml; docs/uplink.md shows one")
    return found


def _place(settings: Settings) -> Path:
    """Return the folder beside the published marts, which is local even where the lake is not."""
    return settings.marts


def _outbox(settings: Settings) -> "Outbox":
    from exchange import rounds

    return rounds.opened(_place(settings))
