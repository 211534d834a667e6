"""The figures of months that were over and that are other ones now, and the rows that bridge each from old to new."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lake.periods import next_month
from methods.restatement import causes, declared, emissions, energy, points
from methods.restatement.causes import Part, Parts
from methods.restatement.emissions import Figure
from methods.restatement.sides import Sides


class Restated(NamedTuple):
    """One figure, what it was and is (None: there was or is none), and why."""

    mart: str
    figure: Figure
    old: Decimal | None
    new: Decimal | None
    parts: Parts


class Asked(NamedTuple):
    """What is looked at: all organisations and months where it names none; months are the first and the last."""

    organization_id: str | None = None
    months: tuple[date, date] | None = None

    def has(self, organization_id: str, month: date) -> bool:
        """Whether a figure is looked at."""
        mine = self.organization_id in (None, organization_id)
        return mine and (self.months is None or self.months[0] <= month <= self.months[1])


def restated(sides: Sides, asked: Asked | None = None) -> list[Restated]:
    """Return every figure of a month that was over on the old side and that is another one on the new."""
    changed = _changed(sides, asked or Asked())
    if not changed:
        return []
    months = sorted({row["month"] for row in changed})
    metered = points.moved(sides, months)
    told = {
        emissions.MART: emissions.parts(sides, months, emissions.Inputs(metered, declared.moved(sides))),
        energy.MART: energy.parts(sides, months, metered),
    }
    return [_restated(sides, row, told[row["mart"]]) for row in changed]


def unexplained(sides: Sides) -> list[Restated]:
    """Return the same figures without asking why: their change has no cause."""
    return [
        Restated(
            row["mart"],
            Figure(*(row[name] for name in Figure._fields)),
            row["old"],
            row["new"],
            Parts({causes.UNEXPLAINED: Part((row["new"] or Decimal(0)) - (row["old"] or Decimal(0)))}),
        )
        for row in _changed(sides, Asked())
    ]


def _changed(sides: Sides, asked: Asked) -> list[dict[str, Any]]:
    rows = [row for row in sides.rows(_CHANGED) if asked.has(row["organization_id"], row["month"])]
    over = {month for month in {row["month"] for row in rows} if is_over(month, sides)}
    return [row for row in rows if row["month"] in over]


def is_over(month: date, sides: Sides) -> bool:
    """Whether the old side had readings of the whole of a month."""
    ended = datetime.combine(next_month(month), datetime.min.time(), ZoneInfo(sides.timezone))
    return sides.newest_then >= ended.astimezone(UTC)


def _restated(sides: Sides, row: Mapping[str, Any], told: Mapping[Figure, Parts]) -> Restated:
    figure = Figure(*(row[name] for name in Figure._fields))
    parts = told.get(figure, Parts())
    left = (row["new"] or Decimal(0)) - (row["old"] or Decimal(0)) - parts.total
    if left:
        parts.add(sides.rest, Part(left))
    return Restated(row["mart"], figure, row["old"], row["new"], parts)


def rows(sides: Sides, found: Iterable[Restated], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each figure and cause; `told` is what all of them say of both sides."""
    made = []
    names = organizations(sides)
    categories = {row["source_category"]: row for row in sides.rows(_CATEGORIES)}
    for one in found:
        figure = one.figure
        place = (one.mart, *map(str, figure), *(str(told[name]) for name in ("known_from", "known_to")))
        restatement = hashlib.sha256("/".join(place).encode()).hexdigest()[:16]
        category = categories.get(figure.source_category, _ENERGY)
        for cause, part in one.parts.in_order():
            made.append(
                {
                    **told,
                    "restatement_id": restatement,
                    "mart": one.mart,
                    **names.get(figure.organization_id, {}),
                    **figure._asdict(),
                    "source_category_name_zh": category["zh"],
                    "source_category_name_en": category["en"],
                    "old": one.old,
                    "new": one.new,
                    "unit": "tCO2e" if one.mart == emissions.MART else "tce",
                    "cause": cause,
                    "cause_name_zh": causes.NAMES[cause][0],
                    "cause_name_en": causes.NAMES[cause][1],
                    "cause_position": causes.ORDER.index(cause) + 1,
                    "change": part.change,
                    "interaction": part.interaction,
                    "rows_count": part.rows,
                    "subjects": ";".join(sorted(part.subjects)) or None,
                    "reason_zh": causes.reason(cause, part, 0),
                    "reason_en": causes.reason(cause, part, 1),
                }
            )
    return made


def organizations(sides: Sides) -> dict[str, dict[str, Any]]:
    """Return the names of the organisations of both sides by their id."""
    return {row["organization_id"]: row for row in sides.rows(_ORGANIZATIONS)}


_ENERGY = {"zh": "综合能源消费量", "en": "comprehensive energy consumption"}
_NAMES = "organization_id, organization_name_zh, organization_name_en, level as organization_level"
#: What is gone keeps the names that it had.
_ORGANIZATIONS = f"""
    select {_NAMES} from {{new:reference.organizations}}
    union all by name
    select {_NAMES} from {{old:reference.organizations}}
    where organization_id not in (select organization_id from {{new:reference.organizations}})
"""
_CATEGORIES = f"""
    select distinct source_category::varchar as source_category, source_category_name_zh::varchar as zh,
        source_category_name_en::varchar as en
    from {{new:{emissions.MART}}}
    union
    select distinct source_category::varchar, source_category_name_zh::varchar, source_category_name_en::varchar
    from {{old:{emissions.MART}}}
"""
_EMITTED = f"""
    select '{emissions.MART}' as mart, organization_id, month, basis::varchar as basis,
        source_category::varchar as source_category, sum(emissions_tco2e)::decimal(18, 6) as amount
    from {{side:{emissions.MART}}} group by all
"""
_USED = " union all by name ".join(
    f"""
    select '{energy.MART}' as mart, organization_id, month, '{convention}' as basis,
        '{energy.CATEGORY}' as source_category, comprehensive_energy_tce_{convention} as amount
    from {{side:{energy.MART}}}
    """
    for convention in energy.CONVENTIONS
)
_SIDE = f"({_EMITTED}) union all by name ({_USED})"
#: A month that was not told before is news and no restatement.
_CHANGED = f"""
    with before as ({_SIDE.replace("{side", "{old")}), now as ({_SIDE.replace("{side", "{new")})
    select mart, organization_id, month, basis, source_category, before.amount as old, now.amount as new
    from before full outer join now using (mart, organization_id, month, basis, source_category)
    where before.amount is distinct from now.amount
        and (mart, month) in (select (mart, month) from before)
    order by all
"""
