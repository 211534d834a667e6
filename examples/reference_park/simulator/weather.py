"""Weather of the lower Yangtze, good enough to move PV, wind, heating and cooling."""

from dataclasses import dataclass

import numpy as np

from examples.reference_park.simulator.clock import QUARTERS, Clock, Series
from examples.reference_park.simulator.shapes import drift, generator

LATITUDE = np.radians(32.5)


@dataclass(frozen=True)
class Weather:
    """Outdoor temperature in degC, global irradiance in W/m2, wind speed at hub height in m/s."""

    temperature: Series
    irradiance: Series
    wind: Series


def _clear_sky(clock: Clock) -> Series:
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + clock.day_of_year) / 365)
    hour_angle = np.radians(15 * (clock.hour - 12.0))
    height = np.sin(LATITUDE) * np.sin(declination) + np.cos(LATITUDE) * np.cos(declination) * np.cos(hour_angle)
    height = np.maximum(height, 0.0)
    clear: Series = 1098 * height * np.exp(-0.057 / np.maximum(height, 0.02))
    return clear


def simulate(clock: Clock, seed: int) -> Weather:
    """Return the weather of the whole clock."""
    random = generator(seed, "weather")
    season = np.cos(2 * np.pi * (clock.day_of_year - 205) / 365)
    cloud = np.repeat(np.clip(random.beta(1.6, 1.4, clock.days), 0.05, 1.0), QUARTERS)
    cloud = np.clip(cloud + drift(random, clock.size, 2.0, 0.10), 0.08, 1.0)
    irradiance = _clear_sky(clock) * cloud
    day_swing = 4.0 * np.cos(2 * np.pi * (clock.hour - 15) / 24) * (0.6 + 0.6 * cloud)
    temperature = 16.0 + 12.5 * season + day_swing + drift(random, clock.size, 72.0, 3.0)
    wind = np.maximum(0.0, 6.2 - 0.6 * season + drift(random, clock.size, 9.0, 2.6))
    return Weather(temperature, irradiance, wind)


def pv_energy(weather: Weather, peak_kw: float, inverter_kw: float) -> Series:
    """Return kWh per quarter hour of a PV plant; warm modules give less."""
    module = weather.temperature + 0.028 * weather.irradiance
    power = peak_kw * weather.irradiance / 1000 * (1 - 0.0037 * (module - 25)) * 0.88
    return np.clip(power, 0.0, inverter_kw) / 4


def wind_energy(weather: Weather, rated_kw: float) -> Series:
    """Return kWh per quarter hour of a wind farm: cubic between cut-in and rated wind."""
    fraction = np.clip((weather.wind**3 - 3.0**3) / (11.5**3 - 3.0**3), 0.0, 1.0)
    return np.where(weather.wind > 25, 0.0, fraction) * rated_kw / 4
