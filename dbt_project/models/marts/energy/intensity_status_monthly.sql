{{ config(order_by=["month", "organization_id", "indicator", "convention", "energy_unit_id", "product_id"]) }}
-- Comprehensive energy and its intensities by month and since the year began, beside last year and the year's target.
-- An intensity of several months is their energy over their output, never a mean. A park sees the products of its
-- members. Whole months are compared with last year, where it has the same ones. Of an amount the target ratio says how much of
-- the
-- target is used up.
-- Clause: gbt_2589.comprehensive_energy, gbt_2589.per_product, gbt_2589.per_output_value, gbt_2589.per_value_added
with
    whole as (  -- months in which each day has data: others are not compared

        select month
        from {{ ref("completeness_daily") }}
        group by month
        having count(distinct local_date) = extract(day from last_day(month))

    ),

    pairs as (

        select
            above.ancestor_id as organization_id,
            pairs.energy_unit_id,
            pairs.basis as indicator,
            pairs.product_id,
            pairs.month,
            pairs.quantity_unit,
            pairs.intensity_unit as actual_unit,
            sum(pairs.quantity) as quantity,
            sum(pairs.energy_calorific) as calorific,
            sum(pairs.energy_equivalent) as equivalent,
            min(pairs.calorific_confidence) as calorific_confidence,  -- recalled sorts before verified
            min(pairs.equivalent_confidence) as equivalent_confidence
        from {{ ref("int_energy__intensity_pair") }} as pairs
        inner join
            {{ ref("stg_site__organization_closure") }} as above
            on pairs.organization_id = above.descendant_id
            and (above.distance = 0 or pairs.basis = 'product')
        group by
            above.ancestor_id,
            pairs.energy_unit_id,
            pairs.basis,
            pairs.product_id,
            pairs.month,
            pairs.quantity_unit,
            pairs.intensity_unit

        union all

        select
            months.organization_id,
            roots.energy_unit_id,
            'comprehensive_energy' as indicator,
            cast(null as string) as product_id,
            months.month,
            'tce' as quantity_unit,
            'tce' as actual_unit,
            cast(null as decimal(18, 6)) as quantity,
            months.comprehensive_energy_tce_calorific as calorific,
            months.comprehensive_energy_tce_equivalent as equivalent,
            months.calorific_confidence,
            months.equivalent_confidence
        from {{ ref("comprehensive_monthly") }} as months
        inner join {{ ref("stg_site__energy_unit") }} as roots on months.organization_id = roots.organization_id and roots.is_root

    ),

    conventions as (

        {% for convention in ["calorific", "equivalent"] -%}
            select
                organization_id,
                energy_unit_id,
                indicator,
                coalesce(product_id, '') as product_key,
                month,
                extract(year from month) as calendar_year,
                quantity_unit,
                actual_unit,
                '{{ convention }}' as convention,
                cast(quantity as decimal(18, 6)) as quantity,
                cast({{ convention }} as decimal(18, 6)) as energy,
                {{ convention }}_confidence as factor_confidence
            from pairs {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    running as (

        select
            conventions.*,
            sum(quantity) over (
                partition by organization_id, energy_unit_id, indicator, product_key, quantity_unit, convention, calendar_year
                order by month
                rows between unbounded preceding and current row
            ) as quantity_so_far,
            sum(energy) over (
                partition by organization_id, energy_unit_id, indicator, product_key, quantity_unit, convention, calendar_year
                order by month
                rows between unbounded preceding and current row
            ) as energy_so_far,
            count(*) over (
                partition by organization_id, energy_unit_id, indicator, product_key, quantity_unit, convention, calendar_year
                order by month
                rows between unbounded preceding and current row
            ) as months_count
        from conventions

    ),

    told as (

        select
            running.*,
            case
                when indicator = 'comprehensive_energy' then energy else {{ divide_decimal("energy", "quantity") }}
            end as actual,
            case
                when indicator = 'comprehensive_energy'
                then cast(energy_so_far as decimal(18, 6))
                else {{ divide_decimal("energy_so_far", "quantity_so_far") }}
            end as year_to_date
        from running

    ),

    targets as (

        select
            targets.organization_id,
            coalesce(targets.energy_unit_id, roots.energy_unit_id) as energy_unit_id,
            case when targets.indicator = 'intensity' then targets.basis else targets.indicator end as indicator,
            coalesce(targets.product_id, '') as product_key,
            targets.convention,
            targets.year,
            targets.unit,
            min(targets.value) as target
        from {{ source("accounting", "targets") }} as targets
        inner join
            {{ ref("stg_site__energy_unit") }} as roots on targets.organization_id = roots.organization_id and roots.is_root
        where targets.indicator in ('intensity', 'comprehensive_energy')
        group by
            targets.organization_id,
            coalesce(targets.energy_unit_id, roots.energy_unit_id),
            case when targets.indicator = 'intensity' then targets.basis else targets.indicator end,
            coalesce(targets.product_id, ''),
            targets.convention,
            targets.year,
            targets.unit

    )

select
    cast(now.month as date) as month,
    cast(now.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(now.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(now.indicator as string) as indicator,
    cast({{ energy_indicator_word("now.indicator", "zh") }} as string) as indicator_name_zh,
    cast({{ energy_indicator_word("now.indicator", "en") }} as string) as indicator_name_en,
    cast(case when now.product_key <> '' then now.product_key end as string) as product_id,
    cast(case when now.product_key <> '' then coalesce(products.name_zh, now.product_key) end as string) as product_name_zh,
    cast(case when now.product_key <> '' then coalesce(products.name_en, now.product_key) end as string) as product_name_en,
    cast(now.convention as string) as convention,
    cast(case now.convention when 'calorific' then '当量' else '等价' end as string) as convention_name_zh,
    cast(now.convention as string) as convention_name_en,
    cast(now.actual as decimal(18, 6)) as actual,
    cast(before.actual as decimal(18, 6)) as previous_year_actual,
    cast(now.year_to_date as decimal(18, 6)) as year_to_date_actual,
    cast(
        case when whole.month is not null and before.months_count = now.months_count then before.year_to_date end as decimal(
            18, 6
        )
    ) as previous_year_to_date_actual,
    cast(
        case
            when whole.month is not null and before.months_count = now.months_count
            then {{ divide_decimal("now.year_to_date - before.year_to_date", "abs(before.year_to_date)") }}
        end as decimal(18, 6)
    ) as change_ratio,
    cast(targets.target as decimal(18, 6)) as target_actual,
    cast({{ divide_decimal("now.year_to_date", "targets.target") }} as decimal(18, 6)) as target_ratio,
    cast(now.actual_unit as string) as actual_unit,
    cast(
        case
            when now.convention = 'calorific'
            then case when now.indicator = 'product' then cast(now.energy * 0.001 as decimal(18, 6)) else now.energy end
        end as decimal(18, 6)
    ) as energy_tce_calorific,
    cast(
        case
            when now.convention = 'equivalent'
            then case when now.indicator = 'product' then cast(now.energy * 0.001 as decimal(18, 6)) else now.energy end
        end as decimal(18, 6)
    ) as energy_tce_equivalent,
    cast(now.months_count as integer) as months_count,
    cast(whole.month is not null as boolean) as is_complete,
    cast(now.factor_confidence as string) as factor_confidence
from told as now
inner join {{ ref("stg_site__organization") }} as organizations on now.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as units on now.energy_unit_id = units.energy_unit_id
left join whole on now.month = whole.month
left join {{ source("factors", "carriers") }} as products on now.product_key = products.carrier
left join
    told as before
    on now.organization_id = before.organization_id
    and now.energy_unit_id = before.energy_unit_id
    and now.indicator = before.indicator
    and now.product_key = before.product_key
    and now.quantity_unit = before.quantity_unit
    and now.convention = before.convention
    and {{ year_before("now.month") }} = before.month
left join
    targets
    on units.organization_id = targets.organization_id
    and now.energy_unit_id = targets.energy_unit_id
    and now.indicator = targets.indicator
    and now.product_key = targets.product_key
    and now.convention = targets.convention
    and now.calendar_year = targets.year
    and now.actual_unit = targets.unit
