"""`nengtan footprint`: release the footprint of a product, withdraw one, write one as a partner's format."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from exchange.footprints.releases import Place, Released

PROFILES = ("pact-v3", "pact-v2", "catenax")
_PERSON = click.option("--person", required=True, help="Who acts, by people.csv; roles.csv has to let them approve.")


@click.group("footprint")
def command() -> None:
    r"""Footprints of products that were released to partners: each stays as it was; docs/footprint_exchange.md.

    \b
    Example:
      nengtan footprint release my_product --period 2025 --person p01
      nengtan footprint list
      nengtan footprint export 0b7c9f0e-58a3-4d5e-9a55-3a1f0d4a7c11 --as pact-v3
    """


@command.command("list")
@common.site_and_lake
@click.option("--product", help="One product.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def listing(settings: Settings, product: str | None, as_json: bool) -> None:
    r"""Show what was released, superseded and withdrawn.

    \b
    Example:
      nengtan footprint list --product my_product
    """
    from exchange.footprints import releases
    from lake.store import Lake

    known = [one for one in releases.rows(Lake(settings.lake)) if product in {None, one.product_id}]
    if as_json:
        common.print_json([_row(one) for one in known])
        return
    for one in known:
        click.echo(_line(one))
    if not known:
        click.echo("no footprint was released")


@command.command("release")
@click.argument("product", metavar="PRODUCT")
@common.site_option
@click.option("--period", required=True, help="A year as 2025, or a month as 2025-06.")
@click.option("--organization", help="The legal entity, where several make the product.")
@click.option("--valid-to", metavar="DATE", help="First day on which it no longer holds (default: after three years).")
@click.option("--reason", default="", help="Words to it; needed where the product has a release already.")
@_PERSON
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def release(  # noqa: PLR0913, PLR0917 -- as click passes them
    settings: Settings,
    product: str,
    period: str,
    organization: str | None,
    valid_to: str | None,
    reason: str,
    person: str,
    as_json: bool,
) -> None:
    r"""Release the published footprint of a product; the release before becomes deprecated.

    \b
    Example:
      nengtan footprint release po425 --period 2025 --person p01 --reason "supplier data of the year"
    """
    from exchange.footprints import releases
    from lake.closing_acts import By

    place = _place(settings)
    asked = releases.Asked(product, period, organization, _day(place, valid_to))
    _check(place, person, releases.organization_of(place, asked))
    one = releases.release(place, asked, By(person, reason, "command"))
    if as_json:
        common.print_json(_row(one))
        return
    click.echo(_line(one))
    for version, fault in _not_told(one):
        click.echo(f"  not for partners who read PACT {version}: {fault}")


@command.command("withdraw")
@click.argument("record_id", metavar="RECORD")
@common.site_option
@_PERSON
@click.option("--reason", required=True, help="Why; partners are told.")
def withdraw(settings: Settings, record_id: str, person: str, reason: str) -> None:
    r"""Take a release back; it stays on record with the reason, and nobody is given it any more.

    \b
    Example:
      nengtan footprint withdraw 0b7c9f0e-58a3-4d5e-9a55-3a1f0d4a7c11 --person p01 --reason "wrong allocation"
    """
    from exchange.footprints import releases
    from lake.closing_acts import By

    place = _place(settings)
    _check(place, person, releases.found(releases.rows(place.lake), record_id).organization_id)
    click.echo(_line(releases.withdraw(place, record_id, By(person, reason, "command"))))


@command.command("export")
@click.argument("record_id", metavar="RECORD")
@common.site_option
@click.option("--as", "profile", type=click.Choice(PROFILES), default=PROFILES[0], help="The format.")
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="en", help="The language of its texts.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="The file (default: print it).")
def export(settings: Settings, record_id: str, profile: str, language: str, output: Path | None) -> None:
    r"""Write a release in a partner's format; catenax has the shape of the aspect model and was never interop-tested.

    \b
    Example:
      nengtan footprint export 0b7c9f0e-58a3-4d5e-9a55-3a1f0d4a7c11 --as pact-v2 --output po425.json
    """
    from exchange.footprints import catenax, profiles, releases
    from lake.store import Lake

    record = releases.found(releases.rows(Lake(settings.lake)), record_id).record
    if profile == "catenax":
        document = catenax.written(record, language)
    else:
        document = profiles.written(record, int(profile[-1]), language)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    output.write_text(f"{text}\n", "utf-8")
    click.echo(f"{output}: {output.stat().st_size:,} bytes")


@command.command("cbam")
@click.argument("installation", metavar="INSTALLATION")
@common.site_option
@click.option("--period", required=True, help="A year as 2026, or a month as 2026-03.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A .json or .xlsx file (default: print)."
)
def cbam(settings: Settings, installation: str, period: str, output: Path | None) -> None:
    r"""Write what an importer asks an operator for under CBAM; the structure is ours, not the official file.

    \b
    Example:
      nengtan footprint cbam cement_works --period 2025 --output cement_works.xlsx
    """
    from exchange.footprints import cbam as reckoned
    from exchange.footprints import cbam_site, cbam_workbook

    if output and output.suffix not in {".json", ".xlsx"}:
        raise click.UsageError(f"{output}: write .json or .xlsx, by the ending of the file.")
    place = _place(settings)
    found = cbam_site.report(place.site, place.marts, installation, period)
    text = json.dumps(reckoned.document(found), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    output.write_bytes(cbam_workbook.written(found) if output.suffix == ".xlsx" else f"{text}\n".encode())
    click.echo(f"{output}: {output.stat().st_size:,} bytes")


def _place(settings: Settings) -> "Place":
    from exchange.footprints.releases import Place
    from lake.site.load import read_site
    from lake.store import Lake

    return Place(Lake(settings.lake), settings.marts_file, read_site(settings.site, settings.environment))


def _check(place: "Place", person: str, organization: str) -> None:
    """Raise FootprintError where roles.csv does not let somebody approve there today."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from ingestion.portal.rights import rights
    from lake.errors import FootprintError

    today = datetime.now(UTC).astimezone(ZoneInfo(place.site.settings.timezone)).date()
    if not rights(place.site, person, today).may("approve", organization):
        raise FootprintError(f"{person} may not approve in {organization}; roles.csv says who may")


