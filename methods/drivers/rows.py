"""The rows of energy.drivers_monthly: what each effect did, in the unit of what changed."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, localcontext

import pyarrow as pa

from methods.drivers import lmdi, terms
from methods.drivers.terms import Month

_TEXT, _AMOUNT = pa.string(), pa.decimal128(18, 6)
Row = dict[str, object]

_OWNER = ("organization_id", "organization_name_zh", "organization_name_en", "organization_level", "energy_unit_id")
DRIVERS = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),
        *[pa.field(name, pa.int32() if name == "organization_level" else _TEXT) for name in _OWNER],
        pa.field("compared_to", _TEXT, nullable=False),
        pa.field("compared_month", pa.date32(), nullable=False),
        *[
            pa.field(name, _TEXT, nullable=False)
            for name in ("subject", "subject_name_zh", "subject_name_en", "effect", "effect_name_zh", "effect_name_en")
        ],
        *[pa.field(name, _AMOUNT) for name in ("change_tce_calorific", "change_tco2e", "change_cny")],
    ]
)
SUBJECTS = {
    "energy": ("综合能耗", "energy", "change_tce_calorific"),
    "emissions": ("碳排放", "emissions", "change_tco2e"),
    "cost": ("能源费用", "cost", "change_cny"),
}
#: In the order in which they are told.
EFFECTS = {
    "output": ("① 产出规模", "① output"),
    "structure": ("② 结构", "② structure"),
    "intensity": ("③ 能源强度", "③ intensity"),
    "factor": ("④ 排放因子", "④ emission factor"),
    "price": ("④ 价格", "④ price"),
}
_OF = {
    "energy": ("output", "structure", "intensity"),
    "emissions": ("output", "structure", "intensity", "factor"),
    "cost": ("output", "structure", "intensity", "price"),
}


def before(month: date, compared_to: str) -> date:
    """Return the month that a month is compared to: that of last year or the one before."""
    if compared_to == "previous_year":
        return month.replace(year=month.year - 1)
    return month.replace(month=month.month - 1) if month.month > 1 else date(month.year - 1, 12, 1)


def of_organization(owner: Mapping[str, object], months: Mapping[date, Month]) -> Iterable[Row]:
    """Yield the rows of an organisation: every known month against those that are known to compare it to."""
    for month, after in sorted(months.items()):
        for compared_to in ("previous_year", "previous_month"):
            earlier = before(month, compared_to)
            if earlier not in months:
                continue
            head = {"month": month, **owner, "compared_to": compared_to, "compared_month": earlier}
            for subject, found in _effects(months[earlier], after).items():
                yield from (head | row for row in _rows(subject, found))


def _effects(was: Month, now: Month) -> dict[str, dict[str, Decimal]]:
    """Return the effects on each subject, printed so that they add up to its change."""
    with localcontext() as context:
        context.prec = 40
        asked = {
            "energy": terms.of_energy(was, now),
            "emissions": terms.of_lines(was, now, (was.emissions, now.emissions), "factor"),
            "cost": terms.of_lines(was, now, (was.costs, now.costs), "price"),
        }
        found = {}
        for subject, parts in asked.items():
            effects = dict.fromkeys(_OF[subject], lmdi.ZERO) | lmdi.effects(parts)
            change = sum((part.after - part.before for part in parts), lmdi.ZERO)
            if parts:
                found[subject] = lmdi.printed(effects, change)
        return found


def _rows(subject: str, effects: Mapping[str, Decimal]) -> Iterable[Row]:
    zh, en, column = SUBJECTS[subject]
    for effect, amount in effects.items():
        names = {"effect_name_zh": EFFECTS[effect][0], "effect_name_en": EFFECTS[effect][1]}
        subjects = {"subject": subject, "subject_name_zh": zh, "subject_name_en": en}
        yield {**subjects, "effect": effect, **names, column: amount}
