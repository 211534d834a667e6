"""The formulas of the allocation plans, as they are printed: power units, steel, cement and aluminium, and own rules.

Sources: 国环规气候〔2020〕3号 and 〔2023〕1号 (A = Ae Qe Fl Fr Ff + Ah Qh), 〔2024〕1号 (generation instead of supply,
load following alone), 〔2025〕2号 (X = (B − I) / B, α = 0.15 X within ±3 %, quota = E (1 + α)). The numbers are
those of a Plan.
"""

from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from methods.quota.library import Plan

ONE, ZERO = Decimal(1), Decimal(0)
GAS = "gas"
CONVENTIONAL = ("c300p", "c300m")
#: Digits that powers and exponentials are reckoned with, and those they are told with.
_DIGITS = 28
_STEP = Decimal("0.0000000001")


class MissingError(Exception):
    """A number that the formula needs and nobody tells; `what` is its code."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Unit:
    """What the site says of a power unit; ratios from 0 to 1, None where it says nothing."""

    unit_class: str
    cooling: str | None = None
    turbine: str | None = None
    load_ratio: Decimal | None = None
    heat_ratio: Decimal | None = None


@dataclass(frozen=True)
class Quota:
    """Tonnes by the formula and those it is made up with; the terms by name, and the formula with its numbers."""

    rule_t: Decimal
    topup_t: Decimal
    formula: str
    terms: dict[str, Decimal] = field(default_factory=dict)

    @property
    def quota_t(self) -> Decimal:
        """The tonnes that are allotted."""
        return self.rule_t + self.topup_t


def power(plan: Plan, unit: Unit, electricity_mwh: Decimal, heat_gj: Decimal, emissions_t: Decimal) -> Quota:
    """Return the quota of a power unit: electricity supplied (to 2022) or generated (from 2023), and heat given out.

    Raises MissingError where the plan has no benchmark of the class or a correction lacks what it depends on.
    """
    fuel = GAS if unit.unit_class == GAS else "coal"
    supply = plan.benchmarks.get(f"{unit.unit_class}_supply")
    benchmark = supply if supply is not None else plan.benchmarks.get(f"{unit.unit_class}_generation")
    heat_benchmark = plan.benchmarks.get(f"heat_{fuel}")
    if benchmark is None or heat_benchmark is None:
        raise MissingError("benchmark")
    terms = {
        "benchmark": benchmark,
        "heat_benchmark_tco2_per_gj": heat_benchmark,
        "cooling_factor": _cooling(plan, unit, fuel),
        "load_factor": _load(plan, unit),
        "heat_factor": _heat(plan, unit, fuel, heat_gj),
    }
    factors = terms["cooling_factor"] * terms["load_factor"] * terms["heat_factor"]
    rule_t = benchmark * electricity_mwh * factors + heat_benchmark * heat_gj
    topup = ZERO
    cap = plan.value("gap_cap")
    if cap is not None:
        topup = max(ZERO, (emissions_t if fuel == GAS else (ONE - cap) * emissions_t) - rule_t)
    shown = "".join(
        f" × {mark} {_plain(terms[name])}"
        for name, mark in (("cooling_factor", "F_l"), ("heat_factor", "F_r"), ("load_factor", "F_f"))
        if terms[name] != ONE
    )
    formula = f"{_plain(benchmark)} × {_plain(electricity_mwh)} MWh{shown}"
    if heat_gj:
        formula += f" + {_plain(heat_benchmark)} × {_plain(heat_gj)} GJ"
    return Quota(rule_t, topup, formula, terms)


def industry(plan: Plan, emissions_t: Decimal, output: Decimal, balance: Decimal | None) -> Quota:
    """Return the quota of steel, cement or aluminium: emissions by how their intensity stands to the balance value.

    `balance` is the value of the sector in t CO2 per unit of output. Raises MissingError where it is needed and nobody
    tells it, or where there is no output.
    """
    if plan.value("equals_emissions"):
        return verified(emissions_t)
    slope, limit, most = (plan.value(name) for name in ("alpha_slope", "deviation_limit", "alpha_limit"))
    if slope is None or limit is None or most is None:
        raise MissingError("parameter")
    if balance is None:
        raise MissingError("balance")
    if not output:
        raise MissingError("output")
    intensity = emissions_t / output
    deviation = (balance - intensity) / balance
    alpha = slope * deviation if abs(deviation) < limit else most.copy_sign(deviation)
    alpha = max(-most, min(most, alpha))
    formula = (
        f"{_plain(emissions_t)} × (1 + {_plain(slope)} × ({_plain(balance)} − {_plain(intensity)}) / {_plain(balance)})"
        if abs(deviation) < limit
        else f"{_plain(emissions_t)} × (1 {'+' if alpha > 0 else '−'} {_plain(abs(alpha))})"
    )
    terms = {"benchmark": balance, "intensity": intensity, "deviation_ratio": deviation, "adjustment_ratio": alpha}
    return Quota(emissions_t * (ONE + alpha), ZERO, formula, terms)


def verified(emissions_t: Decimal) -> Quota:
    """Return the quota that equals verified emissions: 2024 of the three sectors, and lines that the plan exempts."""
    return Quota(emissions_t, ZERO, _plain(emissions_t), {"adjustment_ratio": ZERO})


def own(output: Decimal, benchmark: Decimal | None, factor: Decimal | None, fixed_t: Decimal | None) -> Quota:
    """Return the quota by a rule of the site: output × coefficient × factor, and a fixed amount."""
    if benchmark is None and fixed_t is None:
        raise MissingError("benchmark")
    terms = {} if benchmark is None else {"benchmark": benchmark}
    each, times, fixed = benchmark or ZERO, ONE if factor is None else factor, fixed_t or ZERO
    parts = [f"{_plain(each)} × {_plain(output)}" + (f" × {_plain(times)}" if times != ONE else "")] if each else []
    return Quota(each * output * times + fixed, ZERO, " + ".join([*parts, *([_plain(fixed)] if fixed else [])]), terms)


def _cooling(plan: Plan, unit: Unit, fuel: str) -> Decimal:
    air = plan.value("cooling_air", fuel)
    if air is None:
        return ONE
    if unit.cooling is None:
        raise MissingError("cooling")
    return air if unit.cooling == "air" else ONE


def _heat(plan: Plan, unit: Unit, fuel: str, heat_gj: Decimal) -> Decimal:
    slope = plan.value("heat_slope", fuel)
    if slope is None or not heat_gj:
        return ONE
    if unit.heat_ratio is None:
        raise MissingError("heat_ratio")
    return ONE - slope * unit.heat_ratio


def _load(plan: Plan, unit: Unit) -> Decimal:
    """Return the correction for load: of condensing units until 2022, of all turbines below a threshold since."""
    has_steps = plan.value("load_full_pct", "coal") is not None
    if has_steps and unit.unit_class in CONVENTIONAL and unit.turbine is None:
        raise MissingError("turbine")
    if unit.unit_class not in CONVENTIONAL or (has_steps and unit.turbine != "condensing"):
        return ONE
    if unit.load_ratio is None:
        raise MissingError("load_ratio")
    percent = unit.load_ratio * 100
    if percent < _of(plan, "load_low_pct"):
        return _low(plan, unit.load_ratio)
    return _steps(plan, percent) if has_steps else ONE


def _steps(plan: Plan, percent: Decimal) -> Decimal:
    full, high = _of(plan, "load_full_pct"), _of(plan, "load_high_pct")
    if percent >= full:
        return ONE
    if percent >= high:
        return ONE + _of(plan, "load_slope_1") * (full - percent)
    return _of(plan, "load_offset") + _of(plan, "load_slope_2") * (high - percent)


def _low(plan: Plan, load: Decimal) -> Decimal:
    """Return the correction below the threshold: a power, or the curve of the draft."""
    with localcontext() as context:
        context.prec = _DIGITS
        if plan.value("load_curve_a", "coal") is None:
            exponent = _of(plan, "load_exponent") - _of(plan, "load_exponent_slope") * load
            return (_of(plan, "load_base") ** exponent).quantize(_STEP)
        found = _of(plan, "load_curve_a")
        for name in ("load_curve_b", "load_curve_c"):
            found -= _of(plan, name) * (ONE - (-load * 100 / _of(plan, f"{name}_pct")).exp())
        return found.quantize(_STEP)


def _of(plan: Plan, name: str) -> Decimal:
    found = plan.value(name, "coal")
    if found is None:
        raise MissingError("parameter")
    return found


def _plain(number: Decimal) -> str:
    """Return a number without an exponent, with at most six decimals."""
    shown = number if -number.as_tuple().exponent <= 6 else number.quantize(Decimal("0.000001"))  # type: ignore[operator]
    text = f"{shown:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
