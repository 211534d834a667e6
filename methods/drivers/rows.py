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
        pa.field("is_latest", pa.bool_(), nullable=False),
        pa.field("headline_zh", _TEXT, nullable=False),
        pa.field("headline_en", _TEXT, nullable=False),
    ]
)
SUBJECTS = {
    "energy": ("综合能耗", "energy", "change_tce_calorific"),
    "emissions": ("碳排放", "emissions", "change_tco2e"),
    "cost": ("能源费用", "cost", "change_cny"),
}
#: What each subject is told in, and by how much it is divided for that.
_TOLD_IN = {
    "energy": (("tce（当量）", 1), ("tce (calorific)", 1)),
    "emissions": (("tCO2e", 1), ("tCO2e", 1)),
    "cost": (("万元", 10_000), ("CNY", 1)),
}
_COMPARED = {
    "previous_year": ("比去年同月", "against last year"),
    "previous_month": ("比上月", "against the month before"),
}
#: In the order in which they are told.
EFFECTS = {
    "output": ("① 产出规模", "① output"),
    "structure": ("② 结构", "② structure"),
    "intensity": ("③ 能源强度", "③ intensity"),
    "factor": ("④ 排放因子", "④ emission factor"),
    "price": ("④ 价格", "④ price"),
    "weather": ("⑤ 天气", "⑤ weather"),
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
            head["is_latest"] = month == max(months)
            for subject, found in _effects(months[earlier], after).items():
                said = headline(month, compared_to, subject, found)
                yield from (head | row | said for row in _rows(subject, found))


def headline(month: date, compared_to: str, subject: str, effects: Mapping[str, Decimal]) -> Row:
    """Return the change and its largest cause, the effect that went furthest the same way, in one sentence each."""
    change = sum(effects.values(), lmdi.ZERO)
    cause = max(effects, key=lambda effect: effects[effect] if change >= 0 else -effects[effect])
    (zh, zh_by), (en, en_by) = _TOLD_IN[subject]
    when, names, by = f"{month:%Y-%m}", SUBJECTS[subject], EFFECTS[cause]
    return {
        "headline_zh": f"{when} {names[0]}{_COMPARED[compared_to][0]} {_signed(change / zh_by)} {zh}，"
        f"主要因{by[0][2:]}（{_signed(effects[cause] / zh_by)}）",
        "headline_en": f"{when}: {names[1]} {_signed(change / en_by)} {en} {_COMPARED[compared_to][1]}, "
        f"mostly by {by[1][2:]} ({_signed(effects[cause] / en_by)})",
    }


def _signed(amount: Decimal) -> str:
    """Write an amount with its sign, in whole numbers from a thousand on."""
    return f"{amount:+,.0f}" if abs(amount) >= 1000 else f"{amount:+,.1f}"


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
