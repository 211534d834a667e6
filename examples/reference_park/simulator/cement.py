"""The cement works: a 5,000 t/d clinker line with waste-heat power, and two cement mills.

Specific figures per tonne of clinker: 95 kgce of coal, 49 kWh of power, 29 kWh recovered.
"""

import numpy as np

from examples.reference_park.simulator.clock import QUARTERS, Clock, Mask, Series
from examples.reference_park.simulator.shapes import (
    between,
    by_day,
    cheapest_first,
    deliveries,
    drift,
    generator,
    lagged,
    ramp,
    reactive,
    since_start,
    spread,
    trips,
)
from examples.reference_park.simulator.weather import Weather
from examples.reference_park.simulator.works import Works

CLINKER_PER_QUARTER = 5280 / QUARTERS  # t at full load; the line runs a little above its name plate
COAL_PER_CLINKER = 0.1325  # t/t at 20.9 GJ/t: 2.77 GJ/t clinker
RAW_MEAL_PER_CLINKER = 1.52
CLINKER_RATIO = 0.74
CHEAP_HOURS = ((0.0, 8.0), (22.0, 24.0), (11.0, 17.0), (8.0, 11.0), (17.0, 22.0))
CEMENT_SEASON = (0.72, 0.45, 0.92, 1.10, 1.15, 1.08, 0.98, 0.96, 1.08, 1.18, 1.22, 1.16)  # January to December


def _line(works: Works, clock: Clock, random: np.random.Generator) -> tuple[Series, Mask]:
    running = ~clock.stopped("cement_kiln") & ~trips(random, clock.size, 24, (3, 14))
    load = ramp(running, 16) * np.clip(0.965 + drift(random, clock.size, 40, 0.02), 0.80, 1.03)
    clinker = CLINKER_PER_QUARTER * load
    heat = COAL_PER_CLINKER * (1 + drift(random, clock.size, 72, 0.012))
    coal = clinker * heat + np.where(running, CLINKER_PER_QUARTER * 0.012 * (1 - load), 0.0)
    split = np.clip(0.41 + drift(random, clock.size, 6, 0.01), 0.36, 0.46)
    feed = coal / 0.99
    works.flows |= {
        "cem_clinker_m": clinker,
        "cem_raw_meal_m": clinker * RAW_MEAL_PER_CLINKER,
        "cem_coal_burner_m": coal * split,
        "cem_coal_calciner_m": coal * (1 - split),
        "cem_coal_feed_m": feed,
        "cem_diesel_kiln_v": np.where(since_start(running, 8), 0.18, 0.0),
    }
    works.lose("cement_coal_mill", "bituminous_coal", feed - coal)
    works.levels |= {
        "cem_c1_temp_t": 60 + 258 * load + drift(random, clock.size, 1, 4),
        "cem_kiln_speed_x": 100 * np.where(running, np.clip(load, 0.15, 1.0), 0.02),
    }
    return clinker, running


def _cement(works: Works, clock: Clock, random: np.random.Generator) -> tuple[Series, Series]:
    season = np.array(CEMENT_SEASON)[clock.month_number - 1]
    holiday = np.where(clock.days_of("holiday"), 0.45, 1.0)
    demand = 4950 * season * holiday * np.clip(1 + 0.08 * random.standard_normal(clock.days), 0.7, 1.3)
    hours = demand / (2 * 190)
    energy = []
    for mill, more in (("1", 1.15), ("2", 0.85)):
        on = cheapest_first(np.clip(hours * more, 0, 23), CHEAP_HOURS)
        cement = np.where(on, 190 / 4, 0.0) * (1 + drift(random, clock.size, 5, 0.02))
        works.flows[f"cem_cement_{mill}_m"] = cement
        name = f"cem_e_mill_{mill}"
        parts = {f"{name}_motor": cement * 15.6 + 1.0, f"{name}_press": cement * 10.3 + 0.5}
        energy.append(works.feeder_of(f"cement_mill_{mill}", cement * 3.4 + 6.0, **parts))
    return energy[0], energy[1]


