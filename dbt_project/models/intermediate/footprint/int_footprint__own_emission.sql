{{ config(materialized="table") }}
-- What a process emits, from the accounting of its organisation: its lines of the source, gas and carrier; of fuels that
-- burn in one unit the unit's part of the carrier. Bought power and heat are never here. Biogenic CO2 that is not counted
-- is none; a line without a number says why.
-- Clause: gbt_24067.footprint
with
    lines as (

        select
            exchanges.exchange_id,
            exchanges.energy_unit_id,
            exchanges.is_root,
            exchanges.share,
            emissions.month,
            emissions.source_category,
            emissions.carrier,
            emissions.gas,
            emissions.method_term,
            emissions.activity,
            emissions.activity_unit,
            emissions.factor_id,
            emissions.factor_confidence,
            emissions.emissions_t,
            emissions.gwp,
            emissions.emissions_tco2e,
            emissions.largest_estimated_ratio,
            emissions.null_reason,
            carriers.is_biogenic
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ ref("emissions_monthly") }} as emissions
            on exchanges.organization_id = emissions.organization_id
            and exchanges.source_category = emissions.source_category
            and (exchanges.carrier is null or exchanges.carrier = emissions.carrier)
            and exchanges.item in ('all', emissions.gas)
            and emissions.month >= exchanges.valid_from
            and emissions.month < exchanges.valid_to
        left join {{ source("factors", "carriers") }} as carriers on emissions.carrier = carriers.carrier
        where
            exchanges.amount_source = 'emissions'
            and emissions.basis = 'all'
            and coalesce(emissions.null_reason, '') <> 'biogenic_not_counted'
            and {{ only_rebuilt_months("emissions.month") }}

    ),

    burnt as (

        select energy_unit_id, carrier, quantity_unit, month, sum(quantity) as quantity, sum(energy_gj) as energy_gj
        from {{ ref("consumption_monthly") }}
        where use_type = 'fuel' and role = 'end_use' and {{ only_rebuilt_months("month") }}
        group by energy_unit_id, carrier, quantity_unit, month

    ),

    parted as (

        select
            lines.*,
            case
                when lines.source_category <> 'combustion' or lines.is_root
                then cast(1 as decimal(18, 12))
                when burnt.energy_unit_id is null
                then cast(0 as decimal(18, 12))
                else
                    {{
                        divide_decimal(
                            "case when lines.activity_unit = burnt.quantity_unit then burnt.quantity else burnt.energy_gj end",
                            "lines.activity",
                            12,
                        )
                    }}
            end as part
        from lines
        left join
            burnt on lines.energy_unit_id = burnt.energy_unit_id and lines.carrier = burnt.carrier and lines.month = burnt.month

    ),

    shared as (

        select
            parted.*,
            {{ product(product("parted.emissions_t * 1000", 6, "parted.part", 12, 6), 6, "parted.share", 9, 6) }} as mass_kg,
            {{ product(product("parted.emissions_tco2e * 1000", 6, "parted.part", 12, 6), 6, "parted.share", 9, 6) }} as kgco2e
        from parted

    )

select
    exchange_id,
    month,
    carrier,
    gas,
    case
        when is_biogenic and gas = 'CO2' then 'biogenic_co2' when is_biogenic then 'biogenic_non_co2' else 'fossil'
    end as kind_of_carbon,
    cast(sum(mass_kg) as decimal(18, 6)) as mass_kg,
    max(gwp) as gwp,
    case when max(null_reason) is null then cast(sum(kgco2e) as decimal(18, 6)) end as emissions_kgco2e,
    max(factor_id) as factor_id,
    max(factor_confidence) as factor_confidence,
    max(largest_estimated_ratio) as estimated_ratio,
    max(null_reason) as missing
from shared
group by exchange_id, month, carrier, gas, is_biogenic
