"""`nengtan portal`: what is done at the machine of the entry portal, where no page helps any more."""

import click

from lake.errors import NengtanError
from pipelines.cli import common
from pipelines.settings import Settings


@click.group("portal")
def command() -> None:
    r"""Keep the entry portal at its own machine.

    \b
    Example:
      nengtan portal rescue admin --reason "phone lost, ticket 17"
    """


@command.command("rescue")
@click.argument("person")
@common.site_option
@click.option("--reason", required=True, help="Why, for the audit log.")
def rescue(settings: Settings, person: str, reason: str) -> None:
    r"""Let somebody in again who lost password, phone and recovery codes; prints a new first password, once.

    The account's second factor and sessions end, its locks too; both are chosen anew at the next sign-in.
    Whoever may do this owns the machine: the audit log tells its user and the reason.

    \b
    Example:
      nengtan portal rescue admin --site my_plant --reason "the phone was lost, ticket 17"
    """
    import getpass

    from ingestion.portal import accounts, audit, second_factor
    from ingestion.portal.database import Database

    path = settings.portal_home / "portal.sqlite"
    if not path.is_file():
        raise NengtanError(f"there is no entry portal at {settings.portal_home}; `nengtan serve` opens one")
    with Database(path).writing() as connection:
        known = connection.execute("select person_id from accounts order by person_id").fetchall()
        if person not in {row["person_id"] for row in known}:
            raise NengtanError(
                f"{person!r} has no account, there are: {', '.join(row['person_id'] for row in known) or 'none'}"
            )
        second_factor.remove(connection, person)
        password = accounts.create(connection, person)
        who = audit.Who(f"operator {getpass.getuser()}", "this machine")
        audit.note(connection, who, "account_rescued", audit.About(person, reason))
    click.echo(f"account {person}, password {password} (shown this once; change it at sign-in)")
