"""Why no schedule keeps all limits, or no day can be tested: one clear sentence in each language."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from methods.dispatch.plant import Plant

_RULES = {
    "peak": ("需量限值", "peak"),
    "energy": ("当日电量", "energy of the day"),
    "content": ("储量", "content"),
    "least load": ("最低负荷", "least load"),
    "full load": ("满负荷", "full load"),
    "start": ("启动", "start"),
    "ramp": ("爬坡", "ramp"),
    "least run": ("最短运行时间", "least time of running"),
    "least rest": ("最短停机时间", "least time of resting"),
    "buying or selling": ("购售互斥", "buying or selling"),
}


def infeasible(plant: Plant, short: Sequence[tuple[str, int, float]], begin: datetime) -> tuple[str, str]:
    """Return the sentence for what program.InfeasibleError found, in Chinese and English; `begin` is local midnight."""
    what, step, amount = short[0]
    time = f"{begin + timedelta(minutes=step * plant.step_minutes):%H:%M}"
    thing, _, rule = what.partition(": ")
    named = plant.nodes.get(thing) or plant.devices.get(thing)
    name_zh, name_en = (named.name_zh, named.name_en) if named else (thing, thing)
    rule_zh, rule_en = _RULES.get(rule, ("平衡", "balance"))
    more = len(short) - 1
    more_zh, more_en = (f"，另有 {more} 处", f"; {more} more limits give way") if more else ("", "")
    return (
        f"没有满足全部限值的调度：{time} 起“{name_zh}”的{rule_zh}差 {amount:,.0f} kW{more_zh}。"
        "请核对该处的限值或实际数据。",
        f"No schedule keeps all limits: from {time} on the {rule_en} of {name_en!r} misses {amount:,.0f} kW{more_en}. "
        "Check the limits in dispatch.yaml or the readings there.",
    )


def incomplete(points: Sequence[str]) -> tuple[str, str]:
    """Return the sentence for a day whose readings are not all there."""
    first, more = points[0], len(points) - 1
    more_zh, more_en = (f"等 {len(points)} 个测点", f" and {more} more points") if more else ("", "")
    return (
        f"当日数据不全：{first}{more_zh}缺读数，未回测。",
        f"The day is not tested: readings of {first}{more_en} are missing.",
    )
