"""`nengtan serve`: the orchestrator, the dashboards, the entry portal and the exchange host."""

import click

from pipelines.cli import common
from pipelines.settings import Settings


@click.command("serve")
@common.site_and_lake
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--orchestrator-port", default=3000, show_default=True)
@click.option("--dashboards-port", default=8088, show_default=True)
@click.option("--portal-port", default=8090, show_default=True)
@click.option("--exchange-port", default=8443, show_default=True)
@click.option("--check", is_flag=True, help="Bring the dashboards up to date, ask every chart for its data, and end.")
def command(settings: Settings, host: str, check: bool, **ports: int) -> int:
    r"""Open orchestrator, dashboards, entry portal and exchange host and print their addresses; Ctrl-C ends all.

    \b
    Example:
      nengtan serve
      nengtan serve my_plant --dashboards-port 8089
    """
    common.show_progress()
    from pipelines import servers

    if check:
        return servers.check_dashboards(settings)
    return servers.serve(
        settings, host, servers.Ports(**{name.removesuffix("_port"): port for name, port in ports.items()})
    )
