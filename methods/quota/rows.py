"""The rows of carbon.quota_forecast: what each subject was allotted in years that are over, and what it will be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from math import isfinite
from typing import TYPE_CHECKING

from methods.quota.case import Amounts, Case, Terms, case
from methods.quota.library import Library
from methods.quota.rules import ZERO, MissingError, Quota
from methods.quota.tables import CLAUSES, REASONS, RULES, SECTORS, STATES

if TYPE_CHECKING:
    from methods.quota.landing import Lands

Row = dict[str, object]
_MONTHS = 12
_QUANTILES = ("p10", "p50", "p90")
#: What there is an interval of, where the past says how far off it was.
_UNCERTAIN = (
    *(f"{what}_{name}_t" for what in ("expected", "quota") for name in _QUANTILES),
    *("surplus_p10_t", "surplus_p90_t", "shortfall_probability"),
)
#: Series of a subject: output, heat, emissions.
_SERIES = 3


@dataclass(frozen=True)
class Subject:
    """A subject of quota_rules.csv: its names, the site's terms by their first year, and its whole months."""

    names: Row
    terms: Sequence[Terms]
    months: Mapping[date, Amounts]

    def rule(self, year: int) -> Terms | None:
        """Return the site's terms of a year: those that began last."""
        alive = [
            row
            for row in self.terms
            if _int(row["year_from"]) <= year and (row["year_to"] is None or year <= _int(row["year_to"]))
        ]
        return max(alive, key=lambda row: _int(row["year_from"]), default=None)


@dataclass(frozen=True)
class _Ahead:
    """What is expected of a subject: by year output, heat and emissions, and the margin; the back-test of the group."""

    lands: "Mapping[int, tuple[Lands, Lands, Lands, Lands]]"
    coverage: float
    count: int


def of_site(subjects: Sequence[Subject], library: Library, today: date) -> list[Row]:
    """Return the rows of each subject: the years that have months, the current one and the next; `today` is local."""
    ends = (today.year, today.year + 1)
    groups: dict[tuple[date, date], list[Subject]] = {}
    for subject in subjects:
        if subject.months:
            groups.setdefault((min(subject.months), max(subject.months)), []).append(subject)
    ahead: dict[str, _Ahead] = {}
    for group in groups.values():
        ahead |= _expected(group, library, ends[1])
    found = []
    with localcontext() as context:
        context.prec = 40
        for subject in subjects:
            one = ahead.get(str(subject.names["subject_id"]), _Ahead({}, float("nan"), 0))
            for year in sorted({month.year for month in subject.months} | set(ends)):
                flags = {"is_current_year": year == ends[0], "is_next_year": year == ends[1]}
                found.append({**subject.names, "year": year, **flags, **_of_year(subject, library, year, one)})
    return found


def _is_over(subject: Subject, year: int) -> bool:
    return all(date(year, number, 1) in subject.months for number in range(1, _MONTHS + 1))


def _expected(group: Sequence[Subject], library: Library, last: int) -> dict[str, _Ahead]:
    """Return what is expected of subjects with the same months, whose errors are one distribution."""
    import numpy as np  # numerical; a site without quotas does without it

    from methods.quota import landing

    months = sorted(group[0].months)
    years = [year for year in range(months[-1].year, last + 1) if not _is_over(group[0], year)]
    each = [[one.months[month] for one in group] for month in months]
    actual = np.array([[float(value) for one in row for value in one.values] for row in each])
    margins = [
        {place * _SERIES + series: factor for series, factor in enumerate(_margin(one, library, year))}
        for place, one in enumerate(group)
        for year in years
    ]
    found = landing.forecast(months[0], actual, margins, years)
    ahead = {}
    for place, one in enumerate(group):
        lands = {}
        for number, year in enumerate(years):
            series = [place * _SERIES, place * _SERIES + 1, place * _SERIES + 2]
            series.append(len(group) * _SERIES + place * len(years) + number)
            if (series[0], year) in found.lands:
                output, heat, emissions, margin = (found.lands[name, year] for name in series)
                lands[year] = output, heat, emissions, margin
        ahead[str(one.names["subject_id"])] = _Ahead(lands, found.coverage, found.count)
    return ahead


def _margin(subject: Subject, library: Library, year: int) -> tuple[float, float, float]:
    terms = subject.rule(year)
    return (0.0, 0.0, 0.0) if terms is None else case(terms, library, year).margin()


def _of_year(subject: Subject, library: Library, year: int, ahead: _Ahead) -> Row:
    known = [amounts for month, amounts in subject.months.items() if month.year == year]
    over = _is_over(subject, year)
    so_far = Amounts(*(sum(each, ZERO) for each in zip(*(one.values for one in known), strict=True))) if known else None
    row: Row = {
        "months_count": len(known),
        "is_complete": over,
        "is_forecast": not over,
        "emissions_t": so_far.emissions_t if so_far else None,
        "coverage_ratio": None if over else _float(ahead.coverage),
        "coverage_count": None if over else ahead.count,
    }
    terms = subject.rule(year)
    if terms is None:
        return row | _without("no_rule")
    this = case(terms, library, year)
    row |= _told(this)
    if over and so_far:
        return row | _reckoned(this, so_far)
    if year not in ahead.lands:
        return row | _without("months" if known and ahead.lands else "short")
    return row | _forecast(this, *ahead.lands[year])


