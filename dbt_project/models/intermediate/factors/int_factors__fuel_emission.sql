-- CO2 of burning one unit of a carrier, by factor set, and its terms: heat value x carbon content x oxidation x 44/12,
-- never the rounded product that a table prints; where only the product is printed, that. A set that the site imported
-- counts where the library has no row of that name. Gases in kgCO2/m3, the rest in tCO2/t.
-- Clause: ndrc_24_guides.combustion
with
    printed as (

        select
            carriers.carrier,
            carriers.unit,
            factor.factor_set,
            factor.factor_id,
            factor.confidence,
            factor.data_year,
            factor.published_on,
            factor.ncv_gj_per_unit,
            factor.carbon_content_tc_per_gj,
            factor.oxidation_rate_pct,
            factor.tco2_per_unit,
            cast(conversion.factor as decimal(17, 6)) as printed_units
        from {{ source("factors", "factor_fuel") }} as factor
        inner join {{ source("factors", "carriers") }} as carriers on factor.fuel_key = carriers.fuel_key
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on carriers.unit = conversion.from_unit
            and factor.activity_unit = conversion.to_unit
        where factor.gas = 'CO2' and conversion.factor is not null

    ),

    imported as (

        select
            *,
            row_number() over (
                partition by factor_set, carrier, property order by {{ open_from("published_on") }}, factor_id
            ) as place
        from {{ source("accounting", "factors_fuel") }}
        where carrier is not null

    ),

    sets as (

        select *
        from printed

        union all

        select
            carriers.carrier,
            carriers.unit,
            imported.factor_set,
            min(imported.factor_id) as factor_id,
            min(imported.confidence) as confidence,
            max(imported.data_year) as data_year,
            max(imported.published_on) as published_on,
            max(case when imported.property = 'gj_per_unit' then imported.value end) as ncv_gj_per_unit,
            max(case when imported.property = 'carbon_content_tc_per_gj' then imported.value end) as carbon_content_tc_per_gj,
            max(case when imported.property = 'oxidation_ratio' then imported.value * 100 end) as oxidation_rate_pct,
            max(case when imported.property = 'tco2_per_unit' then imported.value end) as tco2_per_unit,
            cast(1 as decimal(17, 6)) as printed_units
        from imported
        inner join {{ source("factors", "carriers") }} as carriers on imported.carrier = carriers.carrier
        left join printed on imported.factor_set = printed.factor_set and imported.carrier = printed.carrier
        where imported.place = 1 and printed.carrier is null
        group by carriers.carrier, carriers.unit, imported.factor_set

    ),

    matched as (

        select
            sets.*,
            case when printed_units < 0.01 or unit in ('m3_20c', 'm3_0c') then 1000 else 1 end as kg_scale,
            -- GJ/unit x tC/GJ x percent x 44; the rest of 44/12 and of the percent is divided below
            {{ product(product("ncv_gj_per_unit", 9, "carbon_content_tc_per_gj", 8, 12), 12, "oxidation_rate_pct * 44", 4, 12) }}
            as carbon_oxidised
        from sets

    )

select
    carrier,
    factor_set,
    factor_id,
    confidence,
    data_year,
    published_on,
    {{ product("ncv_gj_per_unit", 9, "printed_units", 6, 12) }} as ncv_gj_per_unit,
    cast(carbon_content_tc_per_gj as decimal(18, 12)) as carbon_content_tc_per_gj,
    {{ product("oxidation_rate_pct", 4, "0.01", 2, 12) }} as oxidation_ratio,
    case
        when carbon_oxidised is not null
        then
            {{
                divide_decimal(
                    "cast(carbon_oxidised as decimal(20, 12)) * cast(printed_units * kg_scale * 1000000 as decimal(11, 1))",
                    "cast(1200000000 as decimal(18, 6))",
                    12,
                )
            }}
        else {{ product("tco2_per_unit", 9, "printed_units * kg_scale", 6, 12) }}
    end as factor,
    case when kg_scale = 1000 then 'kgCO2/' else 'tCO2/' end || unit as factor_unit,
    cast(case when kg_scale = 1000 then 0.001 else 1 end as decimal(4, 3)) as tonnes_per_factor_mass
from matched
