"""Green power and consumption hour by hour, and what is claimed for the year beside it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import Work
from lake import engine, publication, stepcode
from lake.engine import connected
from methods.matching import hours
from methods.matching.tables import ANNUAL, HOURLY, NAMES
from methods.origins import rows as origins
from methods.origins.mix import ZERO, Member

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ON_HOURS, ON_YEARS = "carbon.certificate_matching_hourly", "carbon.certificate_matching_annual"
MARTS = (ON_HOURS, ON_YEARS)
KEYS = keys(MARTS)
_PARENTS = (
    "carbon.emissions_monthly",
    "energy.consumption_hourly",
    "energy.consumption_points_monthly",
    "energy.electricity_origins_monthly",
    "energy.intervals",
    "reference.organizations",
)
_STEP = Decimal("0.000001")
#: What is reckoned of an hour; the rest of its row is looked up.
_RECKONED = [field for field in HOURLY if field.name not in (*NAMES[1:], "estimated_ratio", "missing_ratio")]
Sellers = Mapping[tuple[date, str], Mapping[str | None, Decimal]]


def matching_asset() -> dg.AssetsDefinition:
    """Return the step that matches green power with the hours of consumption, before the publication."""
    return step("matching", MARTS, match_all, parents=_PARENTS, owner="team:carbon")


def match_all(work: Work) -> dict[str, int]:
    """Make both marts: the months whose hours changed anew, the others stay; return the rows of each."""
    assert work.build is not None, "the marts were built"
    last = publication.last_manifest(work.lake)
    is_same_code = last is not None and last.models.get(stepcode.KEY) == stepcode.fingerprint()
    changed = work.rebuilt({"energy.consumption_hourly", "carbon.emissions_monthly"}) if is_same_code else "true"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made = of_site(connection, changed)
    return written(work, made)


def of_site(connection: "DuckDBPyConnection", changed: str = "true") -> dict[str, pa.Table]:
    """Return the marts; `changed` is a condition on `month`: those where it does not hold are taken as published."""
    kept = _published(connection, changed)
    reckoned = _of_months(connection, changed if kept is not None else "true")
    connection.register("matching_reckoned", reckoned)
    connection.execute(f"create or replace temp table matching_hours as {_WITH_DOUBTS}")
    if kept is not None:
        connection.execute(f"insert into matching_hours by name {kept}")
    connection.unregister("matching_reckoned")
    hourly = connection.sql(_WITH_NAMES).to_arrow_table().select(HOURLY.names).cast(HOURLY)
    annual = connection.sql(_YEARS).to_arrow_table().select(ANNUAL.names).cast(ANNUAL)
    connection.execute("drop table matching_hours")
    return {ON_HOURS: hourly, ON_YEARS: annual}


def _published(connection: "DuckDBPyConnection", changed: str) -> str | None:
    """Return the query of the hours that stay as they are published; None where there are none or others."""
    if changed == "true":
        return None
    found = engine.rows(connection, _COLUMNS)
    if sorted(row["column_name"] for row in found) != sorted(HOURLY.names):
        return None
    columns = ", ".join(name for name in HOURLY.names if name not in NAMES[1:])
    return f"select {columns} from published.carbon__certificate_matching_hourly where not ({changed})"


def _of_months(connection: "DuckDBPyConnection", changed: str) -> pa.Table:
    """Return the hours of the months, without names and doubts."""
    below: dict[str, list[str]] = {}
    for row in engine.rows(connection, "select ancestor, descendant from ref.organization_closure order by all"):
        below.setdefault(row["ancestor"], []).append(row["descendant"])
    sellers: dict[tuple[date, str], dict[str | None, Decimal]] = defaultdict(dict)
    for row in engine.rows(connection, _SELLERS):
        sellers[row["month"], row["organization_id"]][row["seller_id"]] = row["quantity"]
    columns: dict[str, list[object]] = {field.name: [] for field in _RECKONED}
    has_plants = _has_plants(connection)
    for (month,) in connection.execute(_MONTHS.format(changed=changed)).fetchall():
        certified: dict[datetime, dict[str, Decimal]] = defaultdict(dict)
        for row in engine.rows(connection, _CERTIFIED, month=month) if has_plants else []:
            certified[row["period_start_at"]][row["organization_id"]] = row["quantity"]
        for begins, day, hour, members in _hours(engine.rows(connection, _AMOUNTS, month=month), sellers):
            for name, one in hours.of_hour(members, certified.get(begins, {}), below).items():
                cells = {
                    "period_start_at": begins,
                    "local_date": day,
                    "local_hour": hour,
                    "organization_id": name,
                    "consumption_kwh": one.consumption,
                    "matched_kwh": one.matched,
                    **{f"matched_{way}_kwh": amount for way, amount in one.by_way.items()},
                    "unmatched_kwh": one.consumption - one.matched,
                    "surplus_kwh": one.surplus,
                    "month": month,
                }
                for column, value in cells.items():
                    columns[column].append(value)
    return pa.table(columns, schema=pa.schema(_RECKONED))


def _has_plants(connection: "DuckDBPyConnection") -> bool:
    """Whether any certificate names the point of its plant; a file of former times has no column for it."""
    known = engine.rows(connection, _PLANT_COLUMN)
    return bool(known) and bool(engine.rows(connection, "select 1 from ref.certificates where generation_point <> ''"))


def _hours(
    amounts: Iterable[Mapping[str, Any]], sellers: Sellers
) -> Iterable[tuple[datetime, date, int, dict[str, Member]]]:
    """Yield each hour with its members; the rows come in the order of the hours."""
    members: dict[str, Member] = {}
    at: tuple[datetime, date, int] | None = None
    for row in amounts:
        now = row["period_start_at"], row["local_date"], row["local_hour"]
        if at is not None and now != at:
            yield *at, members
            members = {}
        at = now
        _put(members.setdefault(row["organization_id"], Member()), row, sellers)
    if at is not None:
        yield *at, members


def _put(member: Member, row: Mapping[str, Any], sellers: Sellers) -> None:
    """Put one amount of an hour to a member; what is bought in the park by its sellers of the month."""
    role, amount = row["role"], row["quantity"]
    source = origins.source(row["carrier"], role)
    if role == "internal_purchase":
        parts = sorted(sellers.get((row["month"], row["organization_id"]), {None: Decimal(1)}).items(), key=str)
        whole, left = sum((share for _, share in parts), ZERO), amount
        for seller, share in parts[1:]:
            part = (amount * share / whole).quantize(_STEP)
            member.bought[seller] = member.bought.get(seller, ZERO) + part
            left -= part
        member.bought[parts[0][0]] = member.bought.get(parts[0][0], ZERO) + left
    elif role in ("sale", "internal_sale"):
        of = None if source.origin == "unspecified" else source.origin
        member.sold[of] = member.sold.get(of, ZERO) + amount
    else:
        member.made[source] = member.made.get(source, ZERO) + amount


_COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = 'published' and table_name = 'carbon__certificate_matching_hourly'
"""
_PLANT_COLUMN = """
    select 1 from information_schema.columns
    where table_schema = 'ref' and table_name = 'certificates' and column_name = 'generation_point'
"""
_MEMBERS = """
    members as (
        select organization_id from reference.organizations
        where organization_id not in (select parent_id from reference.organizations where parent_id is not null)
    )
"""
_MONTHS = """
    select distinct month from energy.consumption_hourly
    where carrier like 'electricity%' and quantity_unit = 'kWh' and level = organization_level and {changed} order by 1
"""
_AMOUNTS = f"""
    with {_MEMBERS}

    select period_start_at, local_date, local_hour, month, organization_id, carrier::varchar as carrier,
        role::varchar as role, sum(quantity) as quantity
    from energy.consumption_hourly inner join members using (organization_id)
    where month = $month and level = organization_level and carrier like 'electricity%' and quantity_unit = 'kWh'
        and quantity is not null and role in ('purchase', 'own_generation', 'recovered', 'conversion', 'sale',
            'internal_purchase', 'internal_sale')
    group by all order by period_start_at, organization_id, carrier, role
"""
_SELLERS = f"""
    with {_MEMBERS},

    sellers as (
        select energy_unit_id, carrier, point_id, min(counterparty) as seller_id
        from ref.allocations where role = 'internal_purchase' group by all
    )

    select points.month, points.organization_id, sellers.seller_id, sum(points.quantity) as quantity
    from energy.consumption_points_monthly as points inner join members using (organization_id)
    left join sellers using (energy_unit_id, carrier, point_id)
    where points.role = 'internal_purchase' and points.carrier like 'electricity%' and points.quantity_unit = 'kWh'
        and points.quantity > 0
    group by all order by all
"""
# Certificates of a plant whose generation a point of the site measures, each by whoever retired it first: it takes its
# part of the plant's hours, all of them together at most what the plant made.
_CERTIFIED = """
    with made as (
        select point_id, time_bucket(interval 1 hour, period_start_at) as period_start_at, sum(quantity) as quantity
        from energy.intervals
        where month = $month and quantity > 0 and quantity_unit = 'kWh'
            and point_id in (select generation_point from ref.certificates)
        group by all
    ),

    months as (select point_id, sum(quantity) as quantity from made group by all),

    uses as (
        select *, row_number() over (partition by certificate_id order by retired_on, month, organization_id) as use
        from ref.certificates where retired_on is not null and contract is null
    ),

    retired as (
        select uses.organization_id, uses.generation_point as point_id,
            sum(uses.quantity * conversions.factor) as quantity
        from uses
        inner join ref.unit_conversions as conversions
            on uses.unit = conversions.from_unit and conversions.to_unit = 'kWh'
        where uses.use = 1 and uses.month = $month and uses.generation_point is not null
        group by all
    ),

    every as (select point_id, sum(quantity) as quantity from retired group by all)

    select made.period_start_at, retired.organization_id,
        sum(made.quantity::double * retired.quantity::double
            / greatest(months.quantity::double, every.quantity::double))::decimal(18, 6) as quantity
    from retired
    inner join made using (point_id)
    inner join months using (point_id)
    inner join every using (point_id)
    group by all order by all
"""
_WITH_DOUBTS = """
    with doubts as (
        select period_start_at, organization_id,
            (sum(abs(quantity) * estimated_ratio::double) / nullif(sum(abs(quantity)), 0))::decimal(9, 6)
                as estimated_ratio,
            max(missing_ratio)::decimal(9, 6) as missing_ratio
        from energy.consumption_hourly
        where level = organization_level and carrier like 'electricity%' and quantity_unit = 'kWh'
            and month in (select month from matching_reckoned)
        group by all
    )

    select reckoned.*, doubts.estimated_ratio, doubts.missing_ratio
    from matching_reckoned as reckoned left join doubts using (period_start_at, organization_id)
"""
_WITH_NAMES = """
    select matched.*, organizations.organization_name_zh, organizations.organization_name_en,
        organizations.level as organization_level
    from matching_hours as matched inner join reference.organizations as organizations using (organization_id)
    order by matched.period_start_at, matched.organization_id
"""
# The year as the market account has it, beside the sum of its hours; a park has the certificates of its members.
_YEARS = """
    with matched as (
        select year(month) as year, organization_id, sum(consumption_kwh) as consumption_kwh,
            sum(matched_kwh) as hourly_claim_kwh, sum(matched_own_kwh) as matched_own_kwh,
            sum(matched_contract_kwh) as matched_contract_kwh, sum(matched_park_kwh) as matched_park_kwh,
            sum(matched_certificate_kwh) as matched_certificate_kwh, sum(surplus_kwh) as surplus_kwh,
            count(distinct month) as months_count, count(distinct local_date) as days
        from matching_hours group by all
    ),

    claimed as (
        select year(month) as year, organization_id,
            coalesce(sum(case when is_renewable then quantity_kwh end), 0) as annual_claim_kwh,
            coalesce(sum(case when way = 'certificate' then quantity_kwh end), 0) as certificates_claimed_kwh
        from energy.electricity_origins_monthly group by all
    ),

    retired as (
        select year(certificates.month) as year, closure.ancestor as organization_id,
            sum(certificates.quantity * conversions.factor) as certificates_retired_kwh
        from ref.certificates as certificates
        inner join ref.organization_closure as closure on certificates.organization_id = closure.descendant
        inner join ref.unit_conversions as conversions
            on certificates.unit = conversions.from_unit and conversions.to_unit = 'kWh'
        where certificates.retired_on is not null and certificates.contract is null
        group by all
    ),

    every as (
        select matched.*, coalesce(claimed.annual_claim_kwh, 0) as annual_claim_kwh,
            coalesce(claimed.certificates_claimed_kwh, 0) as certificates_claimed_kwh,
            coalesce(retired.certificates_retired_kwh, 0) as certificates_retired_kwh
        from matched
        left join claimed using (year, organization_id)
        left join retired using (year, organization_id)
    )

    select every.* exclude (days), organizations.organization_name_zh, organizations.organization_name_en,
        organizations.level as organization_level,
        annual_claim_kwh - hourly_claim_kwh as hourly_gap_kwh,
        greatest(certificates_retired_kwh - certificates_claimed_kwh, 0) as certificates_unused_kwh,
        greatest(certificates_claimed_kwh - matched_certificate_kwh, 0) as certificates_without_hours_kwh,
        case when consumption_kwh > 0 then (annual_claim_kwh::double / consumption_kwh::double)::decimal(9, 6) end
            as annual_claim_ratio,
        case when consumption_kwh > 0 then (hourly_claim_kwh::double / consumption_kwh::double)::decimal(9, 6) end
            as hourly_claim_ratio,
        days = date_diff('day', make_date(year, 1, 1), make_date(year + 1, 1, 1)) as is_complete,
        year = max(year) over () as is_latest
    from every inner join reference.organizations as organizations using (organization_id)
    order by year, organization_id
"""
