"""`nengtan restore`: a backup onto an empty machine, verified file by file and then as a whole."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from lake.backup.repository import Repository


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@common.lake
@click.option("--site-to", type=click.Path(file_okay=False, path_type=Path), help="Where the site goes.")
@click.option(
    "--at", help="The newest backup of that instant (UTC where no offset is said) or before; else the newest."
)
@click.option("--keys", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where its keys are kept.")
@click.option("--mend", is_flag=True, help="Only put back files of the lake that are damaged or missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(  # noqa: PLR0913, PLR0917 -- as click passes them
    settings: Settings,
    folder: Path,
    site_to: Path | None,
    at: str | None,
    keys: Path | None,
    mend: bool,
    as_json: bool,
) -> int:
    r"""Write a backup to the lake and the folder of the site, both empty, and verify what was written.

    With --mend only files that cannot be read are written: each comes from the newest backup that has it.

    \b
    Example:
      nengtan restore /mnt/backup/plant --mend --lake /srv/nengtan/lake
      nengtan restore /mnt/backup/plant --lake /srv/nengtan/lake --site-to /srv/nengtan/site --keys /media/safe/plant
    """
    from lake.backup import parts
    from lake.backup.repository import Repository
    from lake.backup.restore import restore
    from lake.store import Lake
    from pipelines import backups

    if mend:
        return _mended(settings, Repository(folder.expanduser().absolute()), as_json=as_json)
    if site_to is None:
        raise click.UsageError("--site-to FOLDER says where the site goes.")
    homes = {**backups.homes(settings), parts.SITE: site_to.expanduser().absolute()}
    restored = restore(Repository(folder.expanduser().absolute()), homes, _instant(at), keys)
    faults = backups.faults(Lake(settings.lake), restored.backup.head)
    told = {
        "taken_at": restored.backup.taken_at,
        "publication": restored.backup.publication,
        "files": restored.files,
        "bytes": restored.size_bytes,
        "missing_keys": list(restored.missing_keys),
        "faults": faults,
    }
    if as_json:
        common.print_json(told)
        return 1 if faults else 0
    click.echo(
        f"{settings.lake}: {restored.files} files of {restored.backup.taken_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"publication {restored.backup.publication or 'none'}"
    )
    for name in restored.missing_keys:
        click.echo(f"{name} is not there: bring it from where keys are kept, or let a new one be made")
    for sentence in faults:
        click.echo(sentence)
    if not faults:
        click.echo("every file has its hash, and the evidence chain holds")
    return 1 if faults else 0


def _mended(settings: Settings, repository: "Repository", *, as_json: bool) -> int:
    from lake.backup.mend import mend
    from lake.store import Lake

    done = mend(repository, Lake(settings.lake))
    if as_json:
        common.print_json({"put_back": [str(path) for path in done.put_back], "lost": done.lost})
    else:
        for path in done.put_back:
            click.echo(f"{path}: put back from the backup")
        for sentence in done.lost:
            click.echo(sentence)
        if not done.put_back and not done.lost:
            click.echo("every file of the lake can be read: nothing was put back")
    return 1 if done.lost else 0


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as cause:
        raise click.UsageError(
            f"--at {text!r} is no time: write 2025-05-01T08:00 or 2025-05-01T08:00+08:00."
        ) from cause
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
