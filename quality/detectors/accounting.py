"""Finds what was reported and could not be accounted for: the rest is, and the total says that it is incomplete."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("activity_unaccounted",)
#: What a person can put right in the site's files; the other reasons are those of the guideline or the library.
_REASONS = ("unknown_item", "unit_of_other_dimension", "negative_activity", "sold_not_made")


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each organisation, item and reason of a faulty activity, whatever the months."""
    rows = connection.execute(
        """
        select organization_id, any_value(organization_name_zh), any_value(organization_name_en), carrier,
            coalesce(any_value(carrier_name_zh), carrier), coalesce(any_value(carrier_name_en), carrier),
            null_reason, any_value(null_reason_name_zh), any_value(null_reason_name_en), activity_unit,
            count(distinct month), sum(activity) / count(distinct basis), min(month), max(month)
        from carbon.emissions_monthly
        where null_reason in (select unnest($reasons))
            and organization_id not in (select parent_id from ref.organizations where parent_id is not null)
        group by organization_id, carrier, null_reason, activity_unit
        order by organization_id, carrier, null_reason, activity_unit
        """,
        {"reasons": list(_REASONS)},
    ).fetchall()
    for organization, zh, en, item, item_zh, item_en, reason, why_zh, why_en, unit, months, amount, first, last in rows:
        yield Finding(
            kind="activity_unaccounted",
            kind_name_zh="活动数据未能核算",
            kind_name_en="activity that is not accounted for",
            severity="high",
            source="activity",
            subject=f"{organization}/{item}/{reason}/{unit}",
            organization_id=organization,
            message_zh=f"{zh}的{item_zh}（{amount:,.3f} {unit}，{months} 个月）未计入排放：{why_zh}。",
            message_en=f"{item_en} of {en} ({amount:,.3f} {unit}, {months} months) is not in the emissions: {why_en}.",
            evidence={"activity": amount, "unit": unit, "first_month": str(first), "last_month": str(last)},
        )