def _reckoned(this: Case, whole: Amounts) -> Row:
    """Return the figures of a year of which everything is known or expected."""
    row: Row = {
        "expected_t": whole.emissions_t,
        "output": whole.output,
        "output_unit": this.terms["output_unit"],
        "heat_gj": whole.heat_gj if this.terms["sector"] == "power" else None,
        "intensity": (whole.emissions_t / whole.output) if whole.output else None,
        "intensity_unit": f"tCO2e/{this.terms['output_unit']}",
        **dict.fromkeys((f"expected_{name}_t" for name in _QUANTILES), whole.emissions_t),
    }
    try:
        quota = this.quota(whole)
    except MissingError as fault:
        return row | _without(fault.what)
    surplus = quota.quota_t - whole.emissions_t
    return {
        **row,
        **quota.terms,
        "rule_quota_t": quota.rule_t,
        "topup_t": quota.topup_t,
        "quota_t": quota.quota_t,
        **dict.fromkeys((f"quota_{name}_t" for name in _QUANTILES), quota.quota_t),
        "surplus_t": surplus,
        "surplus_p10_t": surplus,
        "surplus_p90_t": surplus,
        "shortfall_t": max(ZERO, -surplus),
        "shortfall_probability": Decimal(int(surplus < 0)),
        "formula": quota.formula,
    }


def _forecast(this: Case, output: "Lands", heat: "Lands", emissions: "Lands", margin: "Lands") -> Row:
    """Return the figures of a year to come: those of what is expected, with their interval where there is one."""
    centre = Amounts(*(_number(one.centre) for one in (output, heat, emissions)))
    if not all(isfinite(one.landing.p50) for one in (output, emissions)):
        return _reckoned(this, centre) | dict.fromkeys(_UNCERTAIN)
    ends = {name: Amounts(*(_quantile(one, name) for one in (output, heat, emissions))) for name in _QUANTILES}
    middle = ends["p50"]
    row = _reckoned(this, middle) | {f"expected_{name}_t": one.emissions_t for name, one in ends.items()}
    if "quota_t" not in row:
        return row
    if this.rule in ("industry", "verified") and middle.output:  # emissions follow the output of each quantile
        each = middle.emissions_t / middle.output
        ends = {name: replace(one, emissions_t=each * one.output) for name, one in ends.items()}
    row |= {f"quota_{name}_t": this.quota(one).quota_t for name, one in ends.items()}
    return row | _risk(this, middle, this.quota(middle), margin)


def _risk(this: Case, middle: Amounts, quota: Quota, margin: "Lands") -> Row:
    """Return the interval of the surplus and the probability of a shortfall, from the errors of the margin itself."""
    names = ("surplus_p10_t", "surplus_p90_t")
    if this.rule == "verified":
        return dict.fromkeys((*names, "shortfall_probability"), ZERO)
    if not isfinite(margin.landing.p50):
        return dict.fromkeys((*names, "shortfall_probability"))
    found: Row = {}
    for name, edge in zip(names, (margin.landing.p10, margin.landing.p90), strict=True):
        left = _number(edge) + this.fixed_t
        # the same output with emissions that leave this margin to the benchmark
        allotted = quota.terms["benchmark"] * middle.output if this.rule == "industry" else quota.rule_t
        moved = replace(middle, emissions_t=max(ZERO, allotted - left))
        found[name] = this.quota(moved).quota_t - moved.emissions_t
    chance = 0.0 if this.is_exempt else 1.0 - margin.chance_above(-float(this.fixed_t))
    return found | {"shortfall_probability": _float(chance)}


def _told(this: Case) -> Row:
    """Return what the row says of its rule."""
    terms, plan = this.terms, this.plan
    is_own = terms["rule"] != "published"
    found: Row = {
        "sector": terms["sector"],
        "unit_class": terms["unit_class"],
        "rule": this.rule,
        "rule_status": "site" if is_own else plan.status if plan else None,
        "benchmark_unit": f"tCO2/{terms['output_unit']}",
        "confidence": "verified" if is_own else plan.confidence if plan else None,
        "method_clause": CLAUSES[this.rule],
        "source": "; ".join([*([plan.source] if plan and not is_own else []), str(terms["source"])]),
    }
    for code, words in (("sector", SECTORS), ("rule", RULES), ("rule_status", STATES)):
        zh, en = words.get(str(found[code]), (None, None))
        found |= {f"{code}_name_zh": zh, f"{code}_name_en": en}
    return found


def _without(reason: str) -> Row:
    zh, en = REASONS[reason]
    return {"null_reason": reason, "null_reason_zh": zh, "null_reason_en": en}


def _quantile(lands: "Lands", name: str) -> Decimal:
    """Return a quantile that is not below nothing; a series that was always nought has no errors and stays so."""
    value = getattr(lands.landing, name)
    return max(ZERO, _number(value if isfinite(value) else lands.centre))


def _int(value: object) -> int:
    assert isinstance(value, int), "the site's file is typed"
    return value


def _number(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")


def _float(value: float) -> Decimal | None:
    return Decimal(f"{value:.6f}") if isfinite(value) else None
