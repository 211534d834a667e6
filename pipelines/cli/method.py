"""`nengtan method`: tries a method package on its own tests and shows its card."""

from pathlib import Path

import click

from lake.own.card import card
from lake.own.read import read
from pipelines.cli import common


@click.command("method")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the faults as a JSON list.")
@common.debug
def command(folder: Path, *, as_json: bool) -> int:
    r"""Try a method package: read it, run its tests, print its method card. A site names its folder in site.yaml.

    \b
    Example:
      nengtan method examples/own_method > CARD.md
    """
    found = read(folder, folder.name)
    package, faults = found.package, found.faults
    if as_json:
        common.print_json([vars(fault) for fault in faults])
    elif package is not None:
        click.echo(card(package), nl=False)
    for fault in faults if not as_json else ():
        click.echo(str(fault))
    told = f"{len(package.cases)} tests passed" if package else f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    click.echo(f"{folder.name}: {told}.", err=True)
    return 0 if package else 1
