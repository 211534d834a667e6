"""The rows of energy.baselines, energy.baseline_terms and energy.baseline_savings_monthly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from methods.baselines import savings
from methods.baselines.model import Model, Periods, Wanted, fitted
from methods.baselines.savings import Saved, Span

Row = dict[str, Any]
_TEXT, _AMOUNT, _RATIO = pa.string(), pa.decimal128(18, 6), pa.decimal128(9, 6)
_OWNER = (
    "baseline_id",
    "baseline_name_zh",
    "baseline_name_en",
    "organization_id",
    "organization_name_zh",
    "organization_name_en",
    "organization_level",
    "energy_unit_id",
    "energy_unit_name_zh",
    "energy_unit_name_en",
    "carrier",
)
_SAVED = (
    "actual_tce_calorific",
    "expected_tce_calorific",
    "saving_tce_calorific",
    "saving_low_tce_calorific",
    "saving_high_tce_calorific",
    "saving_cny",
)
_VERDICT = ("verdict", "verdict_name_zh", "verdict_name_en")
VERDICTS = {
    "saved": ("已证实节能", "saving verified"),
    "increased": ("能耗上升", "use has risen"),
    "within_uncertainty": ("在不确定度之内", "within the uncertainty"),
}
REASONS = {
    "too_few_periods": ("基准期内数据完整的月或日不足", "too few whole months or days in the baseline period"),
    "undetermined": ("各变量不能确定唯一的回归方程", "the variables do not determine one line"),
}
_TERMS = {
    "constant": ("常数", "constant", ""),
    "working_days": ("工作日", "working days", "day"),
    "heating": ("采暖度日", "heating degree days", "K d"),
    "cooling": ("空调度日", "cooling degree days", "K d"),
}
#: The least that is fitted: a year of months, and four weeks of days.
LEAST = {"month": 12, "day": 28}


def _owner() -> list[pa.Field]:
    return [pa.field(name, pa.int32() if name == "organization_level" else _TEXT) for name in _OWNER]


BASELINES = pa.schema(
    [
        *_owner(),
        pa.field("grain", _TEXT),
        *[pa.field(name, pa.date32()) for name in ("baseline_from", "baseline_to", "reporting_from", "reporting_to")],
        pa.field("equation", _TEXT),
        *[pa.field(name, pa.int32()) for name in ("periods_count", "parameters_count")],
        *[pa.field(name, _RATIO) for name in ("explained_ratio", "variation_ratio", "memory_ratio")],
        *[pa.field(name, _RATIO) for name in ("heating_base_degc", "cooling_base_degc")],
        pa.field("is_adequate", pa.bool_()),
        pa.field("months_count", pa.int32()),
        *[pa.field(name, _AMOUNT) for name in _SAVED],
        *[pa.field(name, _TEXT) for name in (*_VERDICT, "null_reason", "null_reason_name_zh", "null_reason_name_en")],
    ]
)
TERMS = pa.schema(
    [
        *[
            pa.field(name, _TEXT)
            for name in (
                "baseline_id",
                "organization_id",
                "energy_unit_id",
                "term",
                "term_name_zh",
                "term_name_en",
            )
        ],
        *[pa.field(name, pa.decimal128(18, 9)) for name in ("value", "value_low", "value_high")],
        pa.field("value_unit", _TEXT),
        pa.field("test_statistic", pa.decimal128(18, 3)),
    ]
)
SAVINGS = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *_owner(),
        pa.field("days_count", pa.int32()),
        *[pa.field(name, _AMOUNT) for name in _SAVED],
        *[pa.field(name, _TEXT) for name in _VERDICT],
        *[pa.field(f"cumulative_{name}_tce_calorific", _AMOUNT) for name in ("saving", "low", "high")],
        pa.field("is_within_range", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Baseline:
    """A row of baselines.csv with the names of its unit, and the whole months or days of the unit.

    units: unit of each product's output.
    """

    told: Mapping[str, Any]
    wanted: Wanted
    periods: Periods
    units: Mapping[str, str] = field(default_factory=dict)


def tables(baselines: Iterable[Baseline]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return the three marts: baselines, terms, savings."""
    heads: list[Row] = []
    terms: list[Row] = []
    months: list[Row] = []
    for baseline in baselines:
        model, saved, reason = _reckoned(baseline)
        heads.append(_head(baseline, model, saved, reason))
        if model is not None:
            terms += _terms(baseline, model)
        months += [_month(baseline, one) for one in saved]
    return (
        pa.Table.from_pylist(heads, BASELINES),
        pa.Table.from_pylist(terms, TERMS),
        pa.Table.from_pylist(months, SAVINGS),
    )


