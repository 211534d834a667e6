"""The electric-arc steel mill: two 90 t furnaces that avoid the dear hours, ladle furnaces, caster, one bar line."""

import numpy as np

from examples.reference_park.simulator.clock import Clock, Mask, Series
from examples.reference_park.simulator.shapes import (
    between,
    drift,
    events,
    generator,
    lagged,
    reactive,
    total,
    trips,
)
from examples.reference_park.simulator.weather import Weather
from examples.reference_park.simulator.works import Works

HEAT_TONNES = 88.0
CYCLE = 48.0  # minutes from tap to tap
POWER_ON = 36.0  # minutes of a cycle under power
EAF_KWH_PER_TONNE = 374.0


def _melted(minutes: Series, offset: float) -> tuple[Series, Series]:
    """Return minutes under power and heats tapped, per quarter hour, of one furnace."""
    elapsed = np.concatenate([[0.0], np.cumsum(minutes)]) + offset
    cycles, into = np.divmod(elapsed, CYCLE)
    return np.diff(cycles * POWER_ON + np.minimum(into, POWER_ON)), np.diff(cycles)


def _furnaces(works: Works, clock: Clock, open_hours: Mask, random: np.random.Generator) -> tuple[Series, Series]:
    """Melt: return tonnes tapped and tonnes under power in each quarter hour, both furnaces."""
    tapped = powered = np.zeros(clock.size)
    for number, offset in ((1, 0.0), (2, 24.0)):
        ready = open_hours & ~trips(random, clock.size, 9, (0.5, 4))
        pace = np.clip(0.90 + drift(random, clock.size, 30, 0.04), 0.7, 1.0)
        minutes, heats = _melted(np.where(ready, 15 * pace, 0.0), offset)
        scrap = 1 + drift(random, clock.size, 100, 0.015)
        tonnes_on = minutes * HEAT_TONNES / POWER_ON
        works.flows[f"stl_e_eaf_{number}_ep"] = tonnes_on * EAF_KWH_PER_TONNE * scrap + np.where(open_hours, 60.0, 25.0)
        works.flows[f"stl_gas_eaf_{number}_v"] = tonnes_on * 4.6
        works.levels[f"stl_e_eaf_{number}_p"] = works.flows[f"stl_e_eaf_{number}_ep"] * 4
        tapped, powered = tapped + heats * HEAT_TONNES, powered + tonnes_on
        late = np.concatenate([[0.0], heats[:-1]])
        works.flows[f"stl_e_lf_{number}_ep"] = (0.4 * heats + 0.6 * late) * HEAT_TONNES * 36.0 + 12.0
    return tapped, powered


def _materials(works: Works, tapped: Series, powered: Series, random: np.random.Generator) -> None:
    quality = 1 + drift(random, tapped.size, 100, 0.02)
    recipe = {"scrap_m": 1.09, "lime_m": 0.042, "coke_m": 0.0076, "anthracite_m": 0.0088, "oxygen_v": 36.0}
    for name, per_tonne in recipe.items():
        batch = np.clip(1 + drift(random, tapped.size, 2, 0.03), 0.8, 1.2)
        works.flows[f"stl_{name}"] = powered * per_tonne * quality * batch
    works.flows |= {
        "stl_electrode_m": events(powered * 0.00135, 1.28),
        "stl_billet_m": tapped * 0.975,
    }
    works.levels["stl_eaf_offgas_temp_t"] = 180 + 620 * np.clip(powered / 70, 0, 1) + drift(random, tapped.size, 1, 15)


def _rolling(works: Works, clock: Clock, tapped: Series, random: np.random.Generator) -> tuple[Series, Series]:
    rolled = lagged(tapped * 0.975, 9.0)
    hot = ~clock.stopped("steel")
    bars = rolled * 0.968
    works.flows |= {
        "stl_bar_m": bars,
        "stl_gas_reheat_v": rolled * 27.0 * (1 + drift(random, clock.size, 48, 0.02)) + np.where(hot, 95.0, 0.0),
        "stl_gas_ladle_v": lagged(tapped, 2.0) * 2.4 + np.where(hot, 12.0, 0.0),
    }
    works.levels["stl_reheat_temp_t"] = np.where(hot, 1185 + drift(random, clock.size, 2, 9), 220.0)
    parts = {"stl_e_bar_rough": rolled * 19.5, "stl_e_bar_inter": rolled * 17.0, "stl_e_bar_finish": rolled * 23.5}
    bar = works.feeder_of("steel_bar", rolled * 7.5 + np.where(hot, 110.0, 20.0), **parts)
    works.levels["stl_e_bar_p"] = bar * 4
    return bar, rolled


