"""`nengtan periods`: close a month or a year by two persons, restate it, open it again."""

from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from lake.closing_acts import By, Place
    from lake.closings import Act

_PERSON = click.option("--person", required=True, help="Who acts, by people.csv; roles.csv has to allow it.")
_REASON = click.option("--reason", default="", help="Why; needed to restate and to reopen.")


@click.group("periods")
def command() -> None:
    r"""Closed periods: their declared figures change only by an approved restatement; docs/verification.md.

    \b
    Example:
      nengtan periods propose close --organization cement --period 2025-06 --person p01
      nengtan periods approve 3f2a90c1d4e5 --person p07
      nengtan periods list
    """


@command.command("list")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def listing(settings: Settings, as_json: bool) -> None:
    r"""Show what was proposed and decided.

    \b
    Example:
      nengtan periods list
    """
    from lake import closings
    from lake.store import Lake

    acts = closings.standing(Lake(settings.lake)).acts
    if as_json:
        common.print_json([_row(act) for act in acts])
        return
    for act in acts:
        click.echo(_line(act))
    if not acts:
        click.echo("nobody has proposed to close a period yet")


@command.command("propose")
@click.argument("act", type=click.Choice(["close", "restate", "reopen"]))
@common.site_and_lake
@click.option("--organization", required=True, help="The legal entity; those below it are meant, too.")
@click.option("--period", required=True, help="A month as 2025-06, or a year as 2025.")
@_PERSON
@_REASON
def propose(settings: Settings, act: str, organization: str, period: str, person: str, reason: str) -> None:  # noqa: PLR0913, PLR0917 -- as click passes them
    r"""Propose it; somebody else approves.

    \b
    Example:
      nengtan periods propose restate --organization cement --period 2025-06 \\
          --person p01 --reason "late data of the belt"
    """
    from lake import closing_acts

    place = _place(settings)
    _check(place, person, "close", organization)
    if act != "close" and not reason:
        raise click.UsageError(f"To {act} needs a --reason.")
    click.echo(_line(closing_acts.propose(place, act, organization, period, _by(person, reason))))


@command.command("approve")
@click.argument("closing_id", metavar="ID")
@common.site_and_lake
@_PERSON
@_REASON
def approve(settings: Settings, closing_id: str, person: str, reason: str) -> None:
    r"""Approve a proposal: what is published has to be what was proposed.

    \b
    Example:
      nengtan periods approve 3f2a90c1d4e5 --person p07
    """
    _decide(settings, closing_id, "approved", _by(person, reason))


@command.command("refuse")
@click.argument("closing_id", metavar="ID")
@common.site_and_lake
@_PERSON
@click.option("--reason", required=True, help="Why not.")
def refuse(settings: Settings, closing_id: str, person: str, reason: str) -> None:
    r"""Refuse a proposal.

    \b
    Example:
      nengtan periods refuse 3f2a90c1d4e5 --person p07 --reason "the belt was weighed again"
    """
    _decide(settings, closing_id, "refused", _by(person, reason))


def _decide(settings: Settings, closing_id: str, step: str, by: "By") -> None:
    from lake import closing_acts, closings

    place = _place(settings)
    act = closing_acts.found(closings.standing(place.lake), closing_id)
    _check(place, by.person_id, "approve", str(act.proposal["organization_id"]))
    click.echo(_line(closing_acts.decide(place, closing_id, step, by)))


def _place(settings: Settings) -> "Place":
    from lake.closing_acts import Place
    from lake.site.load import read_site
    from lake.store import Lake

    return Place(Lake(settings.lake), settings.marts_file, read_site(settings.site, settings.environment))


def _by(person: str, reason: str) -> "By":
    from lake.closing_acts import By

    return By(person, reason, "command")


def _check(place: "Place", person: str, role: str, organization: str) -> None:
    """Raise LakeError where roles.csv does not allow it today."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from ingestion.portal.rights import rights
    from lake.errors import LakeError

    today = datetime.now(UTC).astimezone(ZoneInfo(place.site.settings.timezone)).date()
    if not rights(place.site, person, today).may(role, organization):
        raise LakeError(f"{person} may not {role} in {organization}; roles.csv says who may")


def _row(act: "Act") -> dict[str, object]:
    told, decision = act.proposal, act.decision or {}
    names = ("closing_id", "act", "organization_id", "period", "publication_number", "published_at", "figures_hash")
    return {
        **{name: told[name] for name in names},
        "state": act.state,
        **{"proposed_by": told["person_id"], "proposed_at": told["at"], "reason": told["reason"]},
        **{"decided_by": decision.get("person_id"), "decided_at": decision.get("at")},
        "decision_reason": decision.get("reason"),
        "head_number": (decision or told)["head_number"],
    }


def _line(act: "Act") -> str:
    told, decision = act.proposal, act.decision
    by = f" by {decision['person_id']} on {decision['at']:%Y-%m-%d %H:%M} UTC" if decision else ""
    what = f"{act.closing_id}: {told['act']} {told['period']} of {told['organization_id']}"
    on = f"publication {told['publication_number']}, figures {told['figures_hash'][:16]}"
    return f"{what}, proposed by {told['person_id']}, {act.state}{by}; {on}"
