"""`nengtan evidence`: whether what lies in the lake is what was sealed, and the head to keep outside of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lake.errors import LakeError
from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from lake.store import Lake
    from quality.evidence.chain import Head
    from quality.evidence.fault import Reread
    from quality.evidence.verification import Verdict


@click.group("evidence")
def command() -> None:
    r"""The evidence chain: every run seals what has landed, in a log whose heads are signed.

    \b
    Example:
      nengtan evidence head --output head-2025-12.json
      nengtan evidence verify --head head-2025-12.json
    """


@command.command("head")
@common.lake
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it there instead of printing it."
)
def head(settings: Settings, output: Path | None) -> int:
    r"""Print the head that holds now: who keeps it elsewhere can prove later that nothing before it was written anew.

    \b
    Example:
      nengtan evidence head --output head-2025-12.json
    """
    from lake.store import Lake
    from quality.evidence import chain

    found = chain.heads(Lake(settings.lake))
    if not found:
        raise LakeError(f"{settings.lake}: nothing was sealed in it yet; run the site first")
    text = json.dumps(chain.exported(found[-1]), ensure_ascii=False, indent=1)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)
    return 0


@command.command("verify")
@common.site_and_lake
@click.option(
    "--head", "kept", type=click.Path(exists=True, path_type=Path), multiple=True, help="A head kept outside."
)
@click.option(
    "--public-key", help="Whose signature it has to be, in base64 (default: that of the key on this machine)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(settings: Settings, kept: Sequence[Path], public_key: str | None, as_json: bool) -> int:
    r"""Compare every row, payload and head with what was sealed; 1 where something was changed, and what.

    \b
    Example:
      nengtan evidence verify --head head-2025-12.json
    """
    from lake.store import Lake
    from quality.evidence import verification

    lake = Lake(settings.lake)
    key = public_key or _own_key(settings)
    verdict = verification.verify(lake, key, [_read(path) for path in kept], _reread(settings, lake))
    if as_json:
        common.print_json(asdict(verdict))
    else:
        _tell(verdict, is_known=key is not None)
    return int(bool(verdict.faults))


def _tell(verdict: "Verdict", *, is_known: bool) -> None:
    click.echo(
        f"{verdict.heads} heads, {verdict.entries} entries, {verdict.rows:,} rows and {verdict.payloads} payloads "
        f"were compared; {verdict.pending_rows:,} rows came after the last head"
    )
    whose = "the key on this machine" if is_known else "a key that only the lake names: give --public-key"
    click.echo(f"root {verdict.root_hash}, signed with {verdict.public_key} ({whose})")
    for fault in verdict.faults:
        click.echo(f"  {fault.said}")
    click.echo(f"{len(verdict.faults)} things are not as they were sealed" if verdict.faults else "everything holds")


def _own_key(settings: Settings) -> str | None:
    from quality.evidence import keys

    place = keys.place(settings.environment, settings.lake)
    return keys.public(keys.opened(place)) if place.exists() else None


def _read(path: Path) -> "Head":
    from quality.evidence import chain

    return chain.imported(path.read_text(encoding="utf-8"), path.name)


def _reread(settings: Settings, lake: "Lake") -> "Reread":
    """Return how payloads of files are read again, which names the very row that was changed."""
    import polars as pl

    from ingestion.source import context_of
    from ingestion.sources import files
    from lake.site.load import read_site

    def reread(table: str, batch: str) -> pl.DataFrame | None:
        site = read_site(settings.site, settings.environment)
        spec = site.sources.get(table.removeprefix("raw/").removesuffix("__reading"))
        if site.settings.id != lake.site_id() or spec is None or spec.kind != "files":
            return None
        parts = files.again(context_of(site, spec), lake.payload(batch))
        return pl.concat([pl.DataFrame(part.readings) for part in parts])

    return reread
