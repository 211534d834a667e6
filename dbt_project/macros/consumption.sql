-- The columns that every consumption mart has beside its period: `totals` names the place, `sums` the amounts. With
-- parts: also what the ratios of a longer period are made from.
{% macro consumption_columns(with_parts=false) %}
    {{ words_of("totals.organization_id") }} as organization_id,
    {{ words_of("totals.organization_name_zh") }} as organization_name_zh,
    {{ words_of("totals.organization_name_en") }} as organization_name_en,
    cast(totals.organization_level as integer) as organization_level,
    {{ words_of("totals.energy_unit_id") }} as energy_unit_id,
    {{ words_of("totals.energy_unit_name_zh") }} as energy_unit_name_zh,
    {{ words_of("totals.energy_unit_name_en") }} as energy_unit_name_en,
    cast(totals.level as integer) as level,
    {{ words_of("totals.carrier") }} as carrier,
    {{ words_of("totals.carrier_name_zh") }} as carrier_name_zh,
    {{ words_of("totals.carrier_name_en") }} as carrier_name_en,
    {{ words_of("totals.carrier_group") }} as carrier_group,
    {{ words_of("totals.carrier_group_name_zh") }} as carrier_group_name_zh,
    {{ words_of("totals.carrier_group_name_en") }} as carrier_group_name_en,
    {{ words_of("totals.use_type") }} as use_type,
    {{ words_of("totals.role") }} as role,
    cast(totals.is_counted as boolean) as is_counted,
    cast(sums.quantity as decimal(18, 6)) as quantity,
    {{ words_of("totals.quantity_unit") }} as quantity_unit,
    cast(sums.energy_gj as decimal(18, 6)) as energy_gj,
    cast(sums.energy_tce_calorific as decimal(18, 6)) as energy_tce_calorific,
    cast(sums.energy_tce_equivalent as decimal(18, 6)) as energy_tce_equivalent,
    cast(sums.cost_cny as decimal(18, 6)) as cost_cny,
    cast(
        case
            when sums.gross_quantity = 0 then 0 else {{ divide_decimal("sums.estimated_quantity", "sums.gross_quantity") }}
        end as decimal(9, 6)
    ) as estimated_ratio,
    cast({{ divide_decimal("sums.missing_count", "sums.interval_count") }} as decimal(9, 6)) as missing_ratio
    {%- if with_parts %}
        ,
        cast(sums.gross_quantity as decimal(18, 6)) as gross_quantity,
        cast(sums.estimated_quantity as decimal(18, 6)) as estimated_quantity,
        cast(sums.interval_count as integer) as interval_count,
        cast(sums.missing_count as integer) as missing_count
    {%- endif %}
{% endmacro %}

-- The amounts of the hours of a longer period, added up.
{% macro consumption_sums() %}
    sum(quantity) as quantity,
    sum(gross_quantity) as gross_quantity,
    sum(estimated_quantity) as estimated_quantity,
    sum(interval_count) as interval_count,
    sum(missing_count) as missing_count,
    sum(energy_gj) as energy_gj,
    sum(energy_tce_calorific) as energy_tce_calorific,
    sum(energy_tce_equivalent) as energy_tce_equivalent,
    sum(cost_cny) as cost_cny
{% endmacro %}

-- What counts for the unit itself: an amount, less where it was sold.
{% macro less_if_sold(amount, role) -%}
    case when {{ role }} in ('sale', 'internal_sale') then - {{ amount }} else {{ amount }} end
{%- endmacro %}
