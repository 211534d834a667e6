"""`nengtan evidence`: whether what lies in the lake is what was sealed, and the head to keep outside of it."""

import json
from base64 import b64encode
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
    from quality.evidence import chain, timestamps

    lake = Lake(settings.lake)
    found = _heads(lake)[-1]
    held = [stamp for stamp in timestamps.stamps(lake) if stamp.number == found.number]
    stamped = {"timestamp": b64encode(held[-1].reply).decode()} if held else {}
    text = json.dumps({**chain.exported(found), **stamped}, ensure_ascii=False, indent=1)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)
    return 0


@command.command("stamp")
@common.lake
@click.option("--request", "asked", type=click.Path(dir_okay=False, path_type=Path), help="Write the question there.")
@click.option(
    "--reply", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Take the answer from there."
)
def stamp(settings: Settings, asked: Path | None, reply: Path | None) -> int:
    r"""Have the head stamped by a time-stamp authority (RFC 3161): that of NENGTAN_TIMESTAMP_URL, or by hand.

    Without a way out, write the question to a file, carry it to an authority, and bring the answer back.

    \b
    Example:
      nengtan evidence stamp --request head.tsq
      curl -H 'Content-Type: application/timestamp-query' --data-binary @head.tsq ADDRESS > head.tsr
      nengtan evidence stamp --reply head.tsr
    """
    from lake.store import Lake
    from quality.evidence import timestamps

    lake = Lake(settings.lake)
    heads = _heads(lake)
    address = settings.environment.get("NENGTAN_TIMESTAMP_URL")
    if asked:
        asked.write_bytes(timestamps.query(heads[-1]).as_bytes())
        click.echo(f"{asked}: asks for a time stamp of head {heads[-1].number}")
        return 0
    if reply:
        found = timestamps.keep(lake, heads, reply.read_bytes(), reply.name)
    elif address:
        found = timestamps.stamp(lake, heads[-1], address)
    else:
        raise click.UsageError("no authority is known: set NENGTAN_TIMESTAMP_URL, or give --request or --reply")
    click.echo(f"head {found.number} was there at {found.stamped_at.isoformat()}, says its time stamp")
    return 0


@command.command("verify")
@common.site_and_lake
@click.option(
    "--head", "kept", type=click.Path(exists=True, path_type=Path), multiple=True, help="A head kept outside."
)
@click.option(
    "--public-key", help="Whose signature it has to be, in base64 (default: that of the key on this machine)."
)
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates in PEM of the time-stamp authorities that are trusted.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(
    settings: Settings, kept: Sequence[Path], public_key: str | None, authority: Path | None, as_json: bool
) -> int:
    r"""Compare every row, payload and head with what was sealed; 1 where something was changed, and what.

    \b
    Example:
      nengtan evidence verify --head head-2025-12.json
    """
    from lake.store import Lake
    from pipelines import tracing, trails
    from quality.evidence import verification

    lake = Lake(settings.lake)
    key = public_key or _own_key(settings)
    heads, reread = [_read(path) for path in kept], tracing.reread(settings, lake)
    verdict = verification.verify(lake, key, heads, reread, authority, trails.registers(settings))
    if as_json:
        common.print_json(asdict(verdict))
    else:
        _tell(verdict, is_known=key is not None, is_trusted=authority is not None)
    return int(bool(verdict.faults))


def _tell(verdict: "Verdict", *, is_known: bool, is_trusted: bool) -> None:
    click.echo(
        f"{verdict.heads} heads, {verdict.entries} entries, {verdict.rows:,} rows and {verdict.payloads} payloads "
        f"were compared; {verdict.pending_rows:,} rows came after the last head"
    )
    whose = "the key on this machine" if is_known else "a key that only the lake names: give --public-key"
    click.echo(f"root {verdict.root_hash}, signed with {verdict.public_key} ({whose})")
    click.echo(f"{verdict.audit_lines:,} lines of the audit trail; {verdict.pending_audit_lines:,} wait for a run")
    if verdict.timestamps:
        trusted = "" if is_trusted else "; whose they are was not looked at: give --authority"
        click.echo(f"{verdict.timestamps} time stamps{trusted}")
    for fault in verdict.faults:
        click.echo(f"  {fault.said}")
    click.echo(f"{len(verdict.faults)} things are not as they were sealed" if verdict.faults else "everything holds")


def _heads(lake: "Lake") -> "list[Head]":
    from quality.evidence import chain

    found = chain.heads(lake)
    if not found:
        raise LakeError(f"{lake.root}: nothing was sealed in it yet; run the site first")
    return found


def _own_key(settings: Settings) -> str | None:
    from quality.evidence import keys

    place = keys.place(settings.environment, settings.lake)
    return keys.public(keys.opened(place)) if place.exists() else None


def _read(path: Path) -> "Head":
    from quality.evidence import chain

    return chain.imported(path.read_text(encoding="utf-8"), path.name)