def _raw_mill(works: Works, clock: Clock, clinker: Series) -> tuple[Series, Series]:
    off_peak = ~between(clock.hour, (17.5, 21.5))
    meal = spread(by_day(clinker) * RAW_MEAL_PER_CLINKER, off_peak)
    limestone = spread(by_day(clinker) * 1.31, between(clock.hour, (7, 19)))
    works.flows["cem_limestone_m"] = limestone
    parts = {"cem_e_raw_rolls": meal * 8.3 + 1.0, "cem_e_raw_fan": meal * 5.1 + 0.5}
    return works.feeder_of("cement_raw_mill", meal * 1.2 + 5.0, **parts), limestone * 1.1 + 2.0


def simulate(clock: Clock, weather: Weather, seed: int) -> Works:
    """Return the cement works' quarter hours."""
    works, random = Works(), generator(seed, "cement")
    clinker, running = _line(works, clock, random)
    mill_1, mill_2 = _cement(works, clock, random)
    raw_mill, quarry = _raw_mill(works, clock, clinker)
    wear = 1 + drift(random, clock.size, 200, 0.012)
    parts = {
        "cem_e_kiln_drive": clinker * 2.2 * wear + 8.0,
        "cem_e_id_fan": clinker * 8.3 * wear,
        "cem_e_cooler": clinker * 5.2 * wear + np.where(running, 10.0, 0.0),
        "cem_e_exhaust_fan": clinker * 2.6 * wear + 1.0,
    }
    kiln = works.feeder_of("cement_kiln", clinker * 3.2 + 18.0, **parts)
    air = (190 + 260 * np.clip(clinker / CLINKER_PER_QUARTER, 0, 1) + drift(random, clock.size, 2, 15)) / 4
    cement = works.flows["cem_cement_1_m"] + works.flows["cem_cement_2_m"]
    office = (70 + 90 * between(clock.hour, (7.5, 18)) + 5 * np.abs(weather.temperature - 19)) / 4
    load = works.feeders(
        cem_e_quarry=quarry,
        cem_e_raw_mill=raw_mill,
        cem_e_kiln=kiln,
        cem_e_coal_mill=works.flows["cem_coal_feed_m"] * 27.5 + 2.0,
        cem_e_mill_1=mill_1,
        cem_e_mill_2=mill_2,
        cem_e_packing=spread(by_day(cement) * 1.6, between(clock.hour, (6, 22))) + 6.0,
        cem_e_air=air,
        cem_e_water=np.where(running, 82.0, 22.0) * (1 + drift(random, clock.size, 12, 0.02)),
        cem_e_office=office,
    )
    _power(works, clinker, load, drift(random, clock.size, 12, 0.02))
    works.flows |= {
        "cem_air_v": air / 0.115,
        "cem_water_v": np.where(running, 24.0, 3.0) * (1 + drift(random, clock.size, 24, 0.05)),
        "cem_coal_truck_m": deliveries(lagged(works.flows["cem_coal_feed_m"], 60), between(clock.hour, (8, 18))),
        "cem_diesel_vehicles_v": 0.022 * between(clock.hour, (6, 22)) * (0.3 + clinker / CLINKER_PER_QUARTER),
    }
    works.products = {
        ("cement", "cement_kiln", "clinker"): clinker,
        ("cement", "cement_grinding", "cement"): cement,
    }
    return works


def _power(works: Works, clinker: Series, load: Series, noise: Series) -> None:
    """Waste-heat power never flows back to the grid: the turbine bypasses what the works cannot use."""
    recovered = clinker * 29.0 * (1 + noise)
    lossy = load * 1.012 + 6.25
    recovered = np.minimum(recovered, np.maximum(0.0, (lossy - 40.0) / (1 - 0.065 * 1.012)))
    auxiliary = recovered * 0.065 + 4.0
    works.flows |= {"cem_e_whr_ep": recovered, "cem_e_whr_aux_ep": auxiliary}
    loss = works.lose("cement_bus", "electricity", 6.25 + 0.012 * (load + auxiliary))
    grid = load + auxiliary + loss - recovered
    factor = np.clip(0.93 + noise, 0.85, 0.99)
    works.flows |= {"cem_e_main_ep": grid, "cem_e_main_eq": reactive(grid, factor)}
    works.levels |= {"cem_e_main_p": grid * 4, "cem_e_main_pf": factor, "cem_e_whr_p": recovered * 4}
    for name in ("raw_mill", "kiln", "mill_1", "mill_2"):
        works.levels[f"cem_e_{name}_p"] = works.flows[f"cem_e_{name}_ep"] * 4
