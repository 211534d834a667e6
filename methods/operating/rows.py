"""The rows of energy.operating_optimum: what was found in words and figures, or why nothing was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa

from methods.operating.optimum import Floats, Hours, Optimum, optima

Row = dict[str, Any]
_TEXT, _AMOUNT, _COUNT = pa.string(), pa.decimal128(18, 6), pa.int32()
REASONS = {
    "no_parameter": ("没有接入可调的运行参数", "no parameter that could be set is measured"),
    "incomplete": ("缺失或估算的小时过多", "too many hours are missing or estimated"),
    "too_few_hours": ("可比小时不足", "too few comparable hours"),
    "loads_differ": ("本组负荷相差过大，不可比", "the loads of the bin are too far apart to compare"),
    "no_contrast": ("同一周内参数很少变动，无从对比", "too few weeks with hours on both sides of the range"),
    "within_noise": ("差异在偶然波动之内", "the difference is within chance"),
    "too_small": ("差异不足能耗的 0.2 %", "the difference is less than 0.2 % of the energy"),
}
_AMOUNTS = (
    "typical_value",
    "best_value",
    "best_low",
    "best_high",
    "typical_intensity",
    "best_intensity",
    "difference",
    "difference_low",
    "difference_high",
    "potential_tce_calorific",
    "potential_cny",
    "saving_tce_calorific",
    "saving_low_tce_calorific",
    "saving_high_tce_calorific",
    "saving_cny",
)
OPTIMUM = pa.schema(
    [
        *[pa.field(name, _TEXT) for name in ("subject_id", "subject_name_zh", "subject_name_en")],
        *[pa.field(name, _TEXT) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        pa.field("organization_level", _COUNT),
        *[pa.field(name, _TEXT) for name in ("energy_unit_id", "energy_unit_name_zh", "energy_unit_name_en")],
        *[pa.field(name, pa.date32()) for name in ("from_month", "to_month")],
        pa.field("months_count", _COUNT),
        *[pa.field(name, _TEXT) for name in ("parameter_id", "parameter_name_zh", "parameter_name_en")],
        pa.field("parameter_unit", _TEXT),
        pa.field("bin_number", _COUNT),
        pa.field("bin_name", _TEXT),
        *[pa.field(name, _AMOUNT) for name in ("load_low", "load_high")],
        pa.field("load_unit", _TEXT),
        *[pa.field(name, _AMOUNT) for name in ("temperature_low_degc", "temperature_high_degc")],
        *[pa.field(name, _COUNT) for name in ("hours_count", "left_out_count", "best_hours_count", "weeks_count")],
        *[pa.field(name, _AMOUNT) for name in _AMOUNTS],
        pa.field("intensity_unit", _TEXT),
        pa.field("best_range", _TEXT),
        pa.field("is_found", pa.bool_()),
        *[pa.field(name, _TEXT) for name in ("null_reason", "null_reason_name_zh", "null_reason_name_en")],
    ]
)


@dataclass(frozen=True)
class Series:
    """What a point gave in each hour of the window; NaN where it is missing or estimated."""

    values: Floats
    unit: str


@dataclass(frozen=True)
class Subject:
    """A unit with its hours, all arrays as long as the window; NaN where missing, estimated, or standing still."""

    told: Mapping[str, Any]  # the columns of the mart that describe it
    first_hour: int  # since 1970-01-01 UTC
    output: Floats  # of all hours, in load_unit
    energy: Floats  # kgce
    cost: Floats  # CNY
    output_from: float
    condition: Floats | None = None  # °C


@dataclass(frozen=True)
class Parameter:
    """A parameter and its points."""

    told: Mapping[str, Any]
    form: str
    points: Sequence[Series]
    per: Sequence[Series] = ()

    def values(self) -> Floats:
        """Return what it was in each hour; NaN where it is not known."""
        amounts = np.array([series.values for series in self.points])
        whole: Floats = amounts.sum(axis=0)
        if self.form == "value":
            return whole
        if self.form == "largest_share":
            return _divided(amounts.max(axis=0), whole)
        return _divided(whole, np.array([series.values for series in self.per]).sum(axis=0))

    def unit(self) -> str:
        """Return its unit; an amount is that of an hour."""
        if self.form == "largest_share":
            return "ratio"
        unit = self.points[0].unit
        if self.form == "value":
            return unit
        return "ratio" if unit == self.per[0].unit else f"{unit}/{self.per[0].unit}"


def _divided(above: Floats, below: Floats) -> Floats:
    found = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def of_subject(subject: Subject, parameters: Sequence[Parameter]) -> Iterator[Row]:
    """Yield the rows of a unit, one for each parameter and bin, or one that says why there are none."""
    if not parameters:
        yield {**subject.told, **_refused("no_parameter")}
    for parameter in parameters:
        yield from _of_parameter(subject, parameter)


def _of_parameter(subject: Subject, parameter: Parameter) -> Iterator[Row]:
    values = parameter.values()
    known = np.isfinite(subject.output) & np.isfinite(subject.energy) & np.isfinite(values)
    if subject.condition is not None:
        known &= np.isfinite(subject.condition)
    runs = known & (subject.output >= subject.output_from) & (subject.energy > 0)
    head = {**subject.told, **parameter.told, "parameter_unit": parameter.unit(), "left_out_count": int((~known).sum())}
    if known.sum() < len(known) / 2 or not runs.any():
        yield {**head, "hours_count": int(runs.sum()), **_refused("too_few_hours" if known.all() else "incomplete")}
        return
    hours = Hours(
        subject.first_hour + np.flatnonzero(runs),
        subject.output[runs],
        subject.energy[runs],
        subject.cost[runs],
        values[runs],
        None if subject.condition is None else subject.condition[runs],
    )
    for number, found in enumerate(optima(hours), start=1):
        yield {**head, "bin_number": number, "bin_name": _bin_name(found, subject), **_figures(found)}


def _bin_name(found: Optimum, subject: Subject) -> str:
    """Return what the hours of a bin are alike in, such as 206–208 t/h, 9–20 °C."""
    load = f"{_span(found.load)} {subject.told.get('load_unit', '')}/h"
    return load if found.condition is None else f"{load}, {_span(found.condition)} °C"


def _span(bounds: tuple[float, float]) -> str:
    """Return a range in figures of four digits."""
    return "–".join(format(float(f"{bound:.4g}"), ",.10g") for bound in bounds)


def _refused(reason: str) -> Row:
    zh, en = REASONS[reason]
    return {"is_found": False, "null_reason": reason, "null_reason_name_zh": zh, "null_reason_name_en": en}


def _figures(found: Optimum) -> Row:
    """Return the figures of a bin; what would read as advice is empty where nothing was found."""
    warm = found.condition or (np.nan, np.nan)
    row: Row = {
        "load_low": _amount(found.load[0]),
        "load_high": _amount(found.load[1]),
        "temperature_low_degc": _amount(warm[0]),
        "temperature_high_degc": _amount(warm[1]),
        "hours_count": found.hours,
        "best_hours_count": found.best_hours,
        "weeks_count": found.weeks,
        "typical_value": _amount(found.typical_value),
        "typical_intensity": _amount(found.typical_intensity),
        "difference": _amount(found.difference),
        "difference_low": _amount(found.difference_interval[0]),
        "difference_high": _amount(found.difference_interval[1]),
    }
    if found.reason:
        return {**row, **_refused(found.reason)}
    return {
        **row,
        "best_value": _amount(found.best_value),
        "best_low": _amount(found.best_range[0]),
        "best_high": _amount(found.best_range[1]),
        "best_range": _span(found.best_range),
        "best_intensity": _amount(found.best_intensity),
        "potential_tce_calorific": _amount(found.potential_tce),
        "potential_cny": _amount(found.potential_tce * found.cny_per_tce),
        "saving_tce_calorific": _amount(found.saving_tce),
        "saving_low_tce_calorific": _amount(found.saving_interval_tce[0]),
        "saving_high_tce_calorific": _amount(found.saving_interval_tce[1]),
        "saving_cny": _amount(found.saving_tce * found.cny_per_tce),
        "is_found": True,
    }


def _amount(value: float) -> Decimal | None:
    return round(Decimal(repr(float(value))), 6) if isfinite(value) else None
