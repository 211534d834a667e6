"""A past day three times: as it was done, as the day before would have planned it, and with all that is known now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from methods.dispatch import model, sharing
from methods.dispatch.day import Day, Schedule, as_done, costs, total
from methods.dispatch.model import Best, Held
from methods.dispatch.plant import Converter, Plant, Shiftable, Source, Storage
from methods.dispatch.program import Floats


@dataclass(frozen=True)
class Tested:
    """Cost in CNY (with the carbon price) and t CO2 of a day as done, as planned (None without a forecast), at best.

    `alone` is what each organisation could have gained by itself, `shared` its part of what they gain together.
    """

    done: tuple[float, float]
    plan: tuple[float, float] | None
    best: tuple[float, float]
    schedules: tuple[Schedule, Schedule | None, Schedule]
    prices: Mapping[str, Floats]
    gap: float
    alone: Mapping[str, float]
    shared: Mapping[str, float]


def of_day(plant: Plant, day: Day, week_before: Day | None, day_before: Day | None) -> Tested:
    """Test a day. Raises program.InfeasibleError where no schedule keeps all limits."""
    free = frozenset(plant.links)
    best = model.solve(plant, day, free=free)
    plan = None
    if week_before is not None and day_before is not None:
        planned = model.solve(plant, forecast(plant, day, week_before, day_before), free=free)
        plan = model.solve(plant, day, free=free, held=_held(plant, day, day_before, planned)).schedule
    alone, shared = _shares(plant, day, best)
    done = as_done(plant, day)
    return Tested(
        total(plant, day, done),
        total(plant, day, plan) if plan else None,
        total(plant, day, best.schedule),
        (done, plan, best.schedule),
        best.prices,
        best.gap,
        alone,
        shared,
    )


def forecast(plant: Plant, day: Day, week_before: Day, day_before: Day) -> Day:
    """Return the day as the day before expects it: loads of a week ago, sun, wind and outages of the day before.

    Tariffs, contracts and the amount of a shiftable load are known a day ahead.
    """
    available = {}
    for name, device in plant.devices.items():
        if isinstance(device, Source):
            available[name] = day_before.done[name]
        elif isinstance(device, Converter):
            runs = 1.0 if device.min_kw == 0 else float(day_before.availability[name][-1] > 0)
            available[name] = np.full(day.steps, runs)
    given = {name: day_before.done[name] for name, device in plant.devices.items() if isinstance(device, Source)}
    given |= {
        name: np.where(available[name] > 0, device.min_kw, 0.0)
        for name, device in plant.devices.items()
        if isinstance(device, Converter) and not device.not_below_done
    }
    return replace(day, demand=week_before.demand, availability=available, done={**day.done, **given})


def _held(plant: Plant, day: Day, day_before: Day, planned: Best) -> Held:
    """Hold what a plan decides the day before; running units, links and the grid follow the day as it comes."""
    plan = planned.schedule
    shifted = {name for name, device in plant.devices.items() if isinstance(device, Shiftable | Storage)}
    on = {
        name: np.full(day.steps, np.nan) if day_before.availability[name][-1] == 0 else plan.on[name]
        for name, device in plant.devices.items()
        if isinstance(device, Converter) and device.can_stop
    }
    return Held({name: plan.power[name] for name in shifted}, plan.into, on)


def _shares(plant: Plant, day: Day, best: Best) -> tuple[dict[str, float], dict[str, float]]:
    """Return what each organisation gains alone and its part of the rest, CNY."""
    players = sorted({node.organization_id for node in plant.nodes.values()})
    least = {frozenset(plant.links): total(plant, day, best.schedule)[0]}

    def cost(coalition: frozenset[str]) -> float:
        inside = {node.id for node in plant.nodes.values() if node.organization_id in coalition}
        links = frozenset(name for name, link in plant.links.items() if {link.from_node, link.to_node} <= inside)
        if links not in least:
            least[links] = total(plant, day, model.solve(plant, day, free=links).schedule)[0]
        return least[links]

    apart = model.solve(plant, day)
    least[frozenset()] = total(plant, day, apart.schedule)[0]
    done, each = _by_owner(plant, day, as_done(plant, day)), _by_owner(plant, day, apart.schedule)
    alone = {player: done.get(player, 0.0) - each.get(player, 0.0) for player in players}
    return alone, sharing.shapley(players, lambda coalition: least[frozenset()] - cost(coalition))


def _by_owner(plant: Plant, day: Day, schedule: Schedule) -> dict[str, float]:
    found: dict[str, float] = {}
    for device, (money, tonnes) in costs(plant, day, schedule).items():
        owner = plant.owner(device)
        found[owner] = found.get(owner, 0.0) + money + tonnes * plant.carbon_price_cny_per_t
    return found
