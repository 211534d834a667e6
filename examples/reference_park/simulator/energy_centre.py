"""The park's energy centre: heat-led gas CHP, a biomass boiler, an oil and ammonia reserve, contracts, the network."""

from dataclasses import dataclass

import numpy as np

from examples.reference_park.simulator.clock import QUARTERS, Clock, Mask, Series
from examples.reference_park.simulator.shapes import between, drift, generator, ramp, reactive, trips
from examples.reference_park.simulator.weather import Weather, pv_energy, wind_energy
from examples.reference_park.simulator.works import Works

STEAM_HEAT = 2.83616  # GJ/t above feed water
GAS_KWH = 10.81  # lower heat value of a m3 at 20 degC
TURBINE_KW = 20_000.0
CHP_EFFICIENCY = 0.80
CHIPS_HEAT = 14.2  # GJ/t
OIL_HEAT = 41.8
AMMONIA_HEAT = 18.6
#: Five-day trials of burning ammonia beside oil in the reserve boiler.
TRIALS = ("2024-11-18", "2025-03-17", "2025-06-23", "2025-09-15", "2025-11-17")
CONTRACT = {"hydro": 0.45, "thermal": 0.20, "biopower": 0.10}


@dataclass(frozen=True)
class Demand:
    """What the tenants take: heat in GJ and power in kWh per quarter hour."""

    heat: Series
    power: Series


def _electric_efficiency(load: Series) -> Series:
    return 0.362 - 0.085 * (1 - load) ** 1.3


def _turbine_tables() -> tuple[Series, Series]:
    load = np.linspace(0.4, 1.0, 121)
    fuel_kwh = load * TURBINE_KW / 4 / _electric_efficiency(load)
    heat = (fuel_kwh * CHP_EFFICIENCY - load * TURBINE_KW / 4) * 0.0036
    return load, heat


def _turbines(works: Works, need: Series, clock: Clock, seed: int) -> Series:
    """Run one or two sets so that their heat meets the need; return the heat made (GJ)."""
    random = generator(seed, "turbines")
    table_load, table_heat = _turbine_tables()
    ready = [~clock.stopped(f"energy_centre_gt_{i}") & ~trips(random, clock.size, 40, (2, 18)) for i in (1, 2)]
    both = ready[0] & ready[1] & (need > 2 * table_heat[0])
    single = need >= table_heat[0]
    on = [both | (ready[0] & single), both | (ready[1] & ~ready[0] & single)]
    units = on[0].astype(float) + on[1]
    each = np.clip(need / np.maximum(units, 1), table_heat[0], table_heat[-1])
    load = np.interp(each, table_heat, table_load)
    made = np.zeros(clock.size)
    for number, running in ((1, on[0]), (2, on[1])):
        power = np.where(running, load * TURBINE_KW / 4, 0.0)
        fuel = np.where(running, load * TURBINE_KW / 4 / _electric_efficiency(load), 0.0)
        heat = (fuel * CHP_EFFICIENCY - power) * 0.0036
        works.flows |= {
            f"enc_e_gt_{number}_ep": power,
            f"enc_gas_gt_{number}_v": fuel / GAS_KWH,
            f"enc_steam_hrsg_{number}_h": heat,
            f"enc_steam_hrsg_{number}_m": heat / STEAM_HEAT,
        }
        works.levels[f"enc_e_gt_{number}_p"] = power * 4
        probe = drift(generator(seed, f"exhaust {number}"), clock.size, 1, 4)
        works.levels[f"enc_gt_{number}_exhaust_temp_t"] = np.where(running, 440 + 95 * load, 40.0) + probe
        made = made + heat
    return made


def _biomass(works: Works, need: Series, clock: Clock, random: np.random.Generator) -> Series:
    running = ~clock.stopped("energy_centre_biomass") & ~trips(random, clock.size, 25, (4, 16))
    heat = np.minimum(9.4 * ramp(running, 4) * (1 + drift(random, clock.size, 24, 0.04)), need * 0.6)
    power = heat * 277.8 * 0.095
    works.flows |= {
        "enc_steam_biomass_h": heat,
        "enc_steam_biomass_m": heat / STEAM_HEAT,
        "enc_e_biomass_ep": power,
        "enc_biomass_m": (heat + power * 0.0036) / 0.86 / CHIPS_HEAT,
    }
    return heat


def _trial_hours(clock: Clock) -> Mask:
    days = np.zeros(clock.days, dtype=bool)
    for first in TRIALS:
        days |= (clock.dates >= np.datetime64(first)) & (clock.dates < np.datetime64(first) + 5)
    return np.repeat(days, QUARTERS) & between(clock.hour, (9, 17))


