"""`nengtan backup`: everything that cannot be made again, copied while meters go on arriving."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lake.errors import LakeError
from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from lake.backup.keeping import Rule
    from lake.backup.repository import Backup, Repository


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@common.site_option
@click.option("--keys", type=click.Path(file_okay=False, path_type=Path), help="Copy the keys there; else nowhere.")
@click.option("--list", "is_list", is_flag=True, help="Show the backups that are there.")
@click.option("--verify", "is_verify", is_flag=True, help="Read every file of every backup and compare its hash.")
@click.option("--keep", help="Then forget others than the last of so many days, weeks and months: 14,8,36.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(  # noqa: PLR0913, PLR0917 -- as click passes them
    settings: Settings, folder: Path, keys: Path | None, is_list: bool, is_verify: bool, keep: str | None, as_json: bool
) -> int:
    r"""Copy lake, registers and site to FOLDER: only what changed since the last backup, each file once.

    Keys that sign or open something are not in it; --keys writes them to a folder that is kept elsewhere.

    \b
    Example:
      nengtan backup /mnt/backup/plant --keys /media/safe/plant --keep 14,8,36
      nengtan backup /mnt/backup/plant --verify
    """
    from lake.backup.repository import Repository

    repository = Repository(folder.expanduser().absolute())
    if is_list or is_verify:
        return _told(repository, is_verify=is_verify, as_json=as_json)
    return _taken(settings, repository, keys, keep, as_json=as_json)


def _taken(settings: Settings, repository: "Repository", keys: Path | None, keep: str | None, *, as_json: bool) -> int:
    from lake.backup import keeping
    from lake.backup.take import take
    from lake.store import Lake
    from pipelines import backups

    rule = _rule(keep)
    lake = Lake(settings.lake)
    started = datetime.now(UTC)
    taken = take(lake, backups.homes(settings), repository, lambda: backups.head(lake), keys)
    gone = keeping.may_go(repository.instants(), rule) if rule else []
    freed = repository.forget(gone) if gone else 0
    told = {
        **_row(taken.backup),
        "new_files": taken.new_files,
        "new_bytes": taken.new_bytes,
        "forgotten": len(gone),
        "freed_bytes": freed,
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 1),
    }
    if as_json:
        common.print_json(told)
        return 0
    click.echo(f"{taken.path}: {_line(taken.backup)}; new: {taken.new_files} files, {_size(taken.new_bytes)}")
    if gone:
        click.echo(f"forgotten: {len(gone)} backups, {_size(freed)} freed")
    click.echo(f"keys copied to {keys}" if keys else "keys are not in it: --keys FOLDER copies them to their own place")
    return 0


def _told(repository: "Repository", *, is_verify: bool, as_json: bool) -> int:
    found = [repository.read(instant) for instant in repository.instants()]
    if not found:
        raise LakeError(f"{repository.folder}: there is no backup; `nengtan backup FOLDER` takes one")
    faults = repository.faults(file for backup in found for file in backup.files) if is_verify else []
    if as_json:
        common.print_json({"backups": [_row(backup) for backup in found], "faults": faults})
    else:
        for line in (*map(_line, found), *faults):
            click.echo(line)
        if is_verify and not faults:
            click.echo("every file of every backup is what it was")
    return 1 if faults else 0


def _rule(keep: str | None) -> "Rule | None":
    from lake.backup.keeping import Rule

    if keep is None:
        return None
    counts = keep.split(",")
    if len(counts) != 3 or not all(count.strip().isdecimal() for count in counts):
        raise click.UsageError(f"--keep {keep}: give days, weeks and months as 14,8,36.")
    return Rule(*(int(count) for count in counts))


def _row(backup: "Backup") -> dict[str, object]:
    return {
        "taken_at": backup.taken_at,
        "site_id": backup.site_id,
        "publication": backup.publication,
        "head": backup.head,
        "files": len(backup.files),
        "bytes": backup.size_bytes,
    }


def _line(backup: "Backup") -> str:
    published = f"publication {backup.publication}" if backup.publication else "nothing published yet"
    held = f"{len(backup.files)} files, {_size(backup.size_bytes)}"
    return f"{backup.taken_at:%Y-%m-%d %H:%M:%S} UTC, {backup.site_id}, {published}, {held}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