def simulate(clock: Clock, weather: Weather, seed: int) -> Works:
    """Return the steel mill's quarter hours."""
    works, random = Works(), generator(seed, "steel")
    hot = ~clock.stopped("steel")
    open_hours = hot & between(clock.hour, (0, 8), (11, 17), (22, 24))
    tapped, powered = _furnaces(works, clock, open_hours, random)
    _materials(works, tapped, powered, random)
    bar, rolled = _rolling(works, clock, tapped, random)
    steady = 1 + drift(random, clock.size, 24, 0.02)
    furnaces = works.feeders(**{k: works.flows[f"{k}_ep"] for k in ("stl_e_eaf_1", "stl_e_eaf_2")})
    others = works.feeders(
        stl_e_lf_1=works.flows["stl_e_lf_1_ep"],
        stl_e_lf_2=works.flows["stl_e_lf_2_ep"],
        stl_e_vd=lagged(tapped, 1.0) * 1.4 + 5.0,
        stl_e_caster=lagged(tapped, 0.75) * 9.4 + np.where(hot, 60.0, 15.0),
        stl_e_dedust=powered * 14.0 + np.where(open_hours, 330.0, np.where(hot, 140.0, 15.0)),
        stl_e_reheat=rolled * 4.0 + np.where(hot, 65.0, 10.0),
        stl_e_bar=bar,
        stl_e_asu=lagged(works.flows["stl_oxygen_v"], 14.0) * 0.58 * steady + np.where(hot, 90.0, 20.0),
        stl_e_air=np.where(hot, 205.0, 45.0) * steady + powered * 0.6,
        stl_e_water=np.where(hot, 330.0, 60.0) * steady + powered * 1.1,
        stl_e_scrap=powered * 1.9 + 8.0,
        stl_e_office=(130 + 130 * between(clock.hour, (7.5, 18)) + 8 * np.abs(weather.temperature - 19)) / 4,
    )
    _supply(works, furnaces, others, drift(random, clock.size, 6, 0.01))
    _gas_and_rest(works, clock, weather, tapped)
    works.products = {
        ("steel", "steel_melt", "crude_steel"): works.flows["stl_billet_m"],
        ("steel", "steel_rolling", "steel_bar"): works.flows["stl_bar_m"],
    }
    return works


def _supply(works: Works, furnaces: Series, others: Series, noise: Series) -> None:
    """Rolling and utilities hang on the park's own line up to 18 MW; the grid's two lines carry the rest."""
    loss = works.lose("steel_bus", "electricity", 45.0 + 0.010 * (furnaces + others))
    centre = np.minimum(others * 0.88, 18_000 / 4)
    grid = furnaces + others + loss - centre
    works.flows["stl_e_centre_ep"] = centre
    works.levels["stl_e_centre_p"] = centre * 4
    factor = np.clip(0.92 + noise, 0.85, 0.98)
    for name, share in (("a", 0.52 + noise), ("b", 0.48 - noise)):
        works.flows |= {f"stl_e_main_{name}_ep": grid * share, f"stl_e_main_{name}_eq": reactive(grid * share, factor)}
        works.levels[f"stl_e_main_{name}_p"] = grid * share * 4


def _gas_and_rest(works: Works, clock: Clock, weather: Weather, tapped: Series) -> None:
    used = total(works.flows[f"stl_gas_{name}_v"] for name in ("reheat", "eaf_1", "eaf_2", "ladle"))
    works.flows["stl_gas_main_v"] = used + works.lose("steel_gas", "natural_gas", used * 0.003)
    heating = np.clip((14 - weather.temperature) / 14, 0, 1.2) * 0.9
    steam = lagged(tapped, 1.5) * 0.016 + heating + np.where(clock.stopped("steel"), 0.05, 0.18)
    works.flows |= {
        "stl_steam_m": steam,
        "stl_water_v": 22 + lagged(tapped, 3.0) * 1.9,
        "stl_diesel_v": 0.030 * between(clock.hour, (6, 22)) * (0.3 + lagged(tapped, 24.0) / 33),
        "stl_lng_m": 0.021 * between(clock.hour, (5, 23)) * (0.2 + lagged(tapped, 24.0) / 33),
    }
