-- What stands behind the activity data of a year: the measured points with their instrument, and what was declared in
-- production.csv and activity.csv, each with its share of the amount. `use` says which lines of the account rest on it.
with
    metered as (

        select
            cast(extract(year from counted.month) as integer) as year,
            counted.organization_id,
            counted.carrier,
            uses.use,
            counted.role in ('internal_purchase', 'internal_sale') as is_internal,
            'meter' as input_kind,
            points.meter_id as input_id,
            meters.accuracy_class,
            cast(null as decimal(9, 6)) as declared_ratio,
            {{ less_if_sold("counted.quantity", "counted.role") }} as quantity,
            counted.quantity_unit
        from {{ ref("consumption_points_monthly") }} as counted
        inner join {{ ref("stg_site__point") }} as points on counted.point_id = points.point_id
        inner join {{ source("site", "meters") }} as meters on points.meter_id = meters.meter_id
        inner join
            (
                select 'fuel' as use
                union all
                select 'bought' as use
                union all
                select 'sold' as use
                union all
                select 'used' as use
                union all
                select 'feedstock' as use
            ) as uses
            on (
                uses.use = 'fuel'
                and counted.use_type = 'fuel'
                and counted.role in ('purchase', 'internal_purchase', 'own_generation', 'end_use', 'sale', 'internal_sale')
            )
            or (uses.use = 'bought' and counted.role in ('purchase', 'internal_purchase'))
            or (uses.use = 'sold' and counted.role in ('sale', 'internal_sale'))
            or (
                uses.use = 'used'
                and counted.use_type <> 'feedstock'
                and counted.role in ('purchase', 'internal_purchase', 'end_use')
            )
            or (uses.use = 'feedstock' and counted.use_type = 'feedstock')

    ),

    declared as (

        select
            cast(extract(year from month) as integer) as year,
            organization_id,
            product_id as item,
            'produced' as use,
            quantity,
            unit,
            uncertainty_ratio
        from {{ source("accounting", "production") }}

        union all

        select
            cast(extract(year from month) as integer) as year,
            organization_id,
            item,
            case
                when purpose in ('feedstock', 'discarded') then purpose when purpose = 'sold' then 'given' else 'used'
            end as use,
            quantity,
            unit,
            uncertainty_ratio
        from {{ source("accounting", "activity") }}

    ),

    inputs as (

        select
            year,
            organization_id,
            carrier as item,
            use,
            is_internal,
            input_kind,
            input_id,
            accuracy_class,
            declared_ratio,
            cast(sum(quantity) as decimal(18, 6)) as quantity,
            quantity_unit
        from metered
        group by
            year, organization_id, carrier, use, is_internal, input_kind, input_id, accuracy_class, declared_ratio, quantity_unit

        union all

        -- the months of one declaration are wrong together; a month without a stated uncertainty leaves all unknown
        select
            year,
            organization_id,
            item,
            use,
            false as is_internal,
            'declared' as input_kind,
            organization_id || '/' || item || '/' || use as input_id,
            cast(null as string) as accuracy_class,
            case
                when count(uncertainty_ratio) = count(*)
                then cast({{ divide_decimal("sum(quantity * uncertainty_ratio)", "sum(quantity)", 6) }} as decimal(9, 6))
            end as declared_ratio,
            cast(sum(quantity) as decimal(18, 6)) as quantity,
            unit as quantity_unit
        from declared
        group by year, organization_id, item, use, unit

    )

select
    inputs.*,
    sum(quantity) over (partition by year, organization_id, item, use, is_internal) as whole_quantity,
    count(*) over (partition by year, organization_id, item, use, is_internal)
    = count(*) over (partition by year, organization_id, item, use, is_internal, quantity_unit) as is_one_unit
from inputs