def _reckoned(baseline: Baseline) -> tuple[Model | None, Sequence[Saved], str | None]:
    told, periods = baseline.told, baseline.periods
    before = periods.chosen([told["baseline_from"] <= one < told["baseline_to"] for one in periods.starts])
    if len(before.starts) < LEAST[told["grain"]]:
        return None, [], "too_few_periods"
    model = fitted(baseline.wanted, before)
    if model is None:
        return None, [], "undetermined"
    end = told["reporting_to"] or date.max
    after = periods.chosen([told["reporting_from"] <= one < end for one in periods.starts])
    return model, savings.by_month(model, before, after), None


def _head(baseline: Baseline, model: Model | None, saved: Sequence[Saved], reason: str | None) -> Row:
    row: Row = {name: baseline.told[name] for name in BASELINES.names if name in baseline.told}
    if reason is not None:
        zh, en = REASONS[reason]
        words = {
            f"{name}_name_{language}": text
            for name in ("null_reason", "verdict")
            for language, text in (("zh", zh), ("en", en))
        }
        return row | words | {"null_reason": reason}
    assert model is not None, "a baseline without a reason has a line"
    fit = model.fit
    return (
        row
        | {
            "equation": equation(model, baseline.told["grain"]),
            "periods_count": fit.count,
            "parameters_count": fit.parameters,
            "explained_ratio": _decimal(fit.explained),
            "variation_ratio": _decimal(fit.variation),
            "memory_ratio": _decimal(fit.memory),
            "heating_base_degc": _decimal(model.bases.get("heating")),
            "cooling_base_degc": _decimal(model.bases.get("cooling")),
            "is_adequate": savings.is_adequate(model),
            "months_count": len(saved),
        }
        | (_span(saved[-1].together) if saved else {})
    )


def equation(model: Model, grain: str) -> str:
    """Return the line as a person would write it, with four digits of each coefficient."""
    parts = [f"{model.fit.coefficients[0]:.4g}"]
    for name, value in zip(model.terms[1:], model.fit.coefficients[1:], strict=True):
        sign = "−" if value < 0 else "+"
        base = f"({model.bases[name]:g} °C)" if name in model.bases else ""
        word = {"working_days": "WD", "heating": "HDD", "cooling": "CDD"}.get(name, name)
        parts.append(f"{sign} {abs(value):.4g} × {word}{base}")
    return f"tce/{grain} = {' '.join(parts)}"


def _terms(baseline: Baseline, model: Model) -> Iterable[Row]:
    from scipy import stats

    fit = model.fit
    reach = stats.t.ppf((1 + savings.CONFIDENCE) / 2, fit.freedom) if fit.freedom >= 1 else np.nan
    for name, value, error, statistic in zip(model.terms, fit.coefficients, fit.errors, fit.statistics, strict=True):
        zh, en, unit = _TERMS.get(name, (name, name, baseline.units.get(name, "")))
        yield {
            "baseline_id": baseline.told["baseline_id"],
            "organization_id": baseline.told["organization_id"],
            "energy_unit_id": baseline.told["energy_unit_id"],
            "term": name,
            "term_name_zh": zh,
            "term_name_en": en,
            "value": _decimal(value, 9),
            "value_low": _decimal(value - reach * error, 9),
            "value_high": _decimal(value + reach * error, 9),
            "value_unit": f"tce/({unit})" if " " in unit else f"tce/{unit or baseline.told['grain']}",
            "test_statistic": _decimal(statistic, 3),
        }


def _month(baseline: Baseline, saved: Saved) -> Row:
    together = _span(saved.together)
    return {
        "month": saved.month,
        **{name: baseline.told[name] for name in _OWNER},
        "days_count": saved.days,
        **_span(saved.own),
        "cumulative_saving_tce_calorific": together["saving_tce_calorific"],
        "cumulative_low_tce_calorific": together["saving_low_tce_calorific"],
        "cumulative_high_tce_calorific": together["saving_high_tce_calorific"],
        "is_within_range": saved.is_within_range,
    }


def _span(span: Span) -> Row:
    zh, en = VERDICTS[span.verdict]
    half = span.half_width
    actual, expected = _decimal(span.actual), _decimal(span.expected)
    assert actual is not None and expected is not None, "energy is a number"
    return {
        "actual_tce_calorific": actual,
        "expected_tce_calorific": expected,
        "saving_tce_calorific": expected - actual,
        "saving_low_tce_calorific": None if half is None else _decimal(span.saving - half),
        "saving_high_tce_calorific": None if half is None else _decimal(span.saving + half),
        "saving_cny": _decimal(span.saving_cny),
        "verdict": span.verdict,
        "verdict_name_zh": zh,
        "verdict_name_en": en,
    }


def _decimal(value: float | None, places: int = 6) -> Decimal | None:
    if value is None or not np.isfinite(value):
        return None
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places))
