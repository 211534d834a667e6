{{ config(order_by=['list_name', 'standard', 'benchmark_id']) }}
-- The limits of the national standards (levels 1 to 3, 1 is best) and the benchmark and baseline levels 标杆 基准. A
-- blank is no level, never the best one.
select
    cast(level_id as varchar) as benchmark_id,
    cast(list_name as varchar) as list_name,
    cast(standard as varchar) as standard,
    cast(name_zh as varchar) as benchmark_name_zh,
    cast(product_process as varchar) as product_process,
    cast(benchmark_level as decimal(18, 6)) as benchmark_level,
    cast(baseline_level as decimal(18, 6)) as baseline_level,
    cast(level_1 as decimal(18, 6)) as limit_1,
    cast(level_2 as decimal(18, 6)) as limit_2,
    cast(level_3 as decimal(18, 6)) as limit_3,
    cast(unit as varchar) as level_unit,
    cast(improvement_deadline as varchar) as improvement_deadline,
    cast(source_id as varchar) as source_id,
    cast(locator as varchar) as locator,
    cast(confidence as varchar) as factor_confidence,
    cast(evidence as varchar) as evidence,
    cast(note as varchar) as note
from {{ source('factors', 'benchmark_levels') }}
