{{ config(order_by=["year", "organization_id", "basis", "line_id", "input_kind", "input_id"]) }}
-- What the number of each emission line of a year rests on: its instruments or declarations, with the share of the
-- activity that each measured, and the terms of its factor. Inputs with the same id are one error wherever they stand,
-- others are independent. Limits are those of 95 %, relative; a meter's follow from its class. An input without limits
-- is unknown: it is counted as such and never taken as zero. Warming potentials are conventions and not counted.
-- A range belongs to the factor set that prints it; to another set only by a rule of the site (kind uncertainty).
-- Clause: ipcc_uncertainty.inputs, ipcc_uncertainty.factor_ranges
with
    lines as (

        select
            cast(extract(year from emissions.month) as integer) as year,
            emissions.organization_id,
            emissions.basis,
            emissions.scope,
            emissions.source_category,
            emissions.gas,
            emissions.carrier,
            emissions.method_term,
            emissions.is_internal,
            emissions.factor_id,
            emissions.factor_set,
            sum(emissions.emissions_tco2e) as emissions_tco2e
        from {{ ref("emissions_monthly") }} as emissions
        inner join {{ ref("int_carbon__organization") }} as emitters on emissions.organization_id = emitters.organization_id
        where emissions.basis <> 'biogenic' and emissions.emissions_tco2e is not null
        group by
            extract(year from emissions.month),
            emissions.organization_id,
            emissions.basis,
            emissions.scope,
            emissions.source_category,
            emissions.gas,
            emissions.carrier,
            emissions.method_term,
            emissions.is_internal,
            emissions.factor_id,
            emissions.factor_set

    ),

    told as (

        select
            lines.*,
            coalesce(carriers.fuel_key, lines.carrier) as fuel_key,
            carriers.nonco2_key,
            case
                when lines.source_category = 'combustion'
                then 'fuel'
                when lines.source_category like 'purchased_%'
                then 'bought'
                when lines.source_category like 'sold_%'
                then 'sold'
                when lines.method_term = 'feedstock_balance/in'
                then 'feedstock'
                when lines.method_term = 'feedstock_balance/out' or terms.side = 'produced'
                then 'produced'
                when terms.side = 'discarded'
                then 'discarded'
                else 'used'
            end as use,
            lines.basis
            || '/'
            || lines.source_category
            || '/'
            || lines.carrier
            || '/'
            || lower(lines.gas)
            || '/'
            || lines.method_term
            || '/'
            || coalesce(lines.factor_id, 'none')
            || case when lines.is_internal then '/internal' else '' end as line_id
        from lines
        left join {{ source("factors", "carriers") }} as carriers on lines.carrier = carriers.carrier
        left join {{ source("factors", "method_terms") }} as terms on lines.method_term = terms.term_id

    ),

    -- the set whose ranges stand in, the more particular rule first, then the one adopted later
    rules as (

        select
            told.year,
            told.organization_id,
            told.carrier,
            rules.factor_set,
            row_number() over (
                partition by told.year, told.organization_id, told.carrier
                order by
                    case when rules.organization_id is null then 2 else 0 end + case when rules.carrier is null then 1 else 0 end,
                    {{ open_from("rules.adopted_on") }} desc,
                    rules.factor_set
            ) as place
        from (select distinct year, organization_id, carrier from told) as told
        inner join
            {{ source("accounting", "factor_rules_uncertainty") }} as rules
            on coalesce(rules.organization_id, told.organization_id) = told.organization_id
            and coalesce(rules.carrier, told.carrier) = told.carrier
            and told.year >= extract(year from {{ open_from("rules.valid_from") }})
            and told.year < extract(year from {{ open_to("rules.valid_to") }})

    ),

    -- the terms that a line's factor is made of
    wanted as (

        select
            told.*,
            terms.property,
            case when terms.property in ('ch4_per_heat', 'n2o_per_heat') then told.nonco2_key else told.fuel_key end as range_key
        from told
        inner join
            (
                select 'net_calorific_value' as property
                union all
                select 'co2_per_heat' as property
                union all
                select 'ch4_per_heat' as property
                union all
                select 'n2o_per_heat' as property
                union all
                select 'factor' as property
            ) as terms
            on case
                when told.source_category = 'combustion' and told.gas = 'CO2' and told.method_term = 'combustion/default'
                then terms.property in ('net_calorific_value', 'co2_per_heat')
                when told.source_category = 'combustion' and told.gas in ('CH4', 'N2O')
                then terms.property in ('net_calorific_value', lower(told.gas) || '_per_heat')
                else terms.property = 'factor'
            end

    ),

    ranged as (

        select
            wanted.year,
            wanted.organization_id,
            wanted.line_id,
            case
                when wanted.property = 'factor'
                then coalesce(wanted.factor_id, wanted.method_term)
                else
                    coalesce(own.factor_set, rules.factor_set, wanted.factor_set, 'none')
                    || '/'
                    || wanted.range_key
                    || '/'
                    || wanted.property
            end as input_id,
            wanted.property,
            coalesce(own.uncertainty_id, lent.uncertainty_id) as uncertainty_id,
            case when own.uncertainty_id is null and lent.uncertainty_id is not null then 'rule' end as range_rule,
            coalesce(own.confidence, lent.confidence) as range_confidence,
            case
                when wanted.property = 'factor'
                then measured.uncertainty_ratio
                else
                    {{
                        divide_decimal(
                            "coalesce(own.value, lent.value) - coalesce(own.low, lent.low)", "coalesce(own.value, lent.value)"
                        )
                    }}
            end as low_ratio,
            case
                when wanted.property = 'factor'
                then measured.uncertainty_ratio
                else
                    {{
                        divide_decimal(
                            "coalesce(own.high, lent.high) - coalesce(own.value, lent.value)", "coalesce(own.value, lent.value)"
                        )
                    }}
            end as high_ratio
        from wanted
        left join
            {{ source("factors", "factor_uncertainty") }} as own
            on wanted.factor_set = own.factor_set
            and wanted.range_key = own.fuel_key
            and wanted.property = own.property
        left join
            rules
            on wanted.year = rules.year
            and wanted.organization_id = rules.organization_id
            and wanted.carrier = rules.carrier
            and rules.place = 1
        left join
            {{ source("factors", "factor_uncertainty") }} as lent
            on rules.factor_set = lent.factor_set
            and wanted.range_key = lent.fuel_key
            and wanted.property = lent.property
        left join {{ source("accounting", "factors_uncertainty") }} as measured on wanted.factor_id = measured.factor_id

    ),

    activity as (

        select
            told.year,
            told.organization_id,
            told.line_id,
            coalesce(inputs.input_kind, 'unknown') as input_kind,
            coalesce(inputs.input_id, told.organization_id || '/' || told.carrier || '/' || told.use) as input_id,
            inputs.accuracy_class,
            inputs.declared_ratio,
            case
                when inputs.input_id is null or inputs.whole_quantity = 0
                then cast(1 as decimal(18, 9))
                else cast({{ divide_decimal("inputs.quantity", "inputs.whole_quantity", 9) }} as decimal(18, 9))
            end as share_ratio
        from told
        left join
            {{ ref("int_carbon__activity_input") }} as inputs
            on told.year = inputs.year
            and told.organization_id = inputs.organization_id
            and told.carrier = inputs.item
            and told.use = inputs.use
            and (told.is_internal = inputs.is_internal or told.use = 'used')
            and inputs.is_one_unit

    ),

    inputs as (

        select
            year,
            organization_id,
            line_id,
            input_kind,
            input_id,
            'activity' as property,
            accuracy_class,
            share_ratio,
            declared_ratio as low_ratio,
            declared_ratio as high_ratio,
            cast(null as string) as range_rule,
            cast(null as string) as range_confidence
        from activity

        union all

        select
            year,
            organization_id,
            line_id,
            'factor' as input_kind,
            input_id,
            property,
            cast(null as string) as accuracy_class,
            cast(1 as decimal(18, 9)) as share_ratio,
            low_ratio,
            high_ratio,
            range_rule,
            range_confidence
        from ranged

    )

select
    cast(told.year as integer) as year,
    cast(told.organization_id as string) as organization_id,
    cast(told.line_id as string) as line_id,
    cast(told.basis as string) as basis,
    cast(told.scope as integer) as scope,
    cast(told.source_category as string) as source_category,
    cast(told.gas as string) as gas,
    cast(told.carrier as string) as carrier,
    cast(told.method_term as string) as method_term,
    cast(told.factor_id as string) as factor_id,
    cast(told.is_internal as boolean) as is_internal,
    cast(told.emissions_tco2e as decimal(18, 6)) as emissions_tco2e,
    cast(inputs.input_kind as string) as input_kind,
    cast(inputs.input_id as string) as input_id,
    cast(inputs.property as string) as property,
    cast(inputs.accuracy_class as string) as accuracy_class,
    cast(inputs.share_ratio as decimal(18, 9)) as share_ratio,
    cast(inputs.low_ratio as decimal(9, 6)) as low_ratio,
    cast(inputs.high_ratio as decimal(9, 6)) as high_ratio,
    cast(inputs.range_rule as string) as range_rule,
    cast(inputs.range_confidence as string) as range_confidence
from told
inner join inputs on told.year = inputs.year and told.organization_id = inputs.organization_id and told.line_id = inputs.line_id
