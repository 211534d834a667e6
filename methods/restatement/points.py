"""What moved the metered activity: which points count otherwise, and which readings came for those that changed.

An interval that differs is given to the reading nearest to it in time that came since, late (nothing was known for its
time before) or corrected (another value was); one that stands within it or ends it is nearest. A point whose own rows
of the site changed, and which no new reading is near to, was read otherwise (site_data). A point that measured the same
and counts otherwise is boundary.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from lake import rawfiles
from lake.buildviews import parquet
from methods.restatement import causes
from methods.restatement.causes import Part, Parts
from methods.restatement.sides import BOUNDARY, SITE, Sides

#: How far before and after a month a new reading may stand that changes it: an estimate looks back eight weeks.
_BEFORE, _AFTER = timedelta(days=63), timedelta(days=63)


class Counted(NamedTuple):
    """What counts points together: the organisation's root unit, month, carrier, use and role."""

    organization_id: str
    month: date
    carrier: str
    use_type: str
    role: str


class Metered(NamedTuple):
    """What was counted before, and how it moved by cause, in `unit`."""

    before: Decimal
    unit: str
    parts: Mapping[str, Part]


def moved(sides: Sides, months: Sequence[date]) -> dict[Counted, Metered]:
    """Return what moved in these months, of organisations that have no members."""
    rows = sides.rows(_COUNTED, months=list(months))
    differing = [row for row in rows if row["before"] != row["after"]]
    told: dict[tuple[str, date], _Told] = {}
    for month in months:  # one after the other: a month of intervals is what memory has to hold
        told |= _readings(sides, sorted({(row["point_id"], month) for row in differing if row["month"] == month}))
    allocated = {row["point_id"] for row in sides.thing(sides.old, "allocations")}
    found: dict[Counted, tuple[Decimal, str, Parts]] = {}
    for row in rows:
        key = Counted(*(row[name] for name in Counted._fields))
        before, _, parts = found.setdefault(key, (Decimal(0), row["unit"], Parts()))
        found[key] = (before + (row["before"] or 0), row["unit"], parts)
        if row["before"] != row["after"]:
            _point(sides, row, told.get((row["point_id"], row["month"]), _Told()), parts, row["point_id"] in allocated)
    return {key: Metered(before, unit, parts.by_cause) for key, (before, unit, parts) in found.items()}


class _Told(NamedTuple):
    """How the quantity of a point and month changed, by cause."""

    before: Decimal = Decimal(0)
    parts: Mapping[str, Part] = {}

    @property
    def change(self) -> Decimal:
        return sum((part.change for part in self.parts.values()), Decimal(0))


def _point(sides: Sides, row: Mapping[str, Any], told: _Told, found: Parts, was_allocated: bool) -> None:
    """Add what one point moved: what it measured otherwise at its old weight, and what is left to the boundary."""
    change = (row["after"] or Decimal(0)) - (row["before"] or Decimal(0))
    measured = told.change
    if not measured:
        found.add(sides.rest, Part(change, subjects=frozenset((row["point_id"],))))
        return
    if row["before"] and told.before:
        weight = row["before"] / told.before
    elif was_allocated or not sides.changed & BOUNDARY:
        weight = change / measured
    else:
        weight = Decimal(0)
    left = change
    for cause, part in sorted(told.parts.items(), key=lambda one: abs(one[1].change)):
        share = (part.change * weight).quantize(Decimal("0.000001"))
        if share:
            found.add(cause, Part(share, Decimal(0), part.subjects, part.rows))
        left -= share
        largest = cause
    if left and sides.changed & BOUNDARY:
        found.add(causes.BOUNDARY, Part(left, subjects=frozenset((row["point_id"],))))
    elif left:
        found.add(largest, Part(left))


def _readings(sides: Sides, wanted: Sequence[tuple[str, date]]) -> dict[tuple[str, date], _Told]:
    """Return how the quantities of points and months changed, by the readings that came since."""
    if not wanted:
        return {}
    con = sides.connection
    con.execute("create or replace temp table wanted (point_id varchar, month date)")
    con.executemany("insert into wanted values (?, ?)", [list(one) for one in wanted])
    con.execute(f"create or replace temp table came as {_came(sides, wanted)}")
    con.execute(sides.filled(_DIFFERING))
    found: dict[tuple[str, date], tuple[Decimal, dict[str, Part]]] = {}
    for row in sides.rows(_BEFORE_THAT):
        found[row["point_id"], row["month"]] = (row["quantity"], {})
    of_site = _changed_points(sides)
    for row in sides.rows(_NEAREST, length_s=60 * sides.interval_minutes):
        near = row["cause"] is not None and (row["point_id"] not in of_site or row["is_near"])
        cause = row["cause"] if near else _without_reading(sides, row["point_id"] in of_site)
        _, parts = found.setdefault((row["point_id"], row["month"]), (Decimal(0), {}))
        told = Part(row["change"], Decimal(0), frozenset((row["point_id"],)), row["rows"] if near else 0)
        parts[cause] = parts[cause] + told if cause in parts else told
    return {key: _Told(before, parts) for key, (before, parts) in found.items()}


