"""`nengtan health`: whether everything stands as it should, for a person and for monitoring."""

from pathlib import Path

import click

from pipelines.cli import common
from pipelines.settings import Settings


@click.command("health")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print every measure as JSON.")
@click.option("--prometheus", "as_text", is_flag=True, help="Print every measure in the text format of Prometheus.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write there instead, whole or not.")
def command(settings: Settings, as_json: bool, as_text: bool, output: Path | None) -> int:
    r"""Tell what is not as it should be: publication, checks, sources, outboxes, disk, backup, certificates.

    1 where something fails; a warning is none. NENGTAN_BACKUP names the folder of backups.

    \b
    Example:
      nengtan health
      nengtan health --prometheus --output /var/lib/node_exporter/nengtan.prom
    """
    import json
    from dataclasses import asdict

    from pipelines import health

    found = health.measures(settings)
    worst = health.verdict(found)
    if as_text:
        told = health.prometheus(found)
    elif as_json:
        told = json.dumps({"verdict": worst, "measures": [asdict(one) for one in found]}, ensure_ascii=False) + "\n"
    else:
        lines = [f"{one.verdict}: {one.trouble}" for one in found if one.trouble]
        told = "\n".join([*lines, f"{worst}: {len(found)} measures"]) + "\n"
    if output is None:
        click.echo(told, nl=False)
    else:  # who reads it meanwhile sees the one before
        incoming = output.with_name(f".{output.name}.incoming")
        incoming.write_text(told, encoding="utf-8")
        incoming.replace(output)
    return int(worst == health.FAILING)
