"""What the best comparable hours of the units of operating_subjects.csv did; nothing where the site names none."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import numpy as np
import pyarrow as pa

from assets import readings
from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine
from lake.engine import connected
from lake.periods import next_month
from methods.operating.rows import OPTIMUM, Parameter, Row, Series, Subject, of_subject

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

MART = "energy.operating_optimum"
KEYS = keys((MART,))
_PARENTS = ("energy.consumption_hourly", "energy.intervals", "quality.completeness_daily")


def operating_asset() -> dg.AssetsDefinition:
    """Return the step that looks for the best hours, before the publication."""
    return step("operating", (MART,), look_all, parents=_PARENTS, owner="team:energy")


def look_all(work: Work) -> dict[str, int]:
    """Make the mart anew; return its rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        table = pa.Table.from_pylist(_found(work, connection), OPTIMUM)
    return written(work, {MART: table})


def _found(work: Work, connection: "DuckDBPyConnection") -> list[Row]:
    subjects = engine.rows(connection, _SUBJECTS)
    months: Sequence[date] = [row["month"] for row in engine.rows(connection, _WHOLE)] if subjects else []
    if not months:
        return []
    zone = ZoneInfo(work.site.settings.timezone)
    window = Window(connection, work, zone, months)
    parameters = engine.rows(connection, _PARAMETERS)
    rows: list[Row] = []
    for told in subjects:
        own = [row for row in parameters if row["subject_id"] == told["subject_id"]]
        rows += of_subject(window.subject(told), [window.parameter(row) for row in own])
    return rows


class Window:
    """The hours of the last twelve whole months, and what was measured in them."""

    def __init__(self, connection: "DuckDBPyConnection", work: Work, zone: ZoneInfo, months: Sequence[date]) -> None:
        """Read the hours of every point that a subject or a parameter names."""
        self.connection, self.months = connection, months
        start, end = (
            datetime.combine(day, time(), zone).astimezone(UTC) for day in (months[0], next_month(months[-1]))
        )
        self.first_hour, self.size = int(start.timestamp()) // 3600, int((end - start).total_seconds()) // 3600
        self.params: dict[str, object] = {"from_month": months[0], "to_month": months[-1]}
        points = engine.rows(connection, _POINTS)
        amounts = [row["point_id"] for row in points if row["kind"] != "state"]
        states = [row["point_id"] for row in points if row["kind"] == "state"]
        self.series = self._series(connection.sql(_AMOUNTS, params={**self.params, "points": amounts}))
        received = readings.latest(work, connection, states, since=start)
        if received is not None:
            within = received.filter(f"status = 'good' and reading_at >= '{start}' and reading_at < '{end}'")
            self.series |= self._series(within.aggregate(f"{_HOUR}, avg(value)::double as amount", _BY_HOUR))
        self.units = {row["point_id"]: row["unit"] for row in points}
        self.factors = {
            (row["from_unit"], row["to_unit"]): row["factor"] for row in engine.rows(connection, _CONVERSIONS)
        }

    def _series(self, found: "DuckDBPyRelation") -> dict[str, Series]:
        hours: dict[str, Series] = {}
        columns = found.to_arrow_table().combine_chunks()
        names = columns["point_id"].to_numpy(zero_copy_only=False)
        places = columns["hour"].to_numpy() - self.first_hour
        amounts, units = columns["amount"].to_numpy(), columns["unit"].to_numpy(zero_copy_only=False)
        for name in np.unique(names.astype(str)):
            here = names == name
            values = np.full(self.size, np.nan)
            values[places[here]] = amounts[here]
            hours[str(name)] = Series(values, str(units[here][0]))
        return hours

    def of(self, point: str) -> Series:
        """Return the hours of a point; nothing known of one that was never heard of."""
        return self.series.get(point) or Series(np.full(self.size, np.nan), self.units[point])

    def subject(self, told: Mapping[str, Any]) -> Subject:
        """Return a unit with its energy and output in every hour."""
        used = self.connection.sql(
            _ENERGY,
            params={**self.params, "unit": told["energy_unit_id"], "carriers": told["carriers"].split(";")},
        ).to_arrow_table()
        energy, cost = np.full(self.size, np.nan), np.full(self.size, np.nan)
        places = used["hour"].to_numpy() - self.first_hour
        energy[places], cost[places] = used["energy"].to_numpy(), used["cost"].to_numpy()
        output = np.zeros(self.size)
        for series in map(self.of, told["output_point_ids"].split(";")):
            output += series.values * float(self.factors[series.unit, told["load_unit"]])
        point = told["temperature_point_id"]
        return Subject(
            {
                **{name: told[name] for name in OPTIMUM.names if name in told},
                "intensity_unit": f"kgce/{told['load_unit']}",
                "from_month": self.months[0],
                "to_month": self.months[-1],
                "months_count": len(self.months),
            },
            self.first_hour,
            output,
            energy,
            cost,
            float(told["output_from"]),
            self.of(point).values if point else None,
        )

    def parameter(self, told: Mapping[str, Any]) -> Parameter:
        """Return a parameter with the hours of its points."""
        points, per = ((told[name] or "").split(";") for name in ("point_ids", "per_point_ids"))
        named = {name: told[name] for name in ("parameter_id", "parameter_name_zh", "parameter_name_en")}
        return Parameter(
            named, told["form"], [self.of(point) for point in points], [self.of(point) for point in per if point]
        )