def _without_reading(sides: Sides, is_of_site: bool) -> str:
    if is_of_site:
        return causes.SITE
    return causes.METHOD if sides.is_other_code else causes.UNEXPLAINED


def _changed_points(sides: Sides) -> set[str]:
    """Return the points whose own rows, or those of their meter, are other ones now."""
    found: set[str] = set()
    meters = {
        row["point_id"]: row["meter_id"] for side in (sides.old, sides.new) for row in sides.thing(side, "points")
    }
    for name in sorted(sides.changed & SITE):
        then, now = (
            {_text(row) for row in sides.thing(side, name)} for side in (sides.old, sides.new)
        )  # rows are few and have no key of their own
        rows = [
            row
            for side, others in ((sides.old, now), (sides.new, then))
            for row in sides.thing(side, name)
            if _text(row) not in others
        ]
        of_meters = {row.get("meter_id") for row in rows if "point_id" not in row}
        found |= {str(row["point_id"]) for row in rows if "point_id" in row}
        found |= {point for point, meter in meters.items() if meter in of_meters}
    return found


def _text(row: Mapping[str, Any]) -> str:
    return repr(sorted((name, str(value)) for name, value in row.items() if name != "known_at" and value is not None))


def _came(sides: Sides, wanted: Sequence[tuple[str, date]]) -> str:
    """Return the query of the readings that came since the old side: point, time and cause, one row each."""
    months = [month for _, month in wanted]
    first, last = (min(months) - _BEFORE).replace(day=1), max(months) + _AFTER
    parts = []
    for table, version in rawfiles.reading_versions(sides.lake).items():
        paths = sides.lake.files("raw", table, version)
        files = [path for path in paths if first <= rawfiles.month_of(path) <= last]
        if files:
            parts.append(
                f"select point_id, reading_at, '{table}' as source, ({sides.is_new}) as is_new, "
                f"({sides.is_old}) as is_old "
                f"from {parquet(files, 'month')} where point_id in (select point_id from wanted)"
            )
    if not parts:
        return "select null::varchar as point_id, null::timestamptz as reading_at, null::varchar as cause where false"
    return (
        "select point_id, reading_at, max(cause) as cause from ("
        f"select point_id, reading_at, source, "
        f"case when bool_or(is_old) then '{causes.READING}' else '{causes.LATE}' end as cause, "
        f"bool_or(is_new) as is_new from ({' union all '.join(parts)}) "
        "group by point_id, reading_at, source) where is_new group by point_id, reading_at"
    )


_KEYS = "organization_id, month, carrier, use_type, role"
_COUNTED = f"""
    select {_KEYS}, point_id, coalesce(now.quantity_unit, before.quantity_unit) as unit,
        before.quantity as before, now.quantity as after
    from (select * from {{old:energy.consumption_points_monthly}} where list_contains($months, month)) as before
    full outer join (select * from {{new:energy.consumption_points_monthly}} where list_contains($months, month)) as now
    using ({_KEYS}, point_id)
    order by all
"""
_OF_SIDE = """
    select point_id, month, period_start_at, quantity from {side:energy.intervals}
    semi join wanted using (point_id, month)
"""
_DIFFERING = f"""
    create or replace temp table differing as
    with before as ({_OF_SIDE.replace("{side", "{old")}), now as ({_OF_SIDE.replace("{side", "{new")})
    select point_id, month, period_start_at,
        coalesce(now.quantity, 0) - coalesce(before.quantity, 0) as change
    from before full outer join now using (point_id, month, period_start_at)
    where coalesce(now.quantity, 0) <> coalesce(before.quantity, 0)
"""
_BEFORE_THAT = f"""
    select point_id, month, sum(quantity)::decimal(38, 6) as quantity
    from ({_OF_SIDE.replace("{side", "{old")}) group by all having sum(quantity) is not null order by all
"""
#: A reading tells the time up to it: within an interval or at its end it is nearest, of two as near the later.
_NEAREST = """
    with beside as (
        select differing.*, before.reading_at as before_at, before.cause as before_cause,
            later.reading_at as after_at, later.cause as after_cause,
            epoch(differing.period_start_at) - epoch(before.reading_at) as before_s,
            greatest(epoch(later.reading_at) - epoch(differing.period_start_at) - $length_s, 0) as after_s
        from differing
        asof left join came as before
            on differing.point_id = before.point_id and differing.period_start_at >= before.reading_at
        asof left join came as later
            on differing.point_id = later.point_id and differing.period_start_at < later.reading_at
    ),
    nearest as (
        select *,
            before_at is not null and (after_at is null or before_s < after_s) as is_before
        from beside
    )
    select point_id, month, case when is_before then before_cause else after_cause end as cause,
        coalesce(case when is_before then before_s else after_s end <= 86400, false) as is_near,
        sum(change)::decimal(38, 6) as change,
        count(distinct case when is_before then before_at else after_at end) as rows
    from nearest group by all order by all
"""
