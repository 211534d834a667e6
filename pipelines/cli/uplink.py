"""`nengtan uplink`: tell platforms above what was published, and keep it until they acknowledge."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lake.errors import LakeError, UplinkError
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
    from exchange import uplink
    from lake import locks
    from pipelines.cli import sql

    is_left = False
    with locks.held(_place(settings) / "locks/uplink.lock", "the outbox"), closing(_outbox(settings)) as outbox:
        for spec in _specs(settings):
            with sql.marts(settings.marts_file) as connection:
                added = uplink.queue(outbox, spec, partial(_rows, connection))
            with uplink.client_of(spec) as client:
                sent, until = uplink.send(outbox, spec, client), time.monotonic() + wait
                while (due := outbox.next_at(spec.id)) is not None and time.monotonic() < until:
                    time.sleep(max(0.0, min(due - time.time(), until - time.monotonic(), 60)))
                    more = uplink.send(outbox, spec, client)
                    sent.acknowledged += more.acknowledged
                    sent.refused += more.refused
            is_left |= due is not None
            told = f"{added} queued, {sent.acknowledged} acknowledged, {sent.refused} refused"
            click.echo(f"{spec.id}: {told}{', some wait' if due is not None else ''}")
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
    from exchange.outbox import Outbox

    if not settings.marts.is_dir():
        raise LakeError(f"nothing is published at {settings.marts_file}; `nengtan run SITE` publishes")
    return Outbox(_place(settings) / "uplink.sqlite")


def _rows(connection: Any, query: str) -> list[Mapping[str, Any]]:  # noqa: ANN401 - a connection of the engine
    import duckdb

    try:
        answer = connection.execute(query)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    except duckdb.Error as cause:
        raise UplinkError(f"a query of uplinks.yaml is refused: {str(cause).strip().splitlines()[0]}") from cause
