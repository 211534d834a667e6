"""The chemical works: methanol from coal and from natural gas, hydrogen, a small topping line for special oils."""

import numpy as np

from examples.reference_park.simulator.clock import Clock, Series
from examples.reference_park.simulator.shapes import (
    between,
    by_day,
    deliveries,
    drift,
    generator,
    lagged,
    ramp,
    reactive,
    spread,
    total,
    trips,
)
from examples.reference_park.simulator.weather import Weather
from examples.reference_park.simulator.works import Works

COAL_HEAT = 20.9  # GJ/t
GAS_HEAT = 0.0389  # GJ/m3 at 20 degC
HYDROGEN_HEAT = 0.01079  # GJ/m3 at 0 degC
STEAM_HEAT = 2.83616  # GJ/t above feed water: (2919.9 - 83.74) / 1000
STEAM_USERS = ("gasifier", "reformer", "distillation", "topping", "wastewater")


def _lines(works: Works, clock: Clock, random: np.random.Generator) -> tuple[Series, Series, Series]:
    """Return methanol from coal, methanol from gas, and crude, in t per quarter hour."""
    coal_on = ~clock.stopped("chemical_gasification") & ~trips(random, clock.size, 30, (4, 20))
    gas_on = ~clock.stopped("chemical_reformer") & ~trips(random, clock.size, 45, (6, 24))
    coal_line = 6.35 * ramp(coal_on, 24) * np.clip(0.96 + drift(random, clock.size, 60, 0.025), 0.75, 1.02)
    gas_line = 3.15 * ramp(gas_on, 20) * np.clip(0.96 + drift(random, clock.size, 60, 0.03), 0.7, 1.02)
    crude = 0.49 * ramp(gas_on, 6) * np.clip(0.95 + drift(random, clock.size, 48, 0.03), 0.7, 1.05)
    yield_noise = 1 + drift(random, clock.size, 100, 0.012)
    works.flows |= {
        "chm_methanol_coal_m": coal_line,
        "chm_methanol_gas_m": gas_line,
        "chm_coal_feed_m": coal_line * 1.46 * yield_noise,
        "chm_oxygen_v": coal_line * 930 * yield_noise,
        "chm_gas_feed_v": gas_line * 660 * yield_noise,
        "chm_crude_m": crude,
        "chm_special_oil_m": crude * 0.885,
        "chm_dry_gas_m": crude * 0.034,
    }
    works.levels |= {
        "chm_reformer_temp_t": np.where(gas_on, 868 + drift(random, clock.size, 3, 6), 120.0),
        "chm_synthesis_pressure_x": np.where(coal_on | gas_on, 7.9 + drift(random, clock.size, 3, 0.08), 0.3),
    }
    return coal_line, gas_line, crude


def _hydrogen(works: Works, clock: Clock, gas_line: Series) -> Series:
    """Purge gas becomes hydrogen: tube trailers take some by day, the reformer burns the rest. Return GJ burnt."""
    made = gas_line * 380.0
    sold = np.minimum(made * 0.85, spread(by_day(made) * 0.28, between(clock.hour, (7, 21))))
    works.flows |= {"chm_h2_made_v": made, "chm_h2_sold_v": sold, "chm_h2_fuel_v": made - sold}
    return (made - sold) * HYDROGEN_HEAT


def _steam(works: Works, lines: tuple[Series, Series, Series], random: np.random.Generator) -> None:
    """Sharing: the park's network brings most of the steam, the works' own coal boiler the rest (GJ)."""
    coal_line, gas_line, crude = lines
    size = coal_line.size
    need = {
        "gasifier": coal_line * 0.55,
        "reformer": gas_line * 0.50,
        "distillation": (coal_line + gas_line) * 1.24 * (1 + drift(random, size, 24, 0.02)),
        "topping": crude * 0.50,
        "wastewater": 0.36 * (1 + drift(random, size, 24, 0.05)),
    }
    for user, tonnes in need.items():
        works.flows[f"chm_steam_{user}_h"] = tonnes * STEAM_HEAT
    used = total(works.flows[f"chm_steam_{user}_h"] for user in STEAM_USERS)
    supply = used / 0.98
    works.lose("chemical_steam", "heat", supply - used)
    bought = supply * np.clip(0.72 + drift(random, size, 30, 0.02), 0.6, 0.85)
    own = supply - bought
    biogas = np.maximum(0.0, 48.0 + drift(random, size, 60, 5.0))
    biogas = np.minimum(biogas, own / 0.89 / 0.021 * 0.4)
    works.flows |= {
        "chm_steam_centre_h": bought,
        "chm_steam_centre_m": bought / STEAM_HEAT,
        "chm_steam_boiler_h": own,
        "chm_steam_boiler_m": own / STEAM_HEAT,
        "chm_biogas_v": biogas,
        "chm_coal_boiler_m": (own / 0.89 - biogas * 0.021) / COAL_HEAT,
    }


