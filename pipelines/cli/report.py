"""`nengtan report`: a document, or a pack, about a year or a month of the published marts."""

from pathlib import Path

import click

from lake import periods
from pipelines import reporting
from pipelines.cli import common
from pipelines.settings import Settings


@click.command("report")
@click.argument("site_folder", metavar="SITE")
@click.argument("kind", metavar="KIND")
@click.argument("period", metavar="PERIOD")
@common.site_option
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; its ending says the type."
)
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), help="The language (default: the site's own).")
@click.option("--organization", metavar="ID", help="One legal entity; without it the whole site.")
@click.option("--product", metavar="ID", help="One product of a footprint report; without it all that there are.")
def command(  # noqa: PLR0913, PLR0917 - what can be asked for
    settings: Settings,
    kind: str,
    period: str,
    output: Path | None,
    language: str | None,
    organization: str | None,
    product: str | None,
) -> None:
    r"""Write a report about a year or a month, 2025 or 2025-06, from the published marts.

    KIND is emission-report, energy-statement, park-inventory or footprint-report, as docx, pdf or xlsx; or
    verification-pack, a zip.

    \b
    Example:
      nengtan report my_plant emission-report 2025 --output 2025.docx
      nengtan report my_plant energy-statement 2025-06 --organization my_plant --lang en --output june.pdf
      nengtan report my_plant footprint-report 2025 --product my_product --output footprint.docx
    """
    found = reporting.KINDS.get(kind)
    if found is None:
        raise click.UsageError(f"There is no report {kind!r}: write {_listed(list(reporting.KINDS))}.")
    try:
        asked = periods.period(period)
    except ValueError as cause:
        raise click.UsageError(f"{cause}.") from cause
    if product is not None and kind != "footprint-report":
        raise click.UsageError(f"--product is of a footprint-report: {kind} is about an organisation.")
    site, told = _site(settings)
    subject = product or organization or site
    named = output or Path(f"{kind}-{subject}-{asked.text}.{found.extensions[0]}")
    request = reporting.Asked(settings, kind, asked, organization, language or told, named, product)
    if request.extension not in found.extensions:
        raise click.UsageError(f"{named}: {kind} can be {_listed(list(found.extensions))}, by the ending of its file.")
    if not named.absolute().parent.is_dir():
        raise click.UsageError(f"{named}: there is no folder {named.parent} to write it to.")
    found.write(request)
    click.echo(f"{named}: {named.stat().st_size:,} bytes")


def _site(settings: Settings) -> tuple[str, str]:
    """Return the site's id and its language; raises LakeError where the lake is another site's."""
    from lake.errors import LakeError
    from lake.site.yaml_file import read_yaml
    from lake.store import Lake

    told = read_yaml(settings.site / "site.yaml").content
    site, owner = str(told.get("id")), Lake(settings.lake).site_id()
    if owner is None:
        raise LakeError(f"nothing is published in {settings.lake}: run `nengtan run {common.shown(settings)}` first")
    if owner != site:
        raise LakeError(f"{settings.lake} holds site {owner}, not {site}; --lake names another lake")
    return site, "en" if told.get("language") == "en" else "zh"


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
