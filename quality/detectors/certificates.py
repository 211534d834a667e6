"""Finds green certificates that were used more than once, and those that no bought electricity is left for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("certificate_used_twice", "certificate_surplus")


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each certificate with several uses and each month with more certificates than electricity."""
    yield from _used_twice(connection)
    yield from _surplus(connection)


def _used_twice(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    rows = connection.execute(
        """
        with uses as (
            select *, count(*) over (partition by certificate_id) as uses
            from ref.certificates where retired_on is not null
        )

        select certificate_id, organization_id, any_value(uses),
            string_agg(strftime(month, '%Y-%m'), ', ' order by retired_on, month)
        from uses where uses > 1
        group by certificate_id, organization_id order by certificate_id, organization_id
        """
    ).fetchall()
    for certificate, owner, uses, months in rows:  # each is told of its own uses, and that there are others
        yield Finding(
            kind="certificate_used_twice",
            kind_name_zh="绿证重复使用",
            kind_name_en="certificate used twice",
            severity="high",
            source="certificates",
            subject=f"{certificate}/{owner}",
            organization_id=owner,
            message_zh=f"绿证 {certificate} 在全站点被使用 {uses} 次（本单位：{months}），只计最早注销的一次；"
            "请核对注销记录。",
            message_en=f"Certificate {certificate} is used {uses} times on the site (here: {months}); the first use "
            "alone counts: look at its retirement.",
            evidence={"uses": uses, "months": months},
        )


def _surplus(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    rows = connection.execute(
        """
        with uses as (
            select *, row_number() over (partition by certificate_id order by retired_on, month, organization_id) as use
            from ref.certificates where retired_on is not null and contract is null
        ),
        held as (
            select uses.organization_id, uses.month, sum(uses.quantity * conversion.factor) as kwh
            from uses inner join ref.unit_conversions as conversion
                on uses.unit = conversion.from_unit and conversion.to_unit = 'kWh'
            where use = 1 group by all
        ),
        matched as (
            select organization_id, month, sum(activity) as kwh from carbon.emissions_monthly
            where method_term = 'certificate' group by all
        )
        select held.organization_id, strftime(held.month, '%Y-%m'), held.kwh - coalesce(matched.kwh, 0)
        from held left join matched using (organization_id, month)
        where held.kwh > coalesce(matched.kwh, 0) order by 1, 2
        """
    ).fetchall()
    for organization, month, left in rows:
        yield Finding(
            kind="certificate_surplus",
            kind_name_zh="绿证多于购入电量",
            kind_name_en="more certificates than electricity",
            severity="low",
            source="certificates",
            subject=f"{organization}/{month}",
            organization_id=organization,
            message_zh=f"{organization} {month} 有 {left:,.0f} kWh 绿证没有可抵扣的购入电量，未计入。",
            message_en=f"{left:,.0f} kWh of certificates of {organization} for {month} find no bought electricity and "
            "count nowhere.",
            evidence={"surplus_kwh": left},
        )
