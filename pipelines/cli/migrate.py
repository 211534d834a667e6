"""`nengtan migrate`: a site folder from an existing energy management centre, whose history then arrives by SQL."""

import csv
from pathlib import Path

import click

from pipelines.cli import common


@click.group("migrate")
def command() -> None:
    r"""Take over an existing energy management centre.

    \b
    Example:
      nengtan migrate myems mysql+pymysql://reader:secret@10.0.0.3 my_plant
    """


@command.command("myems")
@click.argument("url", metavar="URL")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--timezone", default="Asia/Shanghai", show_default=True, help="Time zone of the site.")
@click.option("--carrier", "carriers", multiple=True, metavar="CATEGORY=CARRIER", help="Carrier of an energy category.")
@common.debug
def myems(url: str, folder: Path, timezone: str, carriers: tuple[str, ...]) -> int:
    r"""Write a site folder from the databases of MyEMS at URL, without a database name; nothing is written there.

    The password does not go into the folder: its sources.yaml takes the address from MYEMS_URL.

    \b
    Example:
      nengtan migrate myems mysql+pymysql://reader:secret@10.0.0.3 my_plant --carrier 市电=electricity_grid
    """
    from ingestion import myems as importer

    if folder.is_dir() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty: name a new folder.")
    pairs = [pair.partition("=") for pair in carriers]
    if not all(name and carrier for name, _, carrier in pairs):
        raise click.UsageError("--carrier is written CATEGORY=CARRIER, as 电=electricity_grid.")
    found = importer.read(url, {name: carrier for name, _, carrier in pairs})
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in found.files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else _HEADS[name])
            writer.writeheader()
            writer.writerows(rows)
    (folder / "site.yaml").write_text(_SITE.format(name=found.name, timezone=timezone), encoding="utf-8")
    (folder / "sources.yaml").write_text(_SOURCES.format(query=found.query), encoding="utf-8")
    for sentence in found.left_out:
        click.echo(f"! left out: {sentence}", err=True)
    for sentence in found.doubts:
        click.echo(f"? {sentence}", err=True)
    counts = ", ".join(f"{len(rows)} {name}" for name, rows in found.files.items())
    click.echo(f"{folder} holds {counts}; {len(found.left_out)} meters are left out.")
    click.echo(f"Next:\n  export MYEMS_URL='<the address>/{importer.HISTORY}'")
    click.echo(f"  nengtan check {folder}\n  nengtan run {folder}")
    return 0


_HEADS = {
    "meters": ["meter_id", "energy_unit_id", "carrier"],
    "points": ["point_id", "meter_id", "quantity", "kind", "unit", "source", "address"],
    "allocations": ["energy_unit_id", "carrier", "point_id"],
}
_SITE = """id: myems
name_zh: "{name}"
timezone: {timezone}
"""
_SOURCES = """sources:
  # The history of the former centre, and what still arrives there: read onwards by the running number of its rows.
  myems:
    kind: sql
    url: ${{MYEMS_URL}}
    query: {query}
    cursor: id
    overlap: "1000"
    tag: point_id
    time: utc_date_time
    value: actual_value
    timezone: UTC
"""