def _electricity(works: Works, lines: tuple[Series, Series, Series], weather: Weather, clock: Clock) -> Series:
    coal_line, gas_line, crude = lines
    methanol = coal_line + gas_line
    warm = 1 + 0.006 * (weather.temperature - 16)
    asu_compressor = works.flows["chm_oxygen_v"] * 0.365 * warm + 15.0
    asu = works.feeder_of("chemical_asu", works.flows["chm_oxygen_v"] * 0.045 + 25.0, chm_e_asu_comp=asu_compressor)
    each = coal_line * 12.0 + 14.0
    gasifiers = {"chm_e_gasifier_a": each * 1.02, "chm_e_gasifier_b": each * 0.98}
    gasifier = works.feeder_of("chemical_gasifier", coal_line * 48.0 + 30.0, **gasifiers)
    compressor = methanol * 108.0 + 10.0
    synthesis = works.feeder_of("chemical_synthesis", methanol * 14.0 + 12.0, chm_e_syngas_comp=compressor)
    office = (80 + 90 * between(clock.hour, (7.5, 18)) + 5 * np.abs(weather.temperature - 19)) / 4
    return works.feeders(
        chm_e_slurry=works.flows["chm_coal_feed_m"] * 21.0 + 5.0,
        chm_e_gasifier=gasifier,
        chm_e_asu=asu,
        chm_e_reformer=gas_line * 62.0 + 12.0,
        chm_e_synthesis=synthesis,
        chm_e_distillation=methanol * 15.0 + 8.0,
        chm_e_psa=works.flows["chm_h2_made_v"] * 0.045 + 4.0,
        chm_e_h2_comp=works.flows["chm_h2_sold_v"] * 0.30 + 3.0,
        chm_e_topping=crude * 52.0 + 6.0,
        chm_e_boiler=works.flows["chm_steam_boiler_m"] * 17.0 + 35.0,
        chm_e_cooling=methanol * 40.0 * warm + 60.0,
        chm_e_air=methanol * 17.0 + 45.0,
        chm_e_wastewater=methanol * 5.0 + 32.0,
        chm_e_office=office,
    )


def simulate(clock: Clock, weather: Weather, seed: int) -> Works:
    """Return the chemical works' quarter hours."""
    works, random = Works(), generator(seed, "chemical")
    lines = _lines(works, clock, random)
    hydrogen_heat = _hydrogen(works, clock, lines[1])
    works.flows["chm_gas_fuel_v"] = np.maximum(0.0, lines[1] * 250.0 - hydrogen_heat / GAS_HEAT)
    gas = works.flows["chm_gas_feed_v"] + works.flows["chm_gas_fuel_v"]
    works.flows["chm_gas_main_v"] = gas + works.lose("chemical_gas", "natural_gas", gas * 0.002)
    _steam(works, lines, random)
    load = _electricity(works, lines, weather, clock)
    loss = works.lose("chemical_bus", "electricity", 15.0 + 0.011 * load)
    centre = np.minimum((load + loss) * 0.74, 16_500 / 4)
    grid = load + loss - centre
    factor = np.clip(0.94 + drift(random, clock.size, 12, 0.01), 0.88, 0.98)
    methanol = lines[0] + lines[1]
    coal = works.flows["chm_coal_feed_m"] + works.flows["chm_coal_boiler_m"]
    works.flows |= {
        "chm_e_centre_ep": centre,
        "chm_e_main_ep": grid,
        "chm_e_main_eq": reactive(grid, factor),
        "chm_nitrogen_v": methanol * 260 + 120,
        "chm_water_v": methanol * 8.5 + 35,
        "chm_coal_truck_m": deliveries(lagged(coal, 60), between(clock.hour, (6, 20))),
    }
    works.levels |= {"chm_e_main_p": grid * 4, "chm_e_centre_p": centre * 4, "chm_e_main_pf": factor}
    works.products = {
        ("chemical", "chemical_methanol", "methanol"): methanol,
        ("chemical", "chemical_oil", "special_oil"): works.flows["chm_special_oil_m"],
        ("chemical", "chemical_hydrogen", "hydrogen"): works.flows["chm_h2_sold_v"],
    }
    return works
