"""`nengtan exchange ask`, `deliver`, `status`: suppliers are asked, events go out, and how everything stands."""

from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.exchange_worker import Round


@click.command("ask")
@common.site_and_lake
@click.option("--supplier", help="One supplier of suppliers.csv; without it every one that has an address.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ask(settings: Settings, supplier: str | None, as_json: bool) -> int:
    r"""Ask suppliers for the footprints of what they deliver; their answers wait for review in the entry portal.

    Exits with 1 where a supplier could not be asked or an answer was refused.

    \b
    Example:
      nengtan exchange ask my_plant --supplier lime_works
    """
    from exchange.supplier_client import asking
    from lake.errors import SiteError
    from pipelines import exchange
    from pipelines.exchange_worker import Worker

    worker = Worker(settings, exchange.opened)
    found = {partner.id: asked for partner, asked in asking.ask(worker.place(), supplier)}
    if supplier is not None and supplier not in found:
        raise SiteError(
            f"{common.shown(settings)}: {supplier!r} has no pact_url in suppliers.csv, or no material with a"
            " product_identifier in supplier_materials.csv that is bought today"
        )
    done = worker.round()
    told = {
        name: {"states": asked.states, **vars(asked.taken), "faults": asked.faults} for name, asked in found.items()
    }
    if as_json:
        common.print_json({"suppliers": told, "handed_over": done.handed_over})
    else:
        for name, asked in found.items():
            counts = ", ".join(
                f"{count} {word.replace('_', ' ')}" for word, count in vars(asked.taken).items() if count
            )
            states = ", ".join(f"{product} {state}" for product, state in asked.states.items())
            click.echo(f"{name}: {states}{f'; footprints: {counts}' if counts else ''}")
            for fault in asked.faults:
                click.echo(f"{name}: {fault}", err=True)
        click.echo(f"{done.handed_over} answers were handed to the entry portal for review")
    return int(any(asked.faults or asked.taken.quarantined for asked in found.values()))


@click.command("deliver")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def deliver(settings: Settings, as_json: bool) -> int:
    r"""Go one round: handle what partners' events ask and bring, tell them what is news, post what is due.

    `nengtan exchange serve` goes such rounds all the time. Exits with 1 where something is left waiting.

    \b
    Example:
      nengtan exchange deliver my_plant
    """
    from pipelines import exchange
    from pipelines.exchange_worker import Worker

    done = Worker(settings, exchange.opened).round()
    if as_json:
        common.print_json(_told(done))
    else:
        click.echo(", ".join(f"{count} {word.replace('_', ' ')}" for word, count in _told(done).items()))
    return int(bool(done.sent.waiting or done.postponed))


def _told(done: "Round") -> dict[str, int]:
    counts = {name: count for name, count in vars(done).items() if isinstance(count, int)}
    return {**counts, **vars(done.sent)}


@click.command("status")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(settings: Settings, as_json: bool) -> None:
    r"""Show what was asked of suppliers, what they answered, and which events wait or were given up.

    \b
    Example:
      nengtan exchange status my_plant --json
    """
    from exchange import register
    from exchange.supplier_client import standing

    found = standing.of(register.opened(settings.marts))
    if as_json:
        common.print_json(found)
        return
    for line in standing.lines(found):
        click.echo(line)
