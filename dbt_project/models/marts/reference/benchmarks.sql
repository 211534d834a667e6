{{ config(order_by=["list_name", "standard", "benchmark_id"]) }}
-- The limits of the national standards (levels 1 to 3, 1 is best) and the benchmark and baseline levels 标杆 基准. A
-- blank is no level, never the best one.
select
    cast(level_id as string) as benchmark_id,
    cast(list_name as string) as list_name,
    cast(standard as string) as standard,
    cast(name_zh as string) as benchmark_name_zh,
    cast(product_process as string) as product_process,
    cast(benchmark_level as decimal(18, 6)) as benchmark_level,
    cast(baseline_level as decimal(18, 6)) as baseline_level,
    cast(level_1 as decimal(18, 6)) as limit_1,
    cast(level_2 as decimal(18, 6)) as limit_2,
    cast(level_3 as decimal(18, 6)) as limit_3,
    cast(unit as string) as level_unit,
    cast(improvement_deadline as string) as improvement_deadline,
    cast(source_id as string) as source_id,
    cast(locator as string) as locator,
    cast(confidence as string) as factor_confidence,
    cast(evidence as string) as evidence,
    cast(note as string) as note
from {{ source("factors", "benchmark_levels") }}
