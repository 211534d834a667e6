-- What each set prints for a carrier, per unit of the carrier: GJ = heat value in kJ per printed unit x printed units
-- per carrier unit / 10^6, tce = kgce per printed unit x printed units per carrier unit / 1000. Of the editions of the
-- standard `is_default` marks the one in force on the day, or on every day the one that the site names; any other set
-- counts only by a rule. Of a printed range the upper end is taken.
-- Clause: gbt_2589.coefficients
with
    editions as (

        select
            factor_id,
            factor_set,
            energy_key,
            unit,
            ncv_kj_per_unit_max,
            kgce_per_unit_max,
            case when kgce_per_unit_min < kgce_per_unit_max then 'upper_of_printed_range' else 'printed' end as rule,
            confidence,
            {% if has_factor_set("coal_equivalent") -%}
                factor_set = {{ factor_set("coal_equivalent", "") }} as is_default,
                date '0001-01-01' as valid_from,
                date '9999-12-31' as valid_to
            {%- else -%}
                factor_set in ('GB/T 2589-2008', 'GB/T 2589-2020') as is_default,
                {{ open_from("valid_from") }} as valid_from,
                {{ open_to("valid_to") }} as valid_to
            {%- endif %}
        from {{ source("factors", "factor_coal_equivalent") }}
        where category <> 'electricity_coal_equivalent'

    ),

    matched as (

        select
            carriers.carrier,
            editions.*,
            cast(coalesce(carriers.coefficient_units_per_unit, conversion.factor) as decimal(18, 6)) as printed_units
        from editions
        inner join {{ source("factors", "carriers") }} as carriers on editions.energy_key = carriers.energy_key
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on carriers.unit = conversion.from_unit
            and editions.unit = conversion.to_unit

    )

select
    carrier,
    factor_set,
    is_default,
    {{ product(product("ncv_kj_per_unit_max", 10, "printed_units", 6, 10), 10, "0.000001", 6, 12) }} as gj_per_unit,
    {{ product(product("kgce_per_unit_max", 10, "printed_units", 6, 10), 10, "0.001", 3, 12) }} as tce_per_unit,
    factor_id,
    rule,
    confidence,
    valid_from,
    valid_to
from matched
