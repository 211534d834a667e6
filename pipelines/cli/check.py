"""`nengtan check`: every fault of a site folder at once."""

import click

from factors import own_methods
from factors.load import load
from lake.site.declared import files
from lake.site.survey import survey
from pipelines import own_pages
from pipelines.cli import common
from pipelines.settings import Settings


@click.command("check")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print the faults as a JSON list.")
def command(settings: Settings, as_json: bool) -> int:
    r"""Check a site folder; each fault is file:line: column: what is wrong, what is allowed.

    \b
    Example:
      nengtan check my_plant
    """
    read = survey(settings.site, settings.environment)
    faults = [*read.faults, *own_methods.joined(load(), read.methods).faults, *own_pages.faults(settings.site)]
    if as_json:
        common.print_json([vars(fault) for fault in faults])
    else:
        for fault in faults:
            click.echo(str(fault))
    names = ["site.yaml", "sources.yaml", *(spec.file for spec in files().values())]
    present = sum((settings.site / name).is_file() for name in names)
    told = "no faults" if not faults else f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    click.echo(f"{common.shown(settings)}: {told} in {present} files.", err=True)
    return 1 if faults else 0
