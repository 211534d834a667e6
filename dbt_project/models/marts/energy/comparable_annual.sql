{{ config(order_by=["year", "organization_id", "energy_unit_id", "product_id"]) }}
-- Comparable energy per product: each month's electricity of the unit x the coefficient of the process it ran, over the
-- product (or raw material) of the year. Coefficients and limits are those of the product's standard. Exact decimals are
-- compared, not the rounded quotient: what equals a limit keeps it, what is a millionth above does not. Where one month
-- lacks its process, its energy or its quantity there is no number and no grade.
-- Clause: gbt_2589.comparable_product_energy
with
    made as (

        select
            production.organization_id,
            coalesce(production.energy_unit_id, roots.energy_unit_id) as energy_unit_id,
            production.product_id,
            production.month,
            production.condition,
            products.comparable_id,
            products.quantity_unit,
            case
                when conversion.factor is null then null else {{ product("production.quantity", 6, "conversion.factor", 9, 6) }}
            end as quantity
        from {{ source("accounting", "production") }} as production
        inner join {{ source("factors", "comparable_products") }} as products on production.product_id = products.product_id
        inner join
            {{ ref("stg_site__energy_unit") }} as roots on production.organization_id = roots.organization_id and roots.is_root
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on production.unit = conversion.from_unit
            and products.quantity_unit = conversion.to_unit

    ),

    electricity as (

        select
            consumption.energy_unit_id,
            consumption.month,
            sum(case when consumption.is_counted then consumption.quantity else - consumption.quantity end) as energy_kwh
        from {{ ref("consumption_monthly") }} as consumption
        inner join
            {{ source("factors", "carriers") }} as carriers
            on consumption.carrier = carriers.carrier
            and carriers.family = 'electricity'
        where consumption.is_counted or consumption.role in ('sale', 'internal_sale')
        group by consumption.energy_unit_id, consumption.month

    ),

    months as (

        select
            made.*,
            cast(electricity.energy_kwh as decimal(18, 6)) as energy_kwh,
            corrections.confidence,
            cast(electricity.energy_kwh as decimal(18, 6))
            * cast(corrections.coefficient as decimal(9, 6)) as comparable_energy_kwh,
            case
                when made.quantity is null
                then 'unit_of_other_dimension'
                when made.quantity <= 0
                then 'no_output'
                when electricity.energy_kwh is null or electricity.energy_kwh <= 0
                then 'no_energy'
                when made.condition is null
                then 'no_condition'
                when corrections.coefficient is null
                then 'unknown_condition'
            end as fault
        from made
        left join electricity on made.energy_unit_id = electricity.energy_unit_id and made.month = electricity.month
        left join
            {{ source("factors", "comparable_corrections") }} as corrections
            on made.comparable_id = corrections.comparable_id
            and made.condition = corrections.condition

    ),

    years as (

        select
            cast(extract(year from month) as integer) as year,
            organization_id,
            energy_unit_id,
            product_id,
            comparable_id,
            quantity_unit,
            count(distinct month) as months_count,
            cast(sum(quantity) as decimal(18, 6)) as quantity,
            cast(sum(energy_kwh) as decimal(18, 6)) as energy_kwh,
            case when max(fault) is null then sum(comparable_energy_kwh) end as comparable_energy_kwh,
            min(confidence) as confidence,
            max(fault) as fault
        from months
        group by
            cast(extract(year from month) as integer), organization_id, energy_unit_id, product_id, comparable_id, quantity_unit

    ),

    graded as (

        select
            years.*,
            products.name_zh,
            products.name_en,
            products.standard,
            levels.unit as level_unit,
            levels.level_1,
            levels.level_2,
            levels.level_3,
            least(years.confidence, levels.confidence) as factor_confidence,
            case
                {%- for place in ["1", "2", "3"] %}
                    when
                        years.comparable_energy_kwh
                        <= cast(levels.level_{{ place }} as decimal(17, 6)) * cast(years.quantity as decimal(20, 6))
                    then 'level_{{ place }}'
                {%- endfor %}
                when years.comparable_energy_kwh is not null and levels.level_3 is not null
                then 'beyond_3'
            end as grade
        from years
        inner join {{ source("factors", "comparable_products") }} as products on years.comparable_id = products.comparable_id
        left join {{ source("factors", "benchmark_levels") }} as levels on products.level_id = levels.level_id

    )

select
    cast(graded.year as integer) as year,
    cast(graded.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(graded.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(graded.product_id as string) as product_id,
    cast(graded.name_zh as string) as product_name_zh,
    cast(graded.name_en as string) as product_name_en,
    cast(graded.standard as string) as standard,
    cast(graded.quantity as decimal(18, 6)) as quantity,
    cast(graded.quantity_unit as string) as quantity_unit,
    cast(graded.energy_kwh as decimal(18, 6)) as energy_kwh,
    cast(graded.comparable_energy_kwh as decimal(18, 6)) as comparable_energy_kwh,
    cast({{ divide_decimal("graded.comparable_energy_kwh", "graded.quantity") }} as decimal(18, 6)) as intensity,
    cast('kWh/' || graded.quantity_unit as string) as intensity_unit,
    cast(graded.level_1 as decimal(18, 6)) as limit_1,
    cast(graded.level_2 as decimal(18, 6)) as limit_2,
    cast(graded.level_3 as decimal(18, 6)) as limit_3,
    cast(graded.level_unit as string) as level_unit,
    cast(graded.grade as string) as grade,
    cast({{ emission_word("graded.grade", "zh") }} as string) as grade_name_zh,
    cast({{ emission_word("graded.grade", "en") }} as string) as grade_name_en,
    cast(graded.months_count as integer) as months_count,
    cast(graded.factor_confidence as string) as factor_confidence,
    cast(graded.fault as string) as null_reason,
    cast({{ emission_word("graded.fault", "zh") }} as string) as null_reason_name_zh,
    cast({{ emission_word("graded.fault", "en") }} as string) as null_reason_name_en
from graded
inner join {{ ref("stg_site__organization") }} as organizations on graded.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as units on graded.energy_unit_id = units.energy_unit_id
