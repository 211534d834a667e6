"""`nengtan bench`: the repeatable benchmark."""

import importlib
from collections.abc import Mapping

import click

from pipelines.cli import common

#: Part: its module in the room bench, what it measures, and how many meters and days it takes by default.
PARTS = {
    "speed": ("A whole rebuild, a day more, late rows, a new factor: the cost beside one SQL script.", 1000, 365),
    "faults": ("What planted faults with known truth cost the published marts.", 100, 30),
    "ingest": ("How fast readings are taken in, exactly once and hashed.", 1000, 60),
    "query": ("How fast the published marts answer.", 1000, 365),
}


@click.group("bench")
def command() -> None:
    r"""Measure the product on a site that is made from a seed.

    \b
    Example:
      nengtan bench speed --meters 100 --days 60
      nengtan bench query --json
    """


def _part(name: str, about: str, meters: int, days: int) -> click.Command:
    @click.command(name, help=f"{about}\n\n\b\nExample:\n  nengtan bench {name} --meters 100 --days 60 --json")
    @click.option("--meters", type=click.IntRange(1), default=meters, show_default=True, help="How many meters.")
    @click.option("--days", type=click.IntRange(2), default=days, show_default=True, help="How many days.")
    @click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same data.")
    @click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="Interleaved runs of each.")
    @click.option("--json", "as_json", is_flag=True, help="Print the figures as one flat JSON object.")
    @common.debug
    def measure(meters: int, days: int, seed: int, repeats: int, as_json: bool) -> None:
        common.show_progress()
        from bench.size import Size

        part = importlib.import_module(f"bench.{name}")
        figures = part.measured(Size(meters, days, seed, repeats))
        if as_json:
            common.print_json(figures)
        else:
            click.echo("\n".join(getattr(part, "lines", _lines)(figures)))

    return measure


def _lines(figures: Mapping[str, float | int | None]) -> list[str]:
    width = max(len(name) for name in figures)
    told = {
        name: "-" if figure is None else f"{figure:,.6g}" if isinstance(figure, float) else f"{figure:,}"
        for name, figure in figures.items()
    }
    return [f"{name:<{width}}  {figure}" for name, figure in told.items()]


for _name, _facts in PARTS.items():
    command.add_command(_part(_name, *_facts))
