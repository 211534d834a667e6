"""Finds consumption that cannot be put into standard coal because its carrier has no adopted coefficient."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each organisation and carrier without a coefficient; materials need none."""
    rows = connection.execute(
        """
        select
            marts.organization_id, marts.organization_name_zh, marts.organization_name_en, marts.carrier,
            marts.carrier_name_zh, marts.carrier_name_en, marts.quantity_unit, sum(marts.quantity), count(*),
            any_value(carriers.null_reason_zh), any_value(carriers.null_reason_en)
        from energy.consumption_monthly as marts
        inner join ref.carriers as carriers on marts.carrier = carriers.carrier
        where marts.energy_tce_calorific is null and marts.quantity is not null and marts.is_counted
            and marts.level = marts.organization_level and carriers.guide_group <> 'material'
            and marts.organization_id not in (select parent_id from ref.organizations where parent_id is not null)
        group by all having sum(marts.quantity) <> 0
        order by marts.organization_id, marts.carrier, marts.quantity_unit
        """
    ).fetchall()
    for organization, zh, en, carrier, carrier_zh, carrier_en, unit, quantity, months, why_zh, why_en in rows:
        amount = f"{quantity:,.1f} {unit}"
        yield Finding(
            kind="coefficient_missing",
            kind_name_zh="缺少折标系数",
            kind_name_en="no coal-equivalent coefficient",
            severity="medium",
            source="factors",
            subject=f"{organization}/{carrier}",
            organization_id=organization,
            message_zh=f"{zh}的{carrier_zh}用量 {amount} 未计入综合能耗：{why_zh or '没有采用的折标系数'}；"
            "可在 factors.csv 中采用自有系数。",
            message_en=f"{amount} of {carrier_en} at {en} is not in the standard coal: "
            f"{why_en or 'no coefficient is adopted'}; factors.csv can adopt one.",
            evidence={"carrier": carrier, "quantity": quantity, "unit": unit, "months": months},
        )
