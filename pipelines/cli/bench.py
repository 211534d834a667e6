"""`nengtan bench`: the repeatable benchmark."""

import importlib
from collections.abc import Callable, Mapping

import click

from pipelines.cli import common

Figure = float | int | str | None

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
        _tell(part.measured(Size(meters, days, seed, repeats)), as_json, getattr(part, "lines", _lines))

    return measure


@command.command("footprint")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same systems.")
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="Runs of each.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one flat JSON object.")
@common.debug
def footprint(seed: int, repeats: int, as_json: bool) -> None:
    r"""Product systems of 10,000 and 100,000 processes, and 1,000 draws of 1,000 processes.

    \b
    Example:
      nengtan bench footprint --repeats 1 --json
    """
    common.show_progress()
    from bench.footprint import measured

    _tell(measured(seed, repeats), as_json)


def _tell(
    figures: Mapping[str, Figure], as_json: bool, lines: Callable[[Mapping[str, Figure]], list[str]] | None = None
) -> None:
    if as_json:
        common.print_json(figures)
    else:
        click.echo("\n".join((lines or _lines)(figures)))


def _lines(figures: Mapping[str, Figure]) -> list[str]:
    width = max(len(name) for name in figures)
    told = {
        name: "-" if figure is None else f"{figure:,}" if isinstance(figure, int) else _short(figure)
        for name, figure in figures.items()
    }
    return [f"{name:<{width}}  {figure}" for name, figure in told.items()]


def _short(figure: float | str) -> str:
    return figure if isinstance(figure, str) else f"{figure:,.6g}"


for _name, _facts in PARTS.items():
    command.add_command(_part(_name, *_facts))
