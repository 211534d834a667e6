"""The whole park: tenants first, then the energy centre that serves them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from examples.reference_park.simulator import cement, chemical, energy_centre, gate, machinery, steel, weather
from examples.reference_park.simulator.clock import Clock, Series
from examples.reference_park.simulator.energy_centre import Demand
from examples.reference_park.simulator.works import Works

SITE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Park:
    """Everything that happened: true flows and states of all works on one clock."""

    clock: Clock
    flows: dict[str, Series]
    levels: dict[str, Series]
    products: dict[tuple[str, str, str], Series]


def table(name: str) -> pl.DataFrame:
    """Read one of the site's CSV files as text; empty cells are null."""
    return pl.read_csv(SITE / f"{name}.csv", infer_schema=False)


def simulate(start: date, days: int, seed: int) -> Park:
    """Run every model once over `days` local days from `start`."""
    clock = Clock(start, days, table("calendar"))
    sky = weather.simulate(clock, seed)
    tenants = [module.simulate(clock, sky, seed) for module in (cement, steel, chemical, machinery)]
    flows: dict[str, Series] = {}
    for works in tenants:
        flows |= works.flows
    flows["stl_steam_h"] = flows["stl_steam_m"] * energy_centre.STEAM_HEAT
    demand = Demand(
        heat=flows["stl_steam_h"] + flows["chm_steam_centre_h"] + flows["mac_steam_h"],
        power=flows["stl_e_centre_ep"] + flows["chm_e_centre_ep"] + flows["mac_e_centre_ep"],
    )
    centre = energy_centre.simulate(clock, sky, demand, seed)
    works_all: list[Works] = [*tenants, centre]
    levels: dict[str, Series] = {}
    products: dict[tuple[str, str, str], Series] = {}
    for works in works_all:
        levels |= works.levels
        products |= works.products
    flows |= centre.flows
    return Park(clock, flows | gate.simulate(flows), levels, products)
