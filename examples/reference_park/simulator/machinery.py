"""The machine works: two shifts on working days, rooftop PV, a battery, compressed air and chilled water."""

import numpy as np

from examples.reference_park.simulator.clock import QUARTERS, Clock, Mask, Series
from examples.reference_park.simulator.shapes import between, drift, events, generator, reactive, total
from examples.reference_park.simulator.weather import Weather, pv_energy
from examples.reference_park.simulator.works import Works

STEAM_HEAT = 2.83616  # GJ/t above feed water
BATTERY_KWH = 4000.0
ONE_WAY = 0.945  # of charging and of discharging: 89 % there and back


def _activity(clock: Clock, random: np.random.Generator) -> Series:
    """Return 0..1: how busy the shops are. Two shifts on working days, one on Saturdays."""
    saturday = np.repeat((clock.weekday == 5) & ~clock.days_of("holiday"), QUARTERS)
    early = between(clock.hour, (8.0, 11.75), (12.5, 16.5))
    late = between(clock.hour, (16.75, 20.0), (20.5, 24.0))
    busy = np.where(clock.working, 1.0 * early + 0.82 * late, np.where(saturday, 0.65 * early, 0.0))
    busy = np.where(clock.stopped("machinery"), 0.0, busy)
    orders = 1 + drift(random, clock.size, 400, 0.06)
    return np.clip(busy * orders * (1 + drift(random, clock.size, 1, 0.05)), 0.0, 1.1)


def _battery(clock: Clock, shops_open: Mask) -> tuple[Series, Series, Series]:
    """Two cycles on working days: return kWh in, kWh out, and the state of charge in percent."""
    charge = np.where(between(clock.hour, (0, 4), (12, 15)), 1.0, 0.0) * shops_open
    discharge = np.where(between(clock.hour, (8, 11), (17.5, 20.5)), 1.0, 0.0) * shops_open
    depth = 0.80 * BATTERY_KWH
    into = depth / ONE_WAY / 16 * charge
    into = np.where(between(clock.hour, (12, 15)), depth / ONE_WAY / 12 * charge, into)
    out = depth * ONE_WAY / 12 * discharge
    stored = 0.1 * BATTERY_KWH + np.cumsum(into * ONE_WAY - out / ONE_WAY)
    return into, out, np.clip(100 * stored / BATTERY_KWH, 0.0, 100.0)


def _compressors(works: Works, busy: Series, random: np.random.Generator) -> None:
    """Two fixed-speed machines and a variable-speed one share the demand for air."""
    demand = (1100 + 5300 * busy) * (1 + drift(random, busy.size, 3, 0.03)) / 4  # m3
    full = 2300 / 4
    first = np.minimum(demand, full)
    second = np.minimum(np.maximum(demand - full, 0.0), full)
    third = np.maximum(demand - 2 * full, 0.0)
    works.flows["mac_air_v"] = demand
    works.feeders(
        mac_e_air_1=first * 0.092 + 6.0,
        mac_e_air_2=np.where(second > 0, second * 0.092 + 6.0, 1.0),
        mac_e_air_3=third * 0.098 + 1.0,
    )


