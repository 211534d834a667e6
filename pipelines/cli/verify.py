"""`nengtan verify`: whether a verification pack holds, on a machine that has never seen the lake."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from pipelines.cli import common


@click.command("verify")
@click.argument("pack", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--public-key", help="Whose signature it has to be, in base64, as the owner told it.")
@click.option(
    "--head", "kept", type=click.Path(exists=True, path_type=Path), multiple=True, help="A head kept outside."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@common.debug
def command(pack: Path, public_key: str | None, kept: Sequence[Path], as_json: bool) -> int:
    r"""Check every hash, proof and figure of a verification pack, offline; 1 where something does not hold, and what.

    It runs this product's own verifier, not the copy that lies in the pack.

    \b
    Example:
      nengtan verify verification-pack-my_plant-2025.zip --public-key 4Nfm1E68... --head head-2025-12.json
    """
    from quality.pack import statements
    from quality.pack.verifier.command import told, verify

    verdict = verify(pack, public_key, list(kept), statements.own())
    if as_json:
        said = asdict(verdict)
        common.print_json({**said, "manifest": {**said["manifest"], "members": None}} if said["manifest"] else said)
    else:
        click.echo("\n".join(told(verdict, is_known=bool(public_key or kept))))
    return int(bool(verdict.faults))
