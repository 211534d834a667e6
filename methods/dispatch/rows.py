"""The marts of the dispatch: schemas, and the rows of a tested day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from methods.dispatch.backtest import Tested
from methods.dispatch.day import Schedule
from methods.dispatch.plant import Converter, Device, Link, Plant, Purchase, Sale, Shiftable, Source, Storage
from methods.dispatch.program import Floats

Row = dict[str, Any]
_AMOUNT = pa.decimal128(18, 6)
SAVINGS = pa.schema(
    {
        "local_date": pa.date32(),
        "organization_id": pa.string(),
        "organization_name_zh": pa.string(),
        "organization_name_en": pa.string(),
        "state": pa.string(),
        "state_name_zh": pa.string(),
        "state_name_en": pa.string(),
        "cost_cny": _AMOUNT,
        "plan_cost_cny": _AMOUNT,
        "best_cost_cny": _AMOUNT,
        "saving_cny": _AMOUNT,
        "hindsight_cny": _AMOUNT,
        "regret_cny": _AMOUNT,
        "emissions_tco2": _AMOUNT,
        "plan_emissions_tco2": _AMOUNT,
        "best_emissions_tco2": _AMOUNT,
        "saving_tco2": _AMOUNT,
        "carbon_price_cny_per_t": _AMOUNT,
        "gap_ratio": _AMOUNT,
        "message_zh": pa.string(),
        "message_en": pa.string(),
        "inputs": pa.string(),
        "month": pa.date32(),
    }
)
SCHEDULE = pa.schema(
    {
        "period_start_at": pa.timestamp("us", "UTC"),
        "local_date": pa.date32(),
        "local_hour": pa.int32(),
        "organization_id": pa.string(),
        "device": pa.string(),
        "device_name_zh": pa.string(),
        "device_name_en": pa.string(),
        "point_id": pa.string(),
        "device_kind": pa.string(),
        "device_kind_name_zh": pa.string(),
        "device_kind_name_en": pa.string(),
        "actual_power_kw": _AMOUNT,
        "planned_power_kw": _AMOUNT,
        "optimal_power_kw": _AMOUNT,
        "change_power_kw": _AMOUNT,
        "month": pa.date32(),
    }
)
PRICES = pa.schema(
    {
        "period_start_at": pa.timestamp("us", "UTC"),
        "local_date": pa.date32(),
        "local_hour": pa.int32(),
        "organization_id": pa.string(),
        "node": pa.string(),
        "node_name_zh": pa.string(),
        "node_name_en": pa.string(),
        "carrier": pa.string(),
        "shadow_price_cny_per_kwh": _AMOUNT,
        "month": pa.date32(),
    }
)
GAINS = pa.schema(
    {
        "local_date": pa.date32(),
        "organization_id": pa.string(),
        "member_name_zh": pa.string(),
        "member_name_en": pa.string(),
        "alone_cny": _AMOUNT,
        "shared_cny": _AMOUNT,
        "gain_cny": _AMOUNT,
        "month": pa.date32(),
    }
)
MARTS = {
    "energy.dispatch_schedule": SCHEDULE,
    "energy.dispatch_savings": SAVINGS,
    "energy.dispatch_prices": PRICES,
    "energy.dispatch_gains": GAINS,
}
STATES = {
    "tested": ("已回测", "Tested"),
    "no_forecast": ("缺一周前数据，无计划", "No week before to plan from"),
    "incomplete": ("数据不全", "Data incomplete"),
    "infeasible": ("无可行解", "Infeasible"),
    "no_price": ("缺价格", "No price"),
}
KINDS = {
    Purchase: ("purchase", "购入", "Purchase"),
    Sale: ("sale", "售出", "Sale"),
    Source: ("source", "光伏与风电", "PV and wind"),
    Converter: ("converter", "机组与锅炉", "Engines and boilers"),
    Storage: ("storage", "储能（放电为正）", "Storage (giving is positive)"),
    Shiftable: ("shiftable", "可移负荷", "Shiftable loads"),
    Link: ("link", "互供线路", "Links between members"),
}


def amount(value: float | None) -> Decimal | None:
    """Return a number with six decimals; a negative zero is a zero."""
    return None if value is None else Decimal(repr(float(value))).quantize(Decimal("0.000001")) + 0


def dated(day: date) -> Row:
    """Return the date and month of a row."""
    return {"local_date": day, "month": day.replace(day=1)}


def organization(names: Mapping[str, tuple[str, str]], organization_id: str) -> Row:
    """Return the columns that name an organisation."""
    zh, en = names.get(organization_id, (organization_id, organization_id))
    return {"organization_id": organization_id, "organization_name_zh": zh, "organization_name_en": en}


def state(word: str, zh: str | None = None, en: str | None = None) -> Row:
    """Return the columns that say whether a day could be tested, and why not."""
    names = STATES[word]
    return {"state": word, "state_name_zh": names[0], "state_name_en": names[1], "message_zh": zh, "message_en": en}


def savings(tested: Tested, price: float) -> Row:
    """Return what a day cost, would have cost as planned and at best, and the differences of what is printed."""
    done, plan, best = tested.done, tested.plan or (None, None), tested.best
    found = {"cost_cny": done[0], "plan_cost_cny": plan[0], "best_cost_cny": best[0]}
    found |= {"emissions_tco2": done[1], "plan_emissions_tco2": plan[1], "best_emissions_tco2": best[1]}
    printed: Row = {name: amount(value) for name, value in found.items()}
    printed["regret_cny"] = printed["cost_cny"] - printed["best_cost_cny"]
    if tested.plan:
        printed["saving_cny"] = printed["cost_cny"] - printed["plan_cost_cny"]
        printed["hindsight_cny"] = printed["plan_cost_cny"] - printed["best_cost_cny"]
        printed["saving_tco2"] = printed["emissions_tco2"] - printed["plan_emissions_tco2"]
    return {**printed, "carbon_price_cny_per_t": amount(price), "gap_ratio": amount(tested.gap)}


def gains(tested: Tested, names: Mapping[str, tuple[str, str]], regret: Decimal) -> Iterable[Row]:
    """Yield each member's gain alone and its share of the rest; what is printed adds up to the regret of the day."""
    parts = [(player, amount(tested.alone[player]), amount(tested.shared[player])) for player in sorted(tested.alone)]
    rest = regret - sum(
        (alone + shared for _, alone, shared in parts if alone is not None and shared is not None), Decimal()
    )
    largest = max(parts, key=lambda part: part[2] or Decimal())[0]
    for player, alone, shared in parts:
        assert alone is not None, "a tested day has gains"
        assert shared is not None, "a tested day has gains"
        more = shared + rest if player == largest else shared
        zh, en = names.get(player, (player, player))
        named = {"organization_id": player, "member_name_zh": zh, "member_name_en": en}
        yield {**named, "alone_cny": alone, "shared_cny": more, "gain_cny": alone + more}


