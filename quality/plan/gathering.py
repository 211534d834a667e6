"""What happened to each planned parameter in each month that has ended, read from a build."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lake import engine
from lake.periods import next_month
from lake.site.data_plan import instruments
from quality import calibrations
from quality.plan.facts import Calibration, Facts, Lines, Read, Told

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
#: Entity, unit (None: the whole of it) and subject.
_Place = tuple[str, str | None, str]
_Where = tuple[str, _Place, date]


@dataclass(frozen=True)
class Gathered:
    """The rows of the plan, the months, and what is known of them; `lines` by entity, subject and month."""

    plan: list[dict[str, Any]]
    months: list[date]
    roots: dict[str, str]
    used: dict[tuple[str, str, date], dict[str, Any]]
    read: dict[tuple[str, date], Read]
    calibrated: dict[tuple[str, date], Calibration]
    told: dict[_Where, Told]
    lines: dict[tuple[str, str, date], Lines]
    categories: dict[tuple[str, str, date], str]

    def cases(self) -> Iterator[tuple[dict[str, Any], date, Facts]]:
        """Give every month in which a row of the plan holds, with what happened."""
        for row in self.plan:
            for month in self.months:
                if row["valid_from"] <= month and (row["valid_to"] is None or month < row["valid_to"]):
                    yield row, month, self._facts(row, month)

    def _facts(self, row: Row, month: date) -> Facts:
        organization, subject = row["organization_id"], row["subject"]
        unit = row["energy_unit_id"] or self.roots.get(organization, "")
        points = instruments(row["instruments"])
        used = self.used.get((unit, subject, month), {})
        read = [self.read[point, month] for point in points if (point, month) in self.read]
        kind = "lab" if row["source"] == "lab" else str(row["kind"])
        place = (organization, row["property"] if kind == "lab" else row["energy_unit_id"], subject)
        return Facts(
            used=frozenset(used.get("points", ())),
            quantity=used.get("quantity"),
            read=Read(
                expected=sum(one.expected for one in read),
                received=sum(one.received for one in read),
                days=min((one.days for one in read), default=0) if len(read) == len(points) else 0,
                estimated=sum(one.estimated for one in read),
                missing=sum(one.missing for one in read),
            ),
            calibrations=tuple(self.calibrated[one, month] for one in points if (one, month) in self.calibrated),
            told=self.told.get((kind, place, month), Told()),
            lines=self.lines.get((organization, subject, month), Lines()),
        )


def gathered(connection: "DuckDBPyConnection", zone: str, entered: Mapping[str, Row]) -> Gathered:
    """Read a build; `entered` has, by `<entry_id>/<version>`, who entered a sheet and when it was submitted."""
    plan = engine.rows(connection, "select * from ref.data_plan order by organization_id, parameter_id, valid_from")
    months = [row["month"] for row in engine.rows(connection, _MONTHS, zone=zone)]
    lines = engine.rows(connection, _LINES)
    due = calibrations.due(f"select (month + interval 1 month - interval 1 day)::date as day from ({_MONTHS_OF})")
    return Gathered(
        plan=plan,
        months=months,
        roots={row["organization_id"]: row["root_energy_unit_id"] for row in engine.rows(connection, _ROOTS)},
        used={(row["energy_unit_id"], row["carrier"], row["month"]): row for row in engine.rows(connection, _USED)},
        read={
            (row["point_id"], row["month"]): Read(*[int(row[name] or 0) for name in _READ_COLUMNS])
            for row in engine.rows(connection, _READ)
        },
        calibrated={
            (row["point_id"], row["day"].replace(day=1)): Calibration(
                *[row[name] for name in ("point_id", "meter_id", "accuracy_class", "calibrated_on", "due_on")]
            )
            for row in engine.rows(connection, _CALIBRATED.format(due=due), timezone=zone)
        },
        told=_samples(connection) | _entries(connection, entered),
        lines={
            (row["organization_id"], row["carrier"], row["month"]): Lines(
                *[row[name] for name in ("count", "measured", "penal", "without_factor", "sets")]
            )
            for row in lines
        },
        categories={(row["organization_id"], row["carrier"], row["month"]): row["categories"] for row in lines},
    )


def _samples(connection: "DuckDBPyConnection") -> dict[_Where, Told]:
    """Return the samples by entity, property, material and month; a sample of nobody in particular is everybody's."""
    found: dict[_Where, Told] = {}
    for row in engine.rows(connection, _SAMPLES):
        place = (row["organization_id"], row["property"], row["material"])
        told = Told(row["rows"], row["rows_of_year"], row["vouchers"], row["latest_days"])
        found["lab", place, row["month"]] = told
    return found