_SUBJECTS = """
    select subjects.subject_id, subjects.name_zh as subject_name_zh,
        coalesce(subjects.name_en, subjects.name_zh) as subject_name_en, subjects.carriers, subjects.output_point_ids,
        subjects.output_unit as load_unit, subjects.output_from, subjects.temperature_point_id,
        units.organization_id, units.organization_name_zh, units.organization_name_en,
        organizations.level as organization_level, units.energy_unit_id, units.energy_unit_name_zh,
        units.energy_unit_name_en
    from ref.operating_subjects as subjects
    inner join reference.energy_units as units using (energy_unit_id)
    inner join reference.organizations as organizations using (organization_id)
    order by subject_id
"""
_PARAMETERS = """
    select subject_id, parameter_id, name_zh as parameter_name_zh, coalesce(name_en, name_zh) as parameter_name_en,
        form, point_ids, per_point_ids
    from ref.operating_parameters
    order by subject_id, parameter_id
"""
_WHOLE = """
    with whole as (
        select month from quality.completeness_daily group by month
        having count(distinct local_date) = day(last_day(month))
    )

    select month from whole where month > (select max(month) from whole) - interval 1 year order by month
"""
_POINTS = """
    with named as (
        select output_point_ids as ids from ref.operating_subjects
        union all
        select temperature_point_id from ref.operating_subjects
        union all
        select point_ids from ref.operating_parameters
        union all
        select per_point_ids from ref.operating_parameters
    )

    select point_id, kind, unit from reference.points
    where point_id in (select unnest(string_split(ids, ';')) from named)
    order by point_id
"""
_CONVERSIONS = "select from_unit, to_unit, factor from ref.unit_conversions"
_HOUR = "point_id, any_value(unit) as unit, epoch(reading_at)::bigint // 3600 as hour"
_BY_HOUR = "point_id, epoch(reading_at)::bigint // 3600"
# Hours that were measured from their first quarter to their last.
_AMOUNTS = """
    select point_id, any_value(quantity_unit) as unit, epoch(period_start_at)::bigint // 3600 as hour,
        sum(quantity)::double as amount
    from energy.intervals
    where list_contains($points, point_id) and quality = 'measured'
        and month between $from_month and $to_month
    group by point_id, epoch(period_start_at)::bigint // 3600
    having count(*) = 4
"""
_ENERGY = """
    select epoch(period_start_at)::bigint // 3600 as hour, sum(energy_tce_calorific)::double * 1000 as energy,
        coalesce(sum(cost_cny), 0)::double as cost
    from energy.consumption_hourly
    where energy_unit_id = $unit and role = 'end_use' and list_contains($carriers, carrier)
        and month between $from_month and $to_month
    group by all
    having max(missing_ratio) = 0 and max(estimated_ratio) = 0 and count(energy_tce_calorific) = count(*)
"""
