"""The least cost of a day as a linear or mixed-integer program: devices as columns, nodes as rows."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import numpy as np

from methods.dispatch.day import Day, Schedule, as_done
from methods.dispatch.plant import Converter, Device, Plant, Purchase, Sale, Shiftable, Source, Storage
from methods.dispatch.program import Columns, Floats, Program


@dataclass(frozen=True)
class Held:
    """What is not decided any more: the kW of storages and of shiftable loads, and what runs (nan: open)."""

    power: Mapping[str, Floats] = field(default_factory=dict)
    into: Mapping[str, Floats] = field(default_factory=dict)
    on: Mapping[str, Floats] = field(default_factory=dict)


NOTHING = Held()
#: What each kWh that differs from what was done weighs: of schedules that cost the same, the one that changes least.
STAY_CNY_PER_KWH = 0.0005


@dataclass(frozen=True)
class Best:
    """The best schedule, the price of a kWh more at each node and step, and how far its cost may be off (a share)."""

    schedule: Schedule
    prices: Mapping[str, Floats]
    gap: float


def solve(plant: Plant, day: Day, *, free: Set[str] = frozenset(), held: Held = NOTHING) -> Best:
    """Return the cheapest schedule of a day with the carbon price; links that are not `free` stay as they were done.

    Prices in CNY/kWh. Raises InfeasibleError with what gives way (a balance or limit), its step and the missing kW.
    """
    return _Model(plant, day, held).solved(free)


class _Model:
    """Columns and rows of one day, device by device."""

    def __init__(self, plant: Plant, day: Day, held: Held) -> None:
        self.plant, self.day, self.held = plant, day, held
        self.program = Program()
        self.power: dict[str, Columns] = {}
        self.into: dict[str, Columns] = {}
        self.on: dict[str, Columns] = {}
        self.given: dict[str, list[tuple[Columns, Floats | float]]] = {node: [] for node in plant.nodes}
        self.offset = {node: np.zeros(day.steps) for node in plant.nodes}
        self.done = as_done(plant, day)

    def solved(self, free: Set[str]) -> Best:
        day, plant = self.day, self.plant
        for device in plant.devices.values():
            self._add(device)
        flows = self._links(free)
        balances = {}
        for node in plant.nodes.values():
            if node.may_waste:
                self.given[node.id].append((self.program.add(day.steps), -1.0))
            right = day.demand[node.id] - self.offset[node.id]
            balances[node.id] = self.program.keep(node.id, right, right, day.steps, *self.given[node.id])
        found = self.program.solve()
        values = found.values
        on = dict(self.done.on) | {name: np.ones(day.steps) for name in self._always()}
        on |= {name: values[columns].round() for name, columns in self.on.items()}
        schedule = Schedule(
            {name: values[columns] for name, columns in self.power.items()},
            {name: values[columns] for name, columns in self.into.items()},
            on,
            {name: values[columns] for name, columns in flows.items()},
        )
        prices = {node: found.prices[rows] / day.hours for node, rows in balances.items()}
        return Best(schedule, prices, found.gap)

    def _always(self) -> list[str]:
        return [
            name for name, device in self.plant.devices.items() if isinstance(device, Converter) and not device.can_stop
        ]

    def _rate(self, name: str) -> Floats:
        """Return the cost of a kWh, or of a unit of fuel, with its carbon."""
        nothing = np.zeros(self.day.steps)
        carbon = self.day.emission.get(name, nothing) * self.plant.carbon_price_cny_per_t
        return np.asarray(self.day.price.get(name, nothing) + carbon, dtype=float)

    def _add(self, device: Device) -> None:
        if isinstance(device, Purchase):
            self._purchase(device)
        elif isinstance(device, Sale):
            self._sale(device)
        elif isinstance(device, Source):
            self._column(device, 1.0, upper=self.day.availability[device.id])
        elif isinstance(device, Storage):
            self._storage(device)
        elif isinstance(device, Shiftable):
            self._shiftable(device)
        elif isinstance(device, Converter):
            self._converter(device)

    def _column(
        self,
        device: Device,
        sign: float,
        *,
        lower: Floats | float = 0.0,
        upper: Floats | None = None,
        cost: Floats | float = 0.0,
    ) -> Columns:
        """Add the kW of a device and give them to its node; what was done is never beyond a bound."""
        done = self.day.done[device.id]
        upper = np.maximum(device.max_kw, done) if upper is None else upper
        lower = np.maximum(lower, done) if device.not_below_done else lower
        columns = self.program.add(self.day.steps, cost=cost, lower=lower, upper=upper)
        self.power[device.id] = columns
        self.given[device.node].append((columns, sign))
        return columns

    def _stay(self, columns: Columns, done: Floats) -> None:
        """Weigh what differs from what was done."""
        changed = self.program.add(self.day.steps, cost=STAY_CNY_PER_KWH * self.day.hours)
        self.program.keep("change", -np.inf, done, self.day.steps, (columns, 1.0), (changed, -1.0))
        self.program.keep("change", done, np.inf, self.day.steps, (columns, 1.0), (changed, 1.0))

    def _purchase(self, device: Purchase) -> None:
        day, name = self.day, device.id
        rate = self._rate(name)
        floor = day.floor.get(name, np.zeros(day.steps))
        columns = self._column(device, 1.0, lower=floor, cost=rate * day.hours)
        if name in day.limit_price:
            above = self.program.add(1, cost=day.limit_price[name])
            held = np.broadcast_to(above[0], day.steps)
            self.program.keep(f"{name}: peak", -np.inf, day.limit[name], day.steps, (columns, 1.0), (held, -1.0))

    def _sale(self, device: Sale) -> None:
        """Sell; where that pays more than buying costs, a node does one or the other, or both as far as was done."""
        columns = self._column(device, -1.0, cost=-device.price_cny_per_kwh * self.day.hours)
        for name, other in self.plant.devices.items():
            if not isinstance(other, Purchase) or other.node != device.node:
                continue
            steps = np.flatnonzero(self.day.price[name] <= device.price_cny_per_kwh)
            if not len(steps):
                continue
            both = np.minimum(self.day.done[name], self.day.done[device.id])[steps]
            buys = self.program.add(len(steps), upper=1.0, whole=True)
            sold, bought = (np.maximum(each.max_kw, self.day.done[each.id])[steps] for each in (device, other))
            bought_terms = (self.power[name][steps], 1.0), (buys, -bought)
            self.program.keep(f"{name}: buying or selling", -np.inf, both, len(steps), *bought_terms)
            sold_terms = (columns[steps], 1.0), (buys, sold)
            self.program.keep(f"{device.id}: buying or selling", -np.inf, both + sold, len(steps), *sold_terms)

    def _shiftable(self, device: Shiftable) -> None:
        done = self.day.done[device.id]
        lower, upper = done * (1 - device.share), np.maximum(device.max_kw, done)
        if device.id in self.held.power:
            lower = upper = self.held.power[device.id]
        columns = self._column(device, -1.0, lower=lower, upper=upper)
        if device.id not in self.held.power:
            self._stay(columns, done)
            self.program.keep(f"{device.id}: energy", done.sum(), done.sum(), 1, (columns[None, :], 1.0))

    def _storage(self, device: Storage) -> None:
        day, name = self.day, device.id
        into_done, out_done = day.done_in[name], day.done[name]
        change = (into_done * device.efficiency_in - out_done / device.efficiency_out) * day.hours
        path = np.cumsum(change)
        least = device.min_ratio * device.capacity_kwh
        begin = least - min(0.0, float(path.min()))
        most = max(device.max_ratio * device.capacity_kwh, begin + float(path.max()))
        wear, held = device.wear_cny_per_kwh * day.hours, self.held.power.get(name)
        out = self._column(device, 1.0, cost=wear, lower=0.0 if held is None else held, upper=held)
        lower, upper = self.held.into.get(name, 0.0), self.held.into.get(name, np.maximum(device.max_kw, into_done))
        into = self.program.add(day.steps, lower=lower, upper=upper)
        self.into[name] = into
        self.given[device.node].append((into, -1.0))
        self._stay(out, out_done)
        self._stay(into, into_done)
        floor = np.full(day.steps, least)
        floor[-1] = max(least, begin + float(path[-1]))  # what was there in the end has to be there again
        slack = 1e-6 * max(1.0, device.capacity_kwh)
        content = self.program.add(day.steps, lower=floor - slack, upper=most + slack)
        right = np.zeros(day.steps)
        right[0] = begin
        taken = (into, -device.efficiency_in * day.hours), (out, day.hours / device.efficiency_out)
        self.program.keep(f"{name}: content", right, right, day.steps, (content, 1.0), (content[:-1], -1.0), *taken)

    def _converter(self, device: Converter) -> None:
        day, name = self.day, device.id
        done, part = day.done[name], day.availability[name]
        rate = self._rate(name) * day.hours
        least, most = (
            np.minimum(device.min_kw * part, np.where(done > 0, done, np.inf)),
            np.maximum(device.max_kw * part, done),
        )
        fixed = device.on[""] * rate * part
        if device.can_stop:
            columns = self._column(device, 1.0, upper=most, cost=device.per_kw[""] * rate)
            on = self._commitment(device, columns, least, most, fixed)
            for node in filter(None, device.on):
                self.given[node].append((on, device.on[node] * part))
        else:
            columns = self._column(device, 1.0, lower=least, upper=most, cost=device.per_kw[""] * rate)
            for node in filter(None, device.on):
                self.offset[node] += device.on[node] * part
        self._stay(columns, done)
        for node in filter(None, device.per_kw):
            self.given[node].append((columns, device.per_kw[node]))
        if np.isfinite(device.ramp_kw_per_hour):
            self._ramp(device, columns, most)

    def _commitment(self, device: Converter, power: Columns, least: Floats, most: Floats, fixed: Floats) -> Columns:
        """Add what runs and what starts: at least its least load, and not again before it rested."""
        day, name, steps = self.day, device.id, self.day.steps
        wanted = self.held.on.get(name, np.full(steps, np.nan))
        open_ = np.isnan(wanted)
        bounds = {"lower": np.where(open_, 0.0, wanted), "upper": np.where(open_, day.availability[name] > 0, wanted)}
        bounds["lower"] = np.minimum(bounds["lower"], bounds["upper"])
        on = self.program.add(steps, cost=fixed, whole=True, **bounds)
        start = self.program.add(steps, cost=device.start_cost_cny, upper=1.0)
        self.on[name] = on
        self.program.keep(f"{name}: least load", 0.0, np.inf, steps, (power, 1.0), (on, -least))
        self.program.keep(f"{name}: full load", -np.inf, 0.0, steps, (power, 1.0), (on, -most))
        before = np.zeros(steps)
        before[0] = float(day.running.get(name, True))
        self.program.keep(f"{name}: start", -np.inf, before, steps, (on, 1.0), (on[:-1], -1.0), (start, -1.0))
        self._rest(device, on, start)
        return on

    def _rest(self, device: Converter, on: Columns, start: Columns) -> None:
        """Keep the least times of running and resting: Rajan and Takriti, IBM Research Report RC23628 (2005)."""
        up, down = (round(hours / self.day.hours) for hours in (device.min_up_hours, device.min_down_hours))
        for last in range(self.day.steps) if up > 1 else ():
            first = max(0, last - up + 1)
            begun = start[None, first : last + 1]
            self.program.keep(f"{device.id}: least run", -np.inf, 0.0, 1, (begun, 1.0), (on[last : last + 1], -1.0))
        for last in range(self.day.steps) if down > 1 else ():
            first = last - down
            if first < -1:
                continue
            begun = start[None, first + 1 : last + 1]
            was = (on[first : first + 1], 1.0) if first >= 0 else None
            most = 1.0 if was else 1.0 - float(self.day.running.get(device.id, True))
            self.program.keep(f"{device.id}: least rest", -np.inf, most, 1, (begun, 1.0), *([was] if was else []))

    def _ramp(self, device: Converter, columns: Columns, most: Floats) -> None:
        """Keep the change between two steps, or what was done where that was more; a start may go to the least load."""
        steps = self.day.steps - 1
        allowed = max(device.ramp_kw_per_hour * self.day.hours, device.min_kw)
        allowed = max(allowed, float(np.max(np.abs(np.diff(self.day.done[device.id])), initial=0.0)))
        for sign in (1.0, -1.0):
            terms = (columns[1:], sign), (columns[:-1], -sign)
            self.program.keep(f"{device.id}: ramp", -np.inf, allowed, steps, *terms)

    def _links(self, free: Set[str]) -> dict[str, Columns]:
        found = {}
        for name, link in self.plant.links.items():
            done = self.day.done[name]
            lower, upper = (
                (np.minimum(link.min_kw, done), np.maximum(link.max_kw, done)) if name in free else (done, done)
            )
            columns = self.program.add(self.day.steps, lower=lower, upper=upper)
            found[name] = columns
            if name in free:
                self._stay(columns, done)
            self.given[link.to_node].append((columns, 1.0))
            self.given[link.from_node].append((columns, -1 / (1 - link.loss_ratio)))
        return found
