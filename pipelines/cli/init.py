"""`nengtan init`: a small working site folder to start from."""

import math
import shlex
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import click

from pipelines.cli import common
from pipelines.settings import read_settings

_STARTER = Path(__file__).with_name("starter")
_FIRST, _DAYS = datetime(2025, 3, 1), 31  # noqa: DTZ001 - the wall clock of the sample's plant, as an export writes it


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@common.debug
def command(folder: Path) -> None:
    r"""Write a small working site folder: one plant, six meters, a month of sample readings.

    \b
    Example:
      nengtan init my_plant && nengtan run my_plant
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty: name a new folder.")
    shutil.copytree(_STARTER, folder, dirs_exist_ok=True)
    (folder / "readings").mkdir()
    (folder / "readings/2025-03.csv").write_text(sample(), encoding="utf-8")
    click.echo(f"{folder} holds a working site: edit its files, or run it as it is.")
    taken = (Path(read_settings().lake) / "lake.json").exists()
    lake = f" --lake {shlex.quote(str(folder / 'lake'))}" if taken else ""
    named = shlex.quote(str(folder))
    click.echo(f"Next:\n  nengtan check {named}\n  nengtan run {named}{lake}")


def sample() -> str:
    """Return a month of quarter-hourly readings of the starter's six points; what flows in flows out."""
    rows = ["point_id,reading_at,value"]
    registers = {"grid_import": 184500.0, "gas_total": 20410.0, "machining_import": 90210.0}
    registers |= {"painting_import": 61840.0, "oven_gas": 15020.0}
    for quarter in range(_DAYS * 96 + 1):
        at = _FIRST + timedelta(minutes=15 * quarter)
        flows = _flows(at)
        for point, flow in flows.items() if quarter else ():
            if point in registers:
                registers[point] += flow
        for point, value in registers.items():
            rows.append(f"{point},{at:%Y-%m-%d %H:%M},{value:.3f}")
        if quarter:
            rows.append(f"pv_output,{at:%Y-%m-%d %H:%M},{flows['pv_output']:.3f}")
    return "\n".join(rows) + "\n"


def _flows(at: datetime) -> dict[str, float]:
    """Return what passes each meter in the quarter of an hour that ends at an instant."""
    hour = at.hour + at.minute / 60
    busy = 1.0 if at.weekday() < 6 and 8 <= hour < 20 else 0.25
    ripple = 1 + 0.06 * math.sin(at.day * 1.7 + hour * 2.3)
    machining, painting, utilities = (kw * busy * ripple / 4 for kw in (420.0, 260.0, 90.0))
    sun = max(0.0, math.sin(math.pi * (hour - 6) / 12)) * (0.65 + 0.3 * math.sin(at.day))
    pv = round(300.0 * max(0.0, sun) / 4, 3)
    oven = 55.0 * busy * ripple / 4
    return {
        "grid_import": machining + painting + utilities - min(pv, machining + painting + utilities),
        "pv_output": min(pv, machining + painting + utilities),
        "gas_total": oven + 12.0 / 4,
        "machining_import": machining,
        "painting_import": painting,
        "oven_gas": oven,
    }