def _reserve(works: Works, shortfall: Series, clock: Clock) -> Series:
    """Fill what CHP and biomass cannot, run a monthly test, and burn ammonia in the trials; return GJ of steam."""
    first_days = np.repeat((clock.dates - clock.dates.astype("datetime64[M]")).astype(int) == 2, QUARTERS)
    test = first_days & between(clock.hour, (10, 12))
    trial = _trial_hours(clock)
    heat = np.maximum(shortfall, np.where(trial, 8.0, np.where(test, 4.0, 0.0)))
    fuel = heat / 0.91
    ammonia = np.where(trial, 0.20 * fuel, 0.0)
    works.flows |= {
        "enc_steam_reserve_h": heat,
        "enc_steam_reserve_m": heat / STEAM_HEAT,
        "enc_ammonia_m": ammonia / AMMONIA_HEAT,
        "enc_fuel_oil_m": (fuel - ammonia) / OIL_HEAT,
    }
    return heat


def _steam(works: Works, demand: Demand, clock: Clock, seed: int) -> Series:
    """Make what the tenants take, the pipes lose and the header needs; return tonnes of steam made."""
    pipe = works.lose("steam_network", "heat", 0.6 + 0.02 * demand.heat)
    header = demand.heat + pipe
    made = header / 0.99
    works.lose("energy_centre_header", "heat", made - header)
    capacity = 2 * _turbine_tables()[1][-1]
    planned = np.where(_trial_hours(clock), 8.0, 0.0)
    random = generator(seed, "steam")
    biomass = _biomass(works, made - planned, clock, random)
    turbines = _turbines(works, np.clip(made - planned - biomass, 0.0, capacity), clock, seed)
    reserve = _reserve(works, np.maximum(made - biomass - turbines, 0.0), clock)
    surplus = biomass + turbines + reserve - made
    works.flows["energy_centre_header__loss__heat"] += surplus  # blown off where units cannot turn lower
    works.flows |= {"enc_steam_header_h": header, "enc_steam_header_m": header / STEAM_HEAT}
    works.levels["enc_steam_pressure_x"] = 1.6 + drift(random, clock.size, 2, 0.02)
    return (biomass + turbines + reserve) / STEAM_HEAT


def _own_use(works: Works, steam: Series, gas: Series, weather: Weather, clock: Clock) -> Series:
    feed = steam * 7.2 + 6.0
    charging = 110 + 620 * between(clock.hour, (11.5, 14), (22, 24), (0, 3)) + 180 * between(clock.hour, (7, 22))
    dark = (weather.irradiance < 15).astype(float)
    return works.feeders(
        enc_e_network=np.full(clock.size, 15.0),
        enc_e_pumps=works.feeder_of("energy_centre_pumps", steam * 9.0 + 20.0, enc_e_feed_pump=feed),
        enc_e_gas_compressor=gas * 0.088 + 3.0,
        enc_e_biomass_aux=works.flows["enc_steam_biomass_m"] * 17.0 + 6.0,
        enc_e_reserve_aux=works.flows["enc_steam_reserve_m"] * 7.0 + 2.0,
        enc_e_charging=charging / 4,
        enc_e_lighting=dark * 62.0 + 3.0,
        enc_e_office=(60 + 80 * between(clock.hour, (7.5, 18)) + 5 * np.abs(weather.temperature - 19)) / 4,
    )


def simulate(clock: Clock, weather: Weather, demand: Demand, seed: int) -> Works:
    """Return the energy centre's quarter hours, given what the tenants take."""
    works, random = Works(), generator(seed, "energy_centre")
    steam = _steam(works, demand, clock, seed)
    gas = works.flows["enc_gas_gt_1_v"] + works.flows["enc_gas_gt_2_v"]
    works.flows["enc_gas_main_v"] = gas + works.lose("energy_centre_gas", "natural_gas", gas * 0.001)
    load = demand.power + _own_use(works, steam, gas, weather, clock)
    pv, wind = pv_energy(weather, 3000, 2600), wind_energy(weather, 10_000)
    turbines = works.flows["enc_e_gt_1_ep"] + works.flows["enc_e_gt_2_ep"] + works.flows["enc_e_biomass_ep"]
    loss = works.lose("energy_centre_bus", "electricity", 22.5 + 0.009 * load)
    net = load + loss - turbines - pv - wind
    bought = np.maximum(net, 0.0)
    factor = np.clip(0.95 + drift(random, clock.size, 8, 0.01), 0.88, 0.99)
    works.flows |= {
        "enc_e_pv_ep": pv,
        "enc_e_wind_ep": wind,
        "enc_e_gateway_ep": bought,
        "enc_e_gateway_ee": np.maximum(-net, 0.0),
        "enc_e_gateway_eq": reactive(np.abs(net), factor),
        "enc_soft_water_v": steam * 0.92,
        "enc_water_v": steam * 1.25 + 4.0,
    }
    for name, share in CONTRACT.items():
        hours = np.clip(1 + drift(random, clock.size, 8, 0.10), 0.7, 1.25)
        works.flows[f"enc_contract_{name}_ep"] = bought * share * hours
    works.levels |= {
        "enc_e_gateway_p": net * 4,
        "enc_e_pv_p": pv * 4,
        "enc_e_wind_p": wind * 4,
        "enc_wind_speed_x": weather.wind,
    }
    sold = demand.heat
    works.products = {
        ("energy_centre", "energy_centre_network", "steam"): sold / STEAM_HEAT,
        ("energy_centre", "energy_centre_substation", "electricity"): demand.power + np.maximum(-net, 0.0),
    }
    return works
