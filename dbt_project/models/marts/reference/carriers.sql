{{ config(order_by=["guide_group", "carrier", "valid_from"]) }}
-- The carriers of the guide with the coefficients in force by period, both conventions, and why one is missing.
-- Clause: gbt_2589.coefficients
select
    cast(carriers.carrier as string) as carrier,
    cast(carriers.name_zh as string) as carrier_name_zh,
    cast(carriers.name_en as string) as carrier_name_en,
    cast(carriers.guide_group as string) as guide_group,
    cast(carriers.carrier_group as string) as carrier_group,
    cast(carriers.carrier_group_name_zh as string) as carrier_group_name_zh,
    cast(carriers.carrier_group_name_en as string) as carrier_group_name_en,
    cast(carriers.unit as string) as unit,
    cast(carriers.origin as string) as origin,
    cast(carriers.is_biogenic as boolean) as is_biogenic,
    cast(coefficients.valid_from as date) as valid_from,
    cast(coefficients.valid_to as date) as valid_to,
    cast(coefficients.gj_per_unit as decimal(18, 12)) as gj_per_unit,
    cast(coefficients.tce_calorific_per_unit as decimal(18, 12)) as tce_calorific_per_unit,
    cast(coefficients.tce_equivalent_per_unit as decimal(18, 12)) as tce_equivalent_per_unit,
    cast(coefficients.factor_id as string) as factor_id,
    cast(coefficients.coefficient_rule as string) as coefficient_rule,
    cast(coefficients.confidence as string) as factor_confidence,
    cast(coefficients.is_fallback as boolean) as factor_is_fallback,
    cast(coefficients.equivalent_factor_id as string) as equivalent_factor_id,
    cast(coefficients.equivalent_rule as string) as equivalent_rule,
    cast(coefficients.equivalent_confidence as string) as equivalent_confidence,
    cast(coefficients.equivalent_is_fallback as boolean) as equivalent_is_fallback,
    cast(coefficients.null_reason as string) as null_reason,
    cast(
        case
            when coefficients.null_reason = carriers.null_reason
            then carriers.null_reason_zh
            else {{ emission_word("coefficients.null_reason", "zh") }}
        end as string
    ) as null_reason_name_zh,
    cast(
        case
            when coefficients.null_reason = carriers.null_reason
            then carriers.null_reason_en
            else {{ emission_word("coefficients.null_reason", "en") }}
        end as string
    ) as null_reason_name_en,
    cast(carriers.note as string) as note
from {{ source("factors", "carriers") }} as carriers
inner join {{ ref("int_factors__coal_equivalent") }} as coefficients on carriers.carrier = coefficients.carrier