def _entries(connection: "DuckDBPyConnection", entered: Mapping[str, Row]) -> dict[_Where, Told]:
    """Return what was entered by entity, unit, item and month: of production.csv, and of activity.csv and stock.csv."""
    rows: dict[_Where, list[Row]] = defaultdict(list)
    for kind, table, subject in _ENTERED:
        relation = connection.sql(f"select * from ref.{table}")
        voucher = "voucher is not null" if "voucher" in relation.columns else "false"
        entry = "entry" if "entry" in relation.columns else "null::varchar"
        told = f"""
            select organization_id, energy_unit_id, {subject} as subject, month, {voucher} as has_voucher,
                {entry} as entry
            from ref.{table} where month is not null
        """
        for row in engine.rows(connection, told):
            places = {(row["organization_id"], unit, row["subject"]) for unit in (row["energy_unit_id"], None)}
            for place in places:
                rows[kind, place, row["month"]].append(row)
    of_year: dict[tuple[str, _Place, int], int] = defaultdict(int)
    for (kind, place, month), found in rows.items():
        of_year[kind, place, month.year] += len(found)
    return {
        (kind, place, month): _told(found, entered, of_year[kind, place, month.year], month)
        for (kind, place, month), found in rows.items()
    }


def _told(rows: list[Row], entered: Mapping[str, Row], of_year: int, month: date) -> Told:
    sheets = [entered[row["entry"]] for row in rows if row["entry"] in entered]
    end = next_month(month)
    with_document = sum(
        1 for row in rows if row["has_voucher"] or entered.get(row["entry"] or "", {}).get("has_documents")
    )
    return Told(
        rows=len(rows),
        rows_of_year=of_year,
        vouchers=with_document,
        latest_days=max(((one["submitted_on"] - end).days + 1 for one in sheets), default=None),
        entered_by=frozenset(str(one["entered_by"]) for one in sheets),
    )


#: What people enter: kind of parameter, table, and the column that names it.
_ENTERED = (("production", "production", "product_id"), ("activity", "activity", "item"), ("activity", "stock", "item"))
_READ_COLUMNS = ("expected", "received", "days", "estimated", "missing")
_MONTHS_OF = "select distinct month from quality.completeness_daily"
#: A month has ended when a reading of the one after it has come.
_MONTHS = f"""
    select month from ({_MONTHS_OF})
    where month + interval 1 month
        <= (select timezone($zone, max(reading_at))::date from energy.readings_latest)
    order by month
"""
_ROOTS = """
    select organization_id, root_energy_unit_id from reference.organizations where root_energy_unit_id is not null
"""
_PLANNED = "select distinct trim(unnest(string_split(instruments, ';'))) as point_id from ref.data_plan"
_USED = """
    select energy_unit_id, carrier, month, list(distinct point_id order by point_id) as points,
        sum(abs(quantity)) as quantity
    from energy.consumption_points_monthly
    where carrier in (select subject from ref.data_plan)
    group by energy_unit_id, carrier, month
"""
_READ = f"""
    select point_id, month, sum(expected) as expected, sum(received) as received,
        count(*) filter (where received > 0) as days, sum(estimated_count) as estimated,
        sum(missing_count) as missing
    from quality.completeness_daily where point_id in ({_PLANNED}) group by point_id, month
"""
_CALIBRATED = f"""
    select points.point_id, due.meter_id, due.day, meters.accuracy_class, due.calibrated_on,
        due.calibration_due_on as due_on
    from ({{due}}) as due
    inner join ref.points as points on due.meter_id = points.meter_id
    inner join ref.meters as meters on due.meter_id = meters.meter_id
    where points.point_id in ({_PLANNED})
"""
_SAMPLES = """
    with samples as (
        select organizations.organization_id, samples.property, samples.material,
            coalesce(samples.month, date_trunc('month', samples.sampled_on)::date) as month,
            samples.voucher is not null as has_voucher, samples.reported_on - samples.sampled_on as days
        from ref.lab_results as samples
        inner join ref.organizations as organizations
            on coalesce(samples.organization_id, organizations.organization_id) = organizations.organization_id
        where samples.approved_on is not null
    ),

    monthly as (
        select organization_id, property, material, month, count(*) as rows,
            count(*) filter (where has_voucher) as vouchers, max(days) as latest_days
        from samples group by all
    )

    select *, sum(rows) over (
        partition by organization_id, property, material, date_part('year', month)
    )::integer as rows_of_year
    from monthly order by all
"""
#: The lines of who has them by itself: a park's are those of its members.
_LINES = """
    select lines.organization_id, lines.carrier, lines.month, count(*)::integer as count,
        count(*) filter (
            where lines.factor_rule in ('measured', 'measured_carbon', 'measured_heat_value')
        )::integer as measured,
        count(*) filter (where lines.factor_rule = 'penal_default')::integer as penal,
        count(*) filter (
            where lines.null_reason is not null and not coalesce(lines.is_biogenic, false)
        )::integer as without_factor,
        string_agg(distinct lines.factor_set, ', ' order by lines.factor_set) as sets,
        string_agg(distinct lines.source_category, ', ' order by lines.source_category) as categories
    from carbon.emissions_monthly as lines
    where lines.gas = 'CO2' and lines.carrier is not null and lines.organization_id not in (
        select parent_id from ref.organizations where parent_id is not null
    )
    group by lines.organization_id, lines.carrier, lines.month
"""
