"""The efficiency that a centrifugal pump must reach at its best point, by its flow, head and speed (GB 19762-2025)."""

from collections.abc import Mapping
from decimal import Decimal
from math import log, sqrt
from typing import Any

from methods.benchmarks.fault import NoLevelError
from methods.benchmarks.grading import Level

#: What the site tells of a pump: m3/h and m at its best point, turns per minute, impellers one after the other.
_INPUTS = {
    "flow_m3_h": ("额定流量（m3/h）", "flow at the best point in m3/h"),
    "head_m": ("额定扬程（m）", "head at the best point in m"),
    "speed_rpm": ("额定转速（r/min）", "speed in turns per minute"),
}
_DIGITS = Decimal("0.01")


def efficiencies(
    formula: Mapping[str, Any], constants: tuple[Level, Level, Level], inputs: Mapping[str, str]
) -> tuple[Level, Level, Level]:
    """Return the efficiencies of levels 1 to 3 in per cent, to two places.

    eta = a ln(ns)^2 + b ln(Q)^2 + c ln(ns) ln(Q) + d ln(ns) + e ln(Q) - C, with the flow Q in m3/h, C the constant of
    the level and the specific speed ns = 3.65 n sqrt(Q in m3/s) / H^0.75. In ns a double-suction impeller takes half
    the flow and a stage of several its part of the head. Raises NoLevelError where an input is missing or not above 0.
    """
    flow, head, speed = (_number(name, inputs) for name in _INPUTS)
    stages = _number("stages", inputs) if formula["by_stage"] else 1.0
    each = flow / 3600 / (2 if formula["by_half_flow"] else 1)
    specific = log(3.65 * speed * sqrt(each) / (head / stages) ** 0.75)
    through = log(flow)
    a, b, c, d, e = (float(formula[name]) for name in "abcde")
    reached = a * specific**2 + b * through**2 + c * specific * through + d * specific + e * through
    first, second, third = (
        None if constant is None else Decimal(reached - float(constant)).quantize(_DIGITS) for constant in constants
    )
    return first, second, third


def _number(name: str, inputs: Mapping[str, str]) -> float:
    try:
        value = float(inputs[name])
    except (KeyError, ValueError):
        value = 0.0
    if value <= 0:
        raise NoLevelError("missing_input", *_INPUTS.get(name, ("级数", "number of stages")))
    return value
