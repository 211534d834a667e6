-- CO2 of one unit of a fuel for an organisation and month, in the order the methods give: carbon content measured (as
-- received) x oxidation; heat value x carbon content x oxidation with whichever of them was measured; the site's own
-- emission factor; the chosen factor set. What was not measured comes from the chosen set.
-- Clause: ndrc_24_guides.combustion, provincial.fuel_factors, gbt_32150.factor_choice, mee.measured_precedence
with
    measured as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            max(case when measured.property = 'carbon_content_tc_per_unit' then measured.value end) as carbon,
            max(case when measured.property = 'gj_per_unit' then measured.value end) as heat,
            max(case when measured.property = 'carbon_content_tc_per_gj' then measured.value end) as carbon_of_heat,
            max(case when measured.property = 'oxidation_ratio' then measured.value end) as oxidation,
            max(case when measured.property = 'tco2_per_unit' then measured.value end) as own,
            max(case when measured.property = 'carbon_content_tc_per_unit' then measured.factor_id end) as carbon_id,
            max(case when measured.property = 'carbon_content_tc_per_gj' then measured.factor_id end) as carbon_of_heat_id,
            max(case when measured.property = 'gj_per_unit' then measured.factor_id end) as heat_id,
            max(case when measured.property = 'tco2_per_unit' then measured.factor_id end) as own_id,
            max(case when measured.rule = 'penal_default' then 1 else 0 end) as is_penal,
            max(case when measured.confidence = 'recalled' then 1 else 0 end) as is_recalled,
            max(case when measured.confidence = 'verified' then 1 else 0 end) as is_verified
        from (select distinct month, organization_id, carrier from {{ ref("int_carbon__burnt") }}) as burnt
        inner join
            {{ ref("int_factors__measured") }} as measured
            on burnt.organization_id = measured.organization_id
            and burnt.carrier = measured.carrier
            and burnt.month >= measured.valid_from
            and burnt.month < measured.valid_to
        group by burnt.month, burnt.organization_id, burnt.carrier

    ),

    terms as (

        select
            chosen.month,
            chosen.organization_id,
            chosen.carrier,
            chosen.basis,
            chosen.choice_rule,
            chosen.is_fallback,
            printed.factor_id,
            printed.factor,
            printed.factor_unit,
            printed.tonnes_per_factor_mass,
            printed.factor_set,
            printed.confidence,
            measured.carbon,
            measured.own,
            measured.carbon_id,
            measured.own_id,
            coalesce(measured.carbon_of_heat_id, measured.heat_id) as heat_id,
            measured.is_penal,
            measured.is_recalled,
            measured.is_verified,
            coalesce(measured.oxidation, cast(printed.oxidation_ratio as decimal(18, 9))) as oxidation,
            coalesce(measured.heat, cast(printed.ncv_gj_per_unit as decimal(18, 9))) as heat,
            coalesce(measured.carbon_of_heat, cast(printed.carbon_content_tc_per_gj as decimal(18, 9))) as carbon_of_heat,
            case
                when measured.carbon is not null
                then 'measured_carbon'
                when measured.heat is not null or measured.carbon_of_heat is not null
                then 'measured_heat_value'
                when measured.own is not null
                then 'own_factor'
                else 'default'
            end as way
        from {{ ref("int_carbon__fuel_set") }} as chosen
        left join
            {{ ref("int_factors__fuel_emission") }} as printed
            on chosen.carrier = printed.carrier
            and (chosen.factor_set = printed.factor_set or printed.factor_set = 'stoichiometry')
        left join
            measured
            on chosen.month = measured.month
            and chosen.organization_id = measured.organization_id
            and chosen.carrier = measured.carrier

    ),

    multiplied as (

        select
            *,
            case
                when way = 'measured_carbon' then {{ product(product("carbon", 9, "oxidation", 9, 12), 12, "44", 0, 12) }}
            end as carbon_44,
            case
                when way = 'measured_heat_value'
                then {{ product(product(product("heat", 9, "carbon_of_heat", 9, 12), 12, "oxidation", 9, 12), 12, "44", 0, 12) }}
            end as heat_44
        from terms

    )

select
    month,
    organization_id,
    carrier,
    basis,
    way,
    case
        way
        when 'measured_carbon'
        then carbon_id
        when 'measured_heat_value'
        then heat_id
        when 'own_factor'
        then own_id
        else factor_id
    end as factor_id,
    case
        way
        when 'measured_carbon'
        then {{ divide_decimal("cast(carbon_44 as decimal(20, 12)) * 1000000", "cast(12000000 as decimal(18, 6))", 12) }}
        when 'measured_heat_value'
        then {{ divide_decimal("cast(heat_44 as decimal(20, 12)) * 1000000", "cast(12000000 as decimal(18, 6))", 12) }}
        when 'own_factor'
        then cast(own as decimal(18, 12))
        else factor
    end as factor,
    case when way = 'default' then factor_unit end as factor_unit,
    cast(case when way = 'default' then tonnes_per_factor_mass else 1 end as decimal(7, 6)) as tonnes_per_factor_mass,
    case when way in ('default', 'measured_heat_value') then factor_set else way end as factor_set,
    case
        when way = 'default' and factor_set = 'stoichiometry'
        then 'definition'
        when way = 'default'
        then choice_rule
        when way = 'measured_heat_value' and is_penal = 1
        then 'penal_default'
        else way
    end as factor_rule,
    -- a product is as sure as the least sure of its terms
    case
        when way = 'default'
        then confidence
        when is_recalled = 1 or (way = 'measured_heat_value' and confidence = 'recalled')
        then 'recalled'
        when is_verified = 1 or way <> 'own_factor'
        then 'verified'
        else 'measured'
    end as factor_confidence,
    case when way in ('default', 'measured_heat_value') then is_fallback else false end as is_fallback
from multiplied
