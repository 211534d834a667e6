-- One number for each term of a method, organisation and month: the product of its parameters x numerator / denominator,
-- tonnes of the gas per unit of activity. Where a parameter is neither measured nor printed there is none.
-- Clause: gbt_32150.factor_choice
with
    placed as (

        select
            organization_id,
            month,
            term_id,
            max(case when place = 1 then value end) as value_1,
            max(case when place = 2 then value end) as value_2,
            max(case when place = 3 then value end) as value_3,
            max(case when place = 4 then value end) as value_4,
            sum(case when value is null then 1 else 0 end) as missing_count,
            max(place) as places,
            coalesce(
                min(case when rule = 'measured' then factor_id end), min(case when place = 1 then factor_id end)
            ) as factor_id,
            coalesce(
                min(case when rule = 'measured' then factor_set end), min(case when place = 1 then factor_set end)
            ) as factor_set,
            max(case when rule = 'measured' then 1 else 0 end) as is_measured,
            max(case when confidence = 'recalled' then 1 else 0 end) as is_recalled
        from {{ ref("int_carbon__method_parameter") }}
        group by organization_id, month, term_id

    ),

    products as (

        select
            *,
            case
                when places = 1
                then cast(value_1 as decimal(18, 12))
                else
                    {{
                        product(
                            product("value_1", 9, "value_2", 9, 12),
                            12,
                            product(
                                "case when places >= 3 then value_3 else 1 end",
                                9,
                                "case when places >= 4 then value_4 else 1 end",
                                9,
                                9,
                            ),
                            9,
                            12,
                        )
                    }}
            end as product
        from placed

    )

select
    products.organization_id,
    products.month,
    products.term_id,
    products.factor_id,
    products.factor_set,
    case when products.is_measured = 1 then 'measured' else 'default' end as factor_rule,
    case when products.is_recalled = 1 or terms.confidence = 'recalled' then 'recalled' else 'verified' end as factor_confidence,
    case
        when products.missing_count > 0
        then null
        when terms.numerator = 1 and terms.denominator = 1
        then products.product
        else
            {{
                divide_decimal(
                    "cast(" ~ product("products.product", 12, "terms.numerator", 10, 12) ~ " as decimal(20, 12)) * 1000000",
                    "cast(terms.denominator * 1000000 as decimal(18, 6))",
                    12,
                )
            }}
    end as factor
from products
inner join {{ source("factors", "method_terms") }} as terms on products.term_id = terms.term_id
