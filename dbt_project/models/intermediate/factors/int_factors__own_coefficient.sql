-- The site's own coefficients by carrier and period (factors.csv). Steam: GJ per tonne = (enthalpy in kJ/kg - 83.74)
-- / 1000, with water of 20 °C as the base.
-- Clause: ndrc_24_guides.steam_heat
with
    base as (

        select factor as kj_per_kg from {{ source("factors", "factor_heat_process") }} where factor_key = 'steam_enthalpy_base'

    )

select
    own.factor_id,
    own.carrier,
    case when own.property = 'enthalpy_kj_per_kg' then 'gj_per_unit' else own.property end as property,
    case
        when own.property = 'enthalpy_kj_per_kg'
        then {{ product("own.value - base.kj_per_kg", 10, "0.001", 3, 12) }}
        else cast(own.value as decimal(18, 12))
    end as value,
    own.confidence,
    {{ open_from("own.valid_from") }} as valid_from,
    {{ open_to("own.valid_to") }} as valid_to
from {{ source("accounting", "factors_coefficient") }} as own
cross join base
