-- Every flow of the product system by month, valued where it has a factor of its own: emissions = quantity x factor. What a
-- process of the site or a supplier makes is valued by who solves the system; what is cut off has no value. Own emissions
-- are mass of the gas x its warming potential.
-- Clause: gbt_24067.footprint, gbt_24067.electricity, gbt_24067.cut_off
{% set columns = [
    "exchange_id",
    "month",
    "part",
    "gas",
    "kind_of_carbon",
    "quantity",
    "quantity_unit",
    "amount",
    "mass_t",
    "factor_id",
    "factor",
    "factor_unit",
    "factor_confidence",
    "factor_name_zh",
    "factor_name_en",
    "factor_dqr_technology",
    "factor_dqr_time",
    "factor_dqr_geography",
    "emissions_kgco2e",
    "estimated_ratio",
    "missing",
] %}
with
    carried as (

        select
            exchanges.exchange_id,
            months.month,
            {{ product("amounts.mass_t", 6, "exchanges.distance_km", 6, 6) }} as quantity,
            amounts.mass_t,
            amounts.estimated_ratio,
            case when amounts.mass_t is null then coalesce(amounts.missing, 'no_mass') end as missing
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ ref("int_footprint__month") }} as months
            on exchanges.organization_id = months.organization_id
            and months.month >= exchanges.valid_from
            and months.month < exchanges.valid_to
        left join
            {{ ref("int_footprint__amount") }} as amounts
            on exchanges.of_exchange_id = amounts.exchange_id
            and months.month = amounts.month
        where exchanges.amount_source = 'transport'

    ),

    amounts as (

        select exchange_id, month, amount, quantity, mass_t, estimated_ratio, missing
        from {{ ref("int_footprint__amount") }}
        union all
        select exchange_id, month, quantity as amount, quantity, cast(null as decimal(18, 6)) as mass_t, estimated_ratio, missing
        from carried

    ),

    taken as (

        select
            amounts.exchange_id,
            amounts.month,
            '' as part,
            case when exchanges.direction = 'emission' then exchanges.item end as gas,
            case
                when exchanges.direction = 'emission' or exchanges.provider_kind = 'secondary' then 'fossil'
            end as kind_of_carbon,
            case
                when exchanges.direction = 'emission'
                then {{ product("amounts.quantity", 6, "kilograms.factor", 9, 6) }}
                else amounts.quantity
            end as quantity,
            case when exchanges.direction = 'emission' then 'kg' else exchanges.told_unit end as quantity_unit,
            amounts.amount,
            amounts.mass_t,
            coalesce(secondary.factor_id, potentials.factor_id) as factor_id,
            case
                when exchanges.direction = 'emission'
                then cast(coalesce(potentials.gwp, case when exchanges.item = 'CO2' then 1 end) as decimal(18, 9))
                else {{ product("secondary.factor", 9, "conversion.factor", 9, 9) }}
            end as factor,
            case
                when exchanges.direction = 'emission'
                then 'kgCO2e/kg'
                when secondary.factor_id is not null
                then 'kgCO2e/' || exchanges.unit
            end as factor_unit,
            coalesce(secondary.confidence, potentials.confidence) as factor_confidence,
            secondary.name_zh as factor_name_zh,
            secondary.name_en as factor_name_en,
            secondary.dqr_technology as factor_dqr_technology,
            secondary.dqr_time as factor_dqr_time,
            secondary.dqr_geography as factor_dqr_geography,
            amounts.estimated_ratio,
            amounts.missing,
            exchanges.direction = 'emission' or exchanges.provider_kind = 'secondary' as is_valued
        from amounts
        inner join
            {{ ref("stg_site__exchange") }} as exchanges
            on amounts.exchange_id = exchanges.exchange_id
            and amounts.month >= exchanges.valid_from
            and amounts.month < exchanges.valid_to
        left join
            {{ ref("int_footprint__secondary_factor") }} as secondary
            on exchanges.provider_kind = 'secondary'
            and exchanges.provider_id = secondary.factor_id
            and amounts.month >= secondary.valid_from
            and amounts.month < secondary.valid_to
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on exchanges.unit = conversion.from_unit
            and secondary.unit = conversion.to_unit
        left join
            {{ source("factors", "unit_conversions") }} as kilograms
            on exchanges.unit = kilograms.from_unit
            and kilograms.to_unit = 'kg'
        left join
            {{ source("factors", "factor_gwp") }} as potentials
            on exchanges.direction = 'emission'
            and exchanges.item = potentials.gas
            and potentials.gwp_set in ('{{ var("gwp_set") }}', 'all')
        where coalesce(exchanges.provider_kind, '') <> 'electricity'

    ),

    bought as (

        select
            amounts.exchange_id,
            amounts.month,
            coalesce(parts.part, 'average') as part,
            cast(null as string) as gas,
            'fossil' as kind_of_carbon,
            {{ product("parts.quantity", 6, "conversion.factor", 9, 6) }} as quantity,
            'kWh' as quantity_unit,
            amounts.amount,
            cast(null as decimal(18, 6)) as mass_t,
            factors.factor_id,
            factors.factor,
            factors.factor_unit,
            factors.confidence as factor_confidence,
            cast(null as string) as factor_name_zh,
            cast(null as string) as factor_name_en,
            factors.dqr_technology as factor_dqr_technology,
            -- 1 in the year of the figure, one worse with each year after it
            cast(
                least(1 + greatest(extract(year from amounts.month) - factors.data_year, 0), 5) as decimal(4, 3)
            ) as factor_dqr_time,
            factors.dqr_geography as factor_dqr_geography,
            amounts.estimated_ratio,
            amounts.missing,
            true as is_valued
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ ref("int_footprint__amount") }} as amounts
            on exchanges.exchange_id = amounts.exchange_id
            and amounts.month >= exchanges.valid_from
            and amounts.month < exchanges.valid_to
        left join
            {{ ref("int_footprint__electricity_part") }} as parts
            on amounts.exchange_id = parts.exchange_id
            and amounts.month = parts.month
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on exchanges.unit = conversion.from_unit
            and conversion.to_unit = 'kWh'
        left join
            {{ ref("int_footprint__electricity_factor") }} as factors
            on coalesce(parts.part, 'average') = factors.part
            and amounts.month >= factors.valid_from
            and amounts.month < factors.valid_to
        where exchanges.provider_kind = 'electricity'

    ),

    -- a fuel that was metered and of which nothing passed: the accounting has no line, and none is missing
    unused as (

        select energy_unit_id, carrier, month, cast(sum(quantity) as decimal(18, 6)) as quantity
        from {{ ref("consumption_monthly") }}
        where role in ('purchase', 'internal_purchase', 'end_use') and {{ only_rebuilt_months("month") }}
        group by energy_unit_id, carrier, month
        having sum(quantity) = 0

    ),

    emitted as (

        select
            exchanges.exchange_id,
            months.month,
            coalesce(own.carrier, '') as part,
            own.gas,
            own.kind_of_carbon,
            coalesce(own.mass_kg, unused.quantity) as quantity,
            'kg' as quantity_unit,
            own.mass_kg as amount,
            cast(null as decimal(18, 6)) as mass_t,
            own.factor_id,
            cast(own.gwp as decimal(18, 9)) as factor,
            'kgCO2e/kg' as factor_unit,
            own.factor_confidence,
            cast(null as string) as factor_name_zh,
            cast(null as string) as factor_name_en,
            cast(null as decimal(4, 3)) as factor_dqr_technology,
            cast(null as decimal(4, 3)) as factor_dqr_time,
            cast(null as decimal(4, 3)) as factor_dqr_geography,
            coalesce(own.emissions_kgco2e, case when own.exchange_id is null then unused.quantity end) as emissions_kgco2e,
            own.estimated_ratio,
            case
                when own.exchange_id is null and coalesce(unused.quantity, 1) <> 0 then 'no_emissions' else own.missing
            end as missing
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ ref("int_footprint__month") }} as months
            on exchanges.organization_id = months.organization_id
            and months.month >= exchanges.valid_from
            and months.month < exchanges.valid_to
        left join
            {{ ref("int_footprint__own_emission") }} as own
            on exchanges.exchange_id = own.exchange_id
            and months.month = own.month
        left join
            unused
            on exchanges.energy_unit_id = unused.energy_unit_id
            and exchanges.carrier = unused.carrier
            and months.month = unused.month
            and own.exchange_id is null
            and exchanges.source_category = 'combustion'
        where exchanges.amount_source = 'emissions'

    )

select {{ columns | join(", ") }}
from emitted
{% for found in ["taken", "bought"] %}
    union all

    select
        {% for column in columns -%}
            {%- if column == "emissions_kgco2e" %} {{ product("quantity", 6, "factor", 9, 6) }} as emissions_kgco2e
            {%- elif column == "missing" %}
                coalesce(missing, case when is_valued and factor is null then 'no_footprint_factor' end) as missing
            {%- else %} {{ column }}
            {%- endif %}
            {{ "," if not loop.last }}
        {%- endfor %}
    from {{ found }}
{% endfor %}