def _day(place: "Place", text: str | None) -> "datetime | None":
    from datetime import date
    from zoneinfo import ZoneInfo

    from lake.periods import day_start

    if text is None:
        return None
    try:
        return day_start(date.fromisoformat(text), ZoneInfo(place.site.settings.timezone))
    except ValueError as cause:
        raise click.UsageError(f"--valid-to {text!r} is no day: write 2028-01-01.") from cause


def _not_told(one: "Released") -> "list[tuple[int, str]]":
    from exchange.footprints import profiles

    return [(version, fault) for version in (3, 2) for fault in profiles.faults(one.record, version)]


def _row(one: "Released") -> dict[str, object]:
    record = one.record
    named = ("organization_id", "product_id", "period", "status", "is_current", "released_at", "released_by", "reason")
    return {
        **{"record_id": record.record_id, "version": record.version},
        **{name: getattr(one, name) for name in named},
        "footprint_kgco2e": record.figures.footprint,
        **{"declared_amount": record.product.amount, "declared_unit": record.product.unit},
        **{"preceding": record.preceding, "superseded_by": one.superseded_by},
        **{name: getattr(one, name) for name in ("withdrawn_at", "withdrawn_by", "withdrawal_reason")},
        **{"valid_to": record.valid_to, "publication_number": one.publication_number, "content_hash": one.content_hash},
    }


def _line(one: "Released") -> str:
    record = one.record
    figure = f"{record.figures.footprint:f} kgCO2e per {record.product.amount.normalize():f} {record.product.unit}"
    what = f"{record.record_id}: {one.product_id} of {one.organization_id}, {one.period}, version {record.version}"
    by = f"released by {one.released_by} on {one.released_at:%Y-%m-%d %H:%M} UTC"
    back = f", withdrawn by {one.withdrawn_by}: {one.withdrawal_reason}" if one.withdrawn_at else ""
    return f"{what}, {figure}, {one.status}, {by}{back}"
