"""`nengtan verify`: whether a verification pack holds, on a machine that has never seen the lake."""

import zipfile
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

    It runs this product's own verifier, not the copy that lies in the pack, and compares the methods with its own.

    \b
    Example:
      nengtan verify verification-pack-my_plant-2025.zip --public-key 4Nfm1E68... --head head-2025-12.json
    """
    from pipelines.settings import ROOT
    from quality.pack import statements
    from quality.pack.verifier.command import told, verify

    verdict = verify(pack, public_key, list(kept), statements.own())
    others = statements.others(ROOT / "dbt_project", verdict, _texts(pack) if verdict.manifest else {})
    verdict.faults.extend(others or [])
    if as_json:
        said = asdict(verdict)
        common.print_json({**said, "manifest": {**said["manifest"], "members": None}} if said["manifest"] else said)
    else:
        if verdict.manifest and others is None:
            click.echo("its methods are those of another version of Nengtan: they were run, and not compared with ours")
        click.echo("\n".join(told(verdict, is_known=bool(public_key or kept))))
    return int(bool(verdict.faults))


def _texts(pack: Path) -> dict[str, str]:
    """Return the statements in the pack."""
    with zipfile.ZipFile(pack) as archive:
        names = [name for name in archive.namelist() if name.startswith("sql/")]
        return {name: archive.read(name).decode(errors="replace") for name in names}
