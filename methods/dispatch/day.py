"""A day of a plant as arrays by step, what it costs and gives to each node: one arithmetic for every schedule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from methods.dispatch.plant import Converter, Plant, Purchase, Sale, Shiftable, Storage
from methods.dispatch.program import Floats


@dataclass(frozen=True)
class Day:
    """What is given: by device prices (CNY per kWh, of fuel per unit), t CO2 per the same, bounds; by node the demand.

    `availability` is the share of a step in which a converter can run, or the kW that a source has. `floor` is the
    contract that a purchase takes; `limit` the peak that the month pays for anyway (kW), `limit_price` what each kW
    above costs; `running` says what ran before the first step; `done` are the real kW (a storage: out less in).
    """

    hours: float
    demand: Mapping[str, Floats]
    price: Mapping[str, Floats]
    emission: Mapping[str, Floats]
    availability: Mapping[str, Floats]
    done: Mapping[str, Floats]
    done_in: Mapping[str, Floats] = field(default_factory=dict)
    floor: Mapping[str, Floats] = field(default_factory=dict)
    floor_cost: Mapping[str, Floats] = field(default_factory=dict)
    limit: Mapping[str, float] = field(default_factory=dict)
    limit_price: Mapping[str, float] = field(default_factory=dict)
    running: Mapping[str, bool] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(next(iter(self.done.values())))


@dataclass(frozen=True)
class Schedule:
    """The kW of each device (a storage: what comes out), what goes into storages, what runs, and the kW of links."""

    power: Mapping[str, Floats]
    into: Mapping[str, Floats]
    on: Mapping[str, Floats]
    flow: Mapping[str, Floats]

    def net(self, device: str) -> Floats:
        """The kW of a device, what a storage takes in being negative."""
        return self.power[device] - self.into[device] if device in self.into else self.power[device]


def as_done(plant: Plant, day: Day) -> Schedule:
    """Return what was really done; a converter ran where it gave something."""
    storages = {name for name, device in plant.devices.items() if isinstance(device, Storage)}
    on = {
        name: (day.done[name] > 0).astype(float)
        for name, device in plant.devices.items()
        if isinstance(device, Converter)
    }
    power = {name: day.done[name] for name in plant.devices}
    return Schedule(
        power, {name: day.done_in[name] for name in storages}, on, {name: day.done[name] for name in plant.links}
    )


def given(plant: Plant, day: Day, schedule: Schedule) -> dict[str, Floats]:
    """Return the kW that a schedule gives to each node, without what is let off."""
    found = {node: np.zeros(day.steps) for node in plant.nodes}
    for name, device in plant.devices.items():
        power = schedule.net(name)
        found[device.node] = found[device.node] + (-power if isinstance(device, Sale | Shiftable) else power)
        if isinstance(device, Converter):
            on = schedule.on[name] * day.availability[name]
            for node in device.per_kw:
                if node:
                    found[node] = found[node] + device.on[node] * on + device.per_kw[node] * power
    for name, link in plant.links.items():
        flow = schedule.flow[name]
        found[link.to_node] = found[link.to_node] + flow
        found[link.from_node] = found[link.from_node] - flow / (1 - link.loss_ratio)
    return found


def fuel(device: Converter, day: Day, schedule: Schedule) -> Floats:
    """Return the fuel per hour of a converter, in the unit of its price."""
    on = schedule.on[device.id] * day.availability[device.id]
    return device.on[""] * on + device.per_kw[""] * schedule.power[device.id]


def costs(plant: Plant, day: Day, schedule: Schedule) -> dict[str, tuple[float, float]]:
    """Return CNY, the carbon price left out, and t CO2 of each device."""
    found = {}
    for name, device in plant.devices.items():
        power, rate, emission = schedule.power[name], day.price.get(name), day.emission.get(name)
        amount, fixed = power, 0.0
        if isinstance(device, Purchase):
            paid = power - day.floor.get(name, 0.0)
            peak = max(0.0, float(np.max(power, initial=0.0)) - day.limit.get(name, float("inf")))
            fixed = peak * day.limit_price.get(name, 0.0) + float(np.sum(day.floor_cost.get(name, 0.0)))
        elif isinstance(device, Sale):
            paid, rate = -power, np.full(day.steps, device.price_cny_per_kwh)
        elif isinstance(device, Storage):
            paid, rate = power, np.full(day.steps, device.wear_cny_per_kwh)
        elif isinstance(device, Converter):
            paid = amount = fuel(device, day, schedule)
            fixed = device.start_cost_cny * starts(schedule.on[name], running=day.running.get(name, True))
        else:
            continue
        money = 0.0 if rate is None else float(np.sum(paid * rate)) * day.hours
        tonnes = 0.0 if emission is None else float(np.sum(amount * emission)) * day.hours
        found[name] = money + fixed, tonnes
    return found


def total(plant: Plant, day: Day, schedule: Schedule) -> tuple[float, float]:
    """Return CNY with the carbon price and t CO2 of a schedule."""
    parts = costs(plant, day, schedule).values()
    tonnes = sum(part[1] for part in parts)
    return sum(part[0] for part in parts) + tonnes * plant.carbon_price_cny_per_t, tonnes


def starts(on: Floats, *, running: bool) -> int:
    """Count how often something starts."""
    return int(np.sum(np.diff(np.round(on), prepend=float(running)) > 0))
