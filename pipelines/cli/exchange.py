"""`nengtan exchange`: the host that customers and suppliers ask, its clients, and who was given what."""

from typing import TYPE_CHECKING

import click

from lake.errors import RegisterError
from pipelines.cli import common, exchange_partners
from pipelines.settings import Settings

if TYPE_CHECKING:
    from exchange.api.book import Party
    from exchange.register import Register


@click.group("exchange")
def command() -> None:
    r"""Exchange product footprints with customers and suppliers (PACT v3.0 and v2.3).

    \b
    Example:
      nengtan exchange client add car_maker
      nengtan exchange serve --port 8443
    """


for _one in (exchange_partners.ask, exchange_partners.deliver, exchange_partners.status):
    command.add_command(_one)


@command.command("serve")
@common.site_and_lake
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8443, show_default=True)
def serve(settings: Settings, host: str, port: int) -> int:
    r"""Answer customers and suppliers over TLS until Ctrl-C.

    \b
    Example:
      NENGTAN_EXCHANGE_CERTIFICATE=host.pem NENGTAN_EXCHANGE_KEY=host_key.pem nengtan exchange serve --host 0.0.0.0
    """
    common.show_progress()
    from pipelines import exchange

    return exchange.serve(settings, host, port)


@command.group("client")
def client() -> None:
    r"""Who may sign in at the host: customers of customers.csv, suppliers of suppliers.csv.

    \b
    Example:
      nengtan exchange client list
    """


@client.command("add")
@click.argument("party", metavar="CUSTOMER")
@common.site_option
def add(settings: Settings, party: str) -> None:
    r"""Let a customer, or a supplier, sign in; prints its id and its secret, this once.

    \b
    Example:
      nengtan exchange client add car_maker --site my_plant
    """
    from exchange.api import clients

    found = _party(settings, party)
    with _register(settings).writing() as connection:
        secret = clients.add(connection, found)
    _tell(found.client_id, secret)


@client.command("list")
@common.site_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def listed(settings: Settings, as_json: bool) -> None:
    r"""Show the clients and whose they are.

    \b
    Example:
      nengtan exchange client list --json
    """
    from dataclasses import asdict

    from exchange.api import clients
    from pipelines.exchange import policy_of

    lasts = policy_of(settings).secret
    with _register(settings).reading() as connection:
        found = clients.listed(connection)
    if as_json:
        common.print_json([{**asdict(one), "secret_ends_at": one.ends_at(lasts).isoformat()} for one in found])
        return
    for one in found:
        ends = f"secret of {one.rotated_at or one.made_at}, ends on {one.ends_at(lasts):%Y-%m-%d}"
        state = f"revoked {one.revoked_at}" if one.revoked_at else ends
        click.echo(f"{one.client_id}: {one.party_kind} {one.party_id}, {state}")


@client.command("rotate")
@click.argument("client_id", metavar="CLIENT")
@common.site_option
def rotate(settings: Settings, client_id: str) -> None:
    r"""Give a client a new secret and print it, this once; the old one and all tokens end.

    \b
    Example:
      nengtan exchange client rotate car_maker
    """
    from exchange.api import clients

    with _register(settings).writing() as connection:
        secret = clients.rotate(connection, client_id)
    _tell(client_id, secret)


@client.command("revoke")
@click.argument("client_id", metavar="CLIENT")
@common.site_option
def revoke(settings: Settings, client_id: str) -> None:
    r"""Close a client; its tokens end with the next request.

    \b
    Example:
      nengtan exchange client revoke car_maker
    """
    from exchange.api import clients

    with _register(settings).writing() as connection:
        clients.revoke(connection, client_id)
    click.echo(f"{client_id}: revoked")


@command.command("audit")
@common.site_option
@click.option("--of", "party", metavar="CUSTOMER", help="Of one customer or supplier only.")
@click.option("--most", type=int, default=100, show_default=True, help="So many of the latest lines.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def audit(settings: Settings, party: str | None, most: int, as_json: bool) -> int:
    r"""Show who asked for what and was given which footprints; 1 where a line was changed or taken out.

    \b
    Example:
      nengtan exchange audit --of car_maker --json
    """
    from exchange.api import accesses

    with _register(settings).reading() as connection:
        rows = [dict(row) for row in accesses.lines(connection, party, most)]
        broken = accesses.broken_at(connection)
    if as_json:
        common.print_json({"lines": rows, "broken_at": broken})
    else:
        for row in rows:
            who = row["party_id"] or "nobody known"
            click.echo(f"{row['at']} {who} ({row['address']}): {row['act']} {row['subject']} {row['status']}")
    if broken is not None:
        click.echo(f"line {broken} does not follow from those before it: the log was changed", err=True)
    return int(broken is not None)


def _party(settings: Settings, party_id: str) -> "Party":
    from exchange.api.book import Book

    found = Book(settings.site).named(party_id)
    if not found:
        raise RegisterError(
            f"{common.shown(settings)} has no active customer and no supplier {party_id!r}: write a row in "
            "customers.csv or suppliers.csv"
        )
    if len(found) > 1:
        raise RegisterError(f"{party_id!r} is a customer and a supplier: give one of them another id")
    return found[0]


def _register(settings: Settings) -> "Register":
    from exchange import register

    return register.opened(settings.marts)


def _tell(client_id: str, secret: str) -> None:
    click.echo(f"client_id      {client_id}\nclient_secret  {secret}  (shown this once)")