def schedule(plant: Plant, tested: Tested, times: Iterable[datetime], starts: Iterable[datetime]) -> Iterable[Row]:
    """Yield the power of each device and link: done, planned, best; `times` are local, `starts` the same in UTC."""
    things: list[Device | Link] = [*plant.devices.values(), *plant.links.values()]
    powers = {thing.id: [_power(schedule, thing) for schedule in tested.schedules] for thing in things}
    for step, (time, start) in enumerate(zip(times, starts, strict=True)):
        for thing in things:
            kind, kind_zh, kind_en = KINDS[type(thing)]
            done, plan, best = (None if power is None else amount(power[step]) for power in powers[thing.id])
            assert done is not None, "every day was done"
            assert best is not None, "every tested day has a best schedule"
            yield {
                "period_start_at": start,
                "local_hour": time.hour,
                "organization_id": _owner(plant, thing),
                "device": thing.id,
                "device_name_zh": thing.name_zh,
                "device_name_en": thing.name_en,
                "point_id": thing.point,
                "device_kind": kind,
                "device_kind_name_zh": kind_zh,
                "device_kind_name_en": kind_en,
                "actual_power_kw": done,
                "planned_power_kw": plan,
                "optimal_power_kw": best,
                "change_power_kw": best - done,
            }


def _power(found: Schedule | None, thing: Device | Link) -> Floats | None:
    if found is None:
        return None
    return found.flow[thing.id] if isinstance(thing, Link) else found.net(thing.id)


def _owner(plant: Plant, thing: Device | Link) -> str:
    return plant.nodes[thing.from_node if isinstance(thing, Link) else thing.node].organization_id


def prices(plant: Plant, tested: Tested, times: Iterable[datetime], starts: Iterable[datetime]) -> Iterable[Row]:
    """Yield what a kWh more would have cost at each node and step."""
    for step, (time, start) in enumerate(zip(times, starts, strict=True)):
        for node in plant.nodes.values():
            yield {
                "period_start_at": start,
                "local_hour": time.hour,
                "organization_id": node.organization_id,
                "node": node.id,
                "node_name_zh": node.name_zh,
                "node_name_en": node.name_en,
                "carrier": node.carrier,
                "shadow_price_cny_per_kwh": amount(float(tested.prices[node.id][step])),
            }
