-- The carbon that one unit of a fuel or product holds, as the CO2 it would make: heat value x carbon content x 44/12
-- without oxidation, by factor set; for chemical products the printed number. Gases in kgCO2/m3, the rest in tCO2/t.
-- Clause: ndrc_24_guides.feedstock_balance
with
    matched as (

        select
            coalesce(carriers.carrier, factor.fuel_key) as item,
            coalesce(carriers.unit, factor.activity_unit) as unit,
            factor.factor_id,
            factor.factor_set,
            factor.confidence,
            factor.tco2_per_unit,
            cast(coalesce(conversion.factor, 1) as decimal(17, 6)) as printed_units,
            case when conversion.factor < 0.01 then 1000 else 1 end as kg_scale,
            {{ product(product("factor.ncv_gj_per_unit", 4, "factor.carbon_content_tc_per_gj", 8, 12), 12, "44", 0, 12) }}
            as carbon
        from {{ source("factors", "factor_fuel") }} as factor
        left join {{ source("factors", "carriers") }} as carriers on factor.fuel_key = carriers.fuel_key
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on carriers.unit = conversion.from_unit
            and factor.activity_unit = conversion.to_unit
        where factor.gas = 'CO2' and (carriers.carrier is null or conversion.factor is not null)

    )

select
    item,
    factor_set,
    factor_id,
    confidence,
    case
        when carbon is not null
        then
            {{
                divide_decimal(
                    "cast(carbon as decimal(20, 12)) * cast(printed_units * kg_scale * 1000000 as decimal(9, 1))",
                    "cast(12000000 as decimal(18, 6))",
                    12,
                )
            }}
        else {{ product("tco2_per_unit", 10, "printed_units * kg_scale", 6, 12) }}
    end as factor,
    case when kg_scale = 1000 then 'kgCO2/' else 'tCO2/' end || unit as factor_unit,
    cast(case when kg_scale = 1000 then 0.001 else 1 end as decimal(7, 6)) as tonnes_per_factor_mass
from matched
where carbon is not null or factor_set in ('NDRC_chemical_product_carbon', 'stoichiometry')
