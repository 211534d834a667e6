"""A day's arrays from readings, prices, factors and contracts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from methods.dispatch.day import Day, as_done, given
from methods.dispatch.plant import Converter, Plant, Purchase, Sale, Source, Storage
from methods.dispatch.program import Floats
from methods.dispatch.tariffs import Tariffs


@dataclass(frozen=True)
class Given:
    """What days share: prices, t CO2 per unit by (organisation, carrier), what a kW above the limit costs."""

    tariffs: Tariffs
    emissions: Mapping[tuple[str, str], float]
    demand_price: Mapping[str, float]


def of(  # noqa: PLR0913 -- what is known of a day
    plant: Plant,
    times: Sequence[datetime],
    series: Mapping[str, Floats],
    *,
    shared: Given,
    limits: Mapping[str, float],
    running: Mapping[str, bool],
) -> Day:
    """Return the day of local `times`: `series` are the kW of each point, `limits` the peak that is paid anyway.

    The demand of a node is what its devices gave it, so that the day as done balances. Raises tariffs.NoPriceError.
    """
    devices = plant.devices
    done = {name: series[device.point] for name, device in devices.items()}
    done |= {name: series[link.point] for name, link in plant.links.items()}
    into = {}
    for name, device in devices.items():
        if isinstance(device, Storage):
            done[name], into[name] = series[device.out_point], series[device.point]
    bought = {
        name: (str(device.energy_unit_id), device.carrier)
        for name, device in devices.items()
        if device.carrier and not isinstance(device, Sale)
    }
    day = Day(
        hours=plant.step_minutes / 60,
        demand={},
        price={name: shared.tariffs.at(unit, carrier, times) for name, (unit, carrier) in bought.items()},
        emission={
            name: np.full(len(times), shared.emissions.get((plant.owner(name), carrier), 0.0))
            for name, (_, carrier) in bought.items()
        },
        availability={name: _availability(device, done[name]) for name, device in devices.items()},
        done=done,
        done_in=into,
        limit={name: limits[name] for name in devices if name in limits and name in shared.demand_price},
        limit_price={
            name: shared.demand_price[name] for name in devices if name in limits and name in shared.demand_price
        },
        running=running,
        **_contracts(plant, times, series, shared.tariffs),
    )
    return replace(day, demand=given(plant, day, as_done(plant, day)))


def _availability(device: object, done: Floats) -> Floats:
    """Return what a source had, or the share of each step that a converter could run: as much as it ran."""
    if isinstance(device, Source):
        return done
    if isinstance(device, Converter) and device.min_kw > 0:
        return np.clip(done / device.min_kw, 0.0, 1.0)
    return np.ones(len(done))


def _contracts(
    plant: Plant, times: Sequence[datetime], series: Mapping[str, Floats], tariffs: Tariffs
) -> dict[str, dict[str, Floats]]:
    """Return what contracts bring, never more than was taken in all, and what that costs."""
    floor, cost = {}, {}
    for name, device in plant.devices.items():
        if not isinstance(device, Purchase) or not device.contracts:
            continue
        amounts = {carrier: series[point] for carrier, point in device.contracts.items()}
        whole = np.sum(list(amounts.values()), axis=0)
        part = np.minimum(1.0, np.divide(series[device.point], whole, out=np.ones_like(whole), where=whole > 0))
        floor[name] = whole * part
        prices = {carrier: tariffs.at(str(device.energy_unit_id), carrier, times) for carrier in amounts}
        cost[name] = np.sum([amounts[carrier] * part * prices[carrier] for carrier in amounts], axis=0)
        cost[name] = cost[name] * plant.step_minutes / 60
    return {"floor": floor, "floor_cost": cost}
