-- CO2 of burning one unit of a carrier, by factor set: heat value x carbon content x oxidation x 44/12, never the
-- rounded product that a table prints; where only the product is printed, that. Gases in kgCO2/m3, the rest in tCO2/t.
-- Clause: ndrc_24_guides.combustion
with
    matched as (

        select
            carriers.carrier,
            carriers.unit,
            factor.*,
            cast(conversion.factor as decimal(17, 6)) as printed_units,
            case when conversion.factor < 0.01 then 1000 else 1 end as kg_scale,
            -- GJ/unit x tC/GJ x percent x 44; the rest of 44/12 and of the percent is divided below
            {{
                product(
                    product("factor.ncv_gj_per_unit", 4, "factor.carbon_content_tc_per_gj", 8, 12),
                    12,
                    "factor.oxidation_rate_pct * 44",
                    2,
                    12,
                )
            }} as carbon_oxidised
        from {{ source("factors", "factor_fuel") }} as factor
        inner join {{ source("factors", "carriers") }} as carriers on factor.fuel_key = carriers.fuel_key
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on carriers.unit = conversion.from_unit
            and factor.activity_unit = conversion.to_unit
        where factor.gas = 'CO2'

    )

select
    carrier,
    factor_set,
    factor_id,
    confidence,
    case
        when carbon_oxidised is not null
        then
            {{
                divide_decimal(
                    "cast(carbon_oxidised as decimal(20, 12)) * cast(printed_units * kg_scale * 1000000 as decimal(9, 1))",
                    "cast(1200000000 as decimal(18, 6))",
                    12,
                )
            }}
        else {{ product("tco2_per_unit", 10, "printed_units * kg_scale", 6, 12) }}
    end as factor,
    case when kg_scale = 1000 then 'kgCO2/' else 'tCO2/' end || unit as factor_unit,
    cast(case when kg_scale = 1000 then 0.001 else 1 end as decimal(4, 3)) as tonnes_per_factor_mass
from matched
where printed_units is not null
