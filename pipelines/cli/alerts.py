"""`nengtan alerts`: what is beyond its limit, and whether people were told."""

from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from lake.site.load import Site


@click.group("alerts")
def command() -> None:
    r"""Notices of alerts: sent after each publication, and by hand; docs/alerts.md.

    \b
    Example:
      nengtan alerts send my_plant
      nengtan alerts status my_plant
    """


@command.command("send")
@common.site_and_lake
@click.option("--wait", type=float, default=0, metavar="SECONDS", help="Go on for so long, or until none waits.")
def send(settings: Settings, wait: float) -> int:
    r"""Queue what is news in the published alerts and send what is due; 1 where something is left waiting.

    \b
    Example:
      nengtan alerts send my_plant --wait 600
    """
    from exchange import channels

    found = channels.told(settings.marts, _site(settings), wait)
    for name, sent in found.items():
        left = ", some wait" if sent.is_left else ""
        click.echo(f"{name}: {sent.queued} queued, {sent.delivered} delivered, {sent.failed} failed{left}")
    return int(any(sent.is_left for sent in found.values()))


@command.command("status")
@common.site_and_lake
def status(settings: Settings) -> None:
    r"""Show how each channel stands.

    \b
    Example:
      nengtan alerts status my_plant
    """
    from exchange import channels

    for found in channels.standings(settings.marts, _site(settings)):
        counts = ", ".join(f"{count} {state}" for state, count in sorted(found.counts.items())) or "nothing yet"
        oldest = f"; oldest since {found.oldest_waiting_at}" if found.oldest_waiting_at else ""
        answer = f"; last answer: {found.last_answer}" if found.last_answer else ""
        click.echo(f"{found.uplink}: {counts}{oldest}{answer}")


def _site(settings: Settings) -> "Site":
    from lake.errors import SiteError
    from lake.site.load import read_site

    site = read_site(settings.site, settings.environment)
    if not site.channels:
        raise SiteError(f"{common.shown(settings)} has no notices.yaml; docs/alerts.md shows one")
    return site
