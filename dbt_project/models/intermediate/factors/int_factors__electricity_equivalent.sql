-- The equivalent value of a kilowatt-hour by period: the national coal consumption of power of the year; after the
-- last published year, and in a year without a figure, the latest one before it, and the row says so.
-- Supply-side figures stand in for the generation-side ones that the standard names, so they count as recalled.
-- Clause: gbt_2589.electricity_equivalent
{% set side = "electricity_generation_coal" if var("equivalent_basis") == "generation_side" else "electricity_supply_coal" %}
with
    figures as (

        select
            factor_id,
            data_year,
            {{ product("kgce_per_unit_max", 10, "0.001", 3, 12) }} as tce_per_kwh,
            case when energy_key = 'electricity_generation_coal' then confidence else 'recalled' end as confidence,
            valid_from,
            valid_to,
            lead(valid_from, 1, date '9999-12-31') over (order by valid_from) as next_from
        from {{ source("factors", "factor_coal_equivalent") }}
        where
            category = 'electricity_coal_equivalent'
            and energy_key = {{ factor_set("electricity_equivalent", side) }}
            and data_year is not null

    )

select factor_id, data_year, tce_per_kwh, 'figure_of_the_year' as rule, confidence, valid_from, valid_to
from figures

union all

select factor_id, data_year, tce_per_kwh, 'latest_published' as rule, confidence, valid_to as valid_from, next_from as valid_to
from figures
where next_from > valid_to
