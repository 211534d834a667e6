{{ config(partition_by="month", order_by=["month", "local_date", "stake_rank", "point_id"]) }}
-- The points of each local day that lack readings, the twenty on which most energy hangs.
select
    cast(days.local_date as date) as local_date,
    cast(days.stake_rank as integer) as stake_rank,
    cast(days.point_id as string) as point_id,
    cast(days.organization_id as string) as organization_id,
    cast(days.organization_name_zh as string) as organization_name_zh,
    cast(days.organization_name_en as string) as organization_name_en,
    cast(days.expected as integer) as expected,
    cast(days.received as integer) as received,
    cast(days.estimated_count as integer) as estimated_count,
    cast(days.missing_count as integer) as missing_count,
    cast(days.completeness_ratio as decimal(9, 6)) as completeness_ratio,
    cast(days.energy_at_stake_gj as decimal(18, 6)) as energy_at_stake_gj,
    cast(days.month as date) as month
from {{ ref("completeness_daily") }} as days
where {{ only_rebuilt_months("days.month") }} and days.stake_rank <= 20 and days.received < days.expected