def _shops(works: Works, clock: Clock, weather: Weather, busy: Series, random: np.random.Generator) -> None:
    hot_week = np.where(clock.stopped("machinery"), 0.0, np.repeat((clock.weekday < 6).astype(float), QUARTERS))
    hot_week = np.where(np.repeat(clock.days_of("holiday"), QUARTERS), 0.15, hot_week)
    soak = 1 + drift(random, clock.size, 5, 0.05)
    cooling = np.clip((weather.temperature - 17) / 16, 0, 1.1) * (0.25 + 0.75 * busy) * 900
    works.feeders(
        mac_e_press=busy * 150 + 6,
        mac_e_induction=busy * 265 * soak + 3,
        mac_e_furnace_1=hot_week * 74 * soak + 3,
        mac_e_furnace_2=hot_week * 70 * soak + 3,
        mac_e_furnace_3=hot_week * 31 * soak + 1,
        mac_e_line_a=busy * 232 + 22,
        mac_e_line_b=busy * 190 + 18,
        mac_e_degrease=busy * 34 + 4,
        mac_e_paint_assembly=busy * 290 + 35,
        mac_e_test=busy * 36 + 3,
        mac_e_chiller_1=np.minimum(cooling, 480) / 4 + 1.0,
        mac_e_chiller_2=np.maximum(cooling - 480, 0) / 4 + 1.0,
        mac_e_office=(55 + 190 * between(clock.hour, (8, 18)) * clock.working + 6 * np.abs(weather.temperature - 19))
        / 4,
    )
    chillers = works.flows["mac_e_chiller_1_ep"] + works.flows["mac_e_chiller_2_ep"] - 2.0
    works.flows |= {
        "mac_cooling_h": chillers * 5.2 * 0.0036,
        "mac_gas_furnace_1_v": hot_week * 34 * soak,
        "mac_gas_furnace_2_v": hot_week * 32 * soak,
        "mac_gas_furnace_3_v": hot_week * 15 * soak,
        "mac_gas_oven_v": busy * 27,
    }


def _fuels(works: Works, weather: Weather, busy: Series) -> None:
    gas = total(works.flows[f"mac_gas_{name}_v"] for name in ("furnace_1", "furnace_2", "furnace_3", "oven"))
    steam = 0.34 * busy + 1.7 * np.clip((12 - weather.temperature) / 15, 0, 1.2)
    works.flows |= {
        "mac_gas_main_v": gas + works.lose("machinery_gas", "natural_gas", gas * 0.004),
        "mac_steam_m": steam,
        "mac_steam_h": steam * STEAM_HEAT,
        "mac_gasoline_v": busy * 0.0028,
        "mac_diesel_v": busy * 0.0082,
        "mac_ethanol_v": busy * 0.0024,
        "mac_kerosene_m": events(busy * 0.0011, 0.16),
        "mac_lpg_m": events(busy * 0.0060, 0.05),
        "mac_methanol_m": busy * 0.031,
        "mac_acetylene_v": busy * 1.9,
        "mac_water_v": 1.1 + busy * 6.5,
    }
    works.products = {("machinery", "machinery_assembly", "gear_unit"): events(busy * 0.62, 1.0)}


def simulate(clock: Clock, weather: Weather, seed: int) -> Works:
    """Return the machine works' quarter hours."""
    works, random = Works(), generator(seed, "machinery")
    busy = _activity(clock, random)
    _compressors(works, busy, random)
    _shops(works, clock, weather, busy, random)
    _fuels(works, weather, busy)
    load = total(series for point, series in works.flows.items() if point.startswith("mac_e_"))
    open_days = np.repeat(clock.working_days, QUARTERS) & ~clock.stopped("machinery")
    into, out, soc = _battery(clock, open_days)
    loss = works.lose("machinery_bus", "electricity", 5.0 + 0.010 * (load + into))
    pv = pv_energy(weather, 6000, 5200)
    net = load + into + loss - pv - out
    centre = np.minimum(np.maximum(net, 0.0) * 0.45, 3000 / 4)
    grid = np.maximum(net, 0.0) - centre
    factor = np.clip(0.93 + drift(random, clock.size, 8, 0.012), 0.85, 0.99)
    works.flows |= {
        "mac_e_main_ep": grid,
        "mac_e_main_ee": np.maximum(-net, 0.0),
        "mac_e_main_eq": reactive(grid, factor),
        "mac_e_centre_ep": centre,
        "mac_e_pv_ep": pv,
        "mac_e_battery_ep": into,
        "mac_e_battery_ee": out,
    }
    works.levels |= {
        "mac_e_main_p": (grid - np.maximum(-net, 0.0)) * 4,
        "mac_e_main_pf": factor,
        "mac_e_pv_p": pv * 4,
        "mac_e_battery_p": (into - out) * 4,
        "mac_battery_soc_soc": soc,
        "mac_outdoor_temp_t": weather.temperature,
        "mac_irradiance_x": weather.irradiance,
    }
    return works
