"""`nengtan health`: whether everything stands as it should, for a person and for monitoring."""

import click

from pipelines.cli import common
from pipelines.settings import Settings


@click.command("health")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print every measure as JSON.")
@click.option("--prometheus", "as_text", is_flag=True, help="Print every measure in the text format of Prometheus.")
def command(settings: Settings, as_json: bool, as_text: bool) -> int:
    r"""Tell what is not as it should be: publication, checks, sources, outboxes, disk, backup, certificates.

    1 where something fails; a warning is none. NENGTAN_BACKUP names the folder of backups.

    \b
    Example:
      nengtan health
      nengtan health --prometheus > /var/lib/node_exporter/nengtan.prom
    """
    from dataclasses import asdict

    from pipelines import health

    found = health.measures(settings)
    worst = health.verdict(found)
    if as_text:
        click.echo(health.prometheus(found), nl=False)
    elif as_json:
        common.print_json({"verdict": worst, "measures": [asdict(one) for one in found]})
    else:
        for one in found:
            if one.trouble:
                click.echo(f"{one.verdict}: {one.trouble}")
        click.echo(f"{worst}: {len(found)} measures")
    return int(worst == health.FAILING)
