-- Amounts that stand fixed per unit of what a process makes: quantity x output x share, of the processes in `referred`
-- (process_id, month, output).
{% macro fixed_amounts(referred) %}
    select
        exchanges.exchange_id,
        {{ referred }}.month,
        {{ product(product(referred ~ ".output", 6, "exchanges.quantity", 9, 6), 6, "exchanges.share", 9, 6) }} as amount,
        {{
            product(
                product(product(referred ~ ".output", 6, "exchanges.quantity", 9, 6), 6, "exchanges.share", 9, 6),
                6,
                "conversion.factor",
                9,
                6,
            )
        }} as quantity,
        cast(0 as decimal(9, 6)) as estimated_ratio,
        case when {{ referred }}.output is null then 'output_not_known' end as missing
    from {{ ref("stg_site__exchange") }} as exchanges
    inner join
        {{ referred }}
        on exchanges.process_id = {{ referred }}.process_id
        and {{ referred }}.month >= exchanges.valid_from
        and {{ referred }}.month < exchanges.valid_to
    left join
        {{ source("factors", "unit_conversions") }} as conversion
        on exchanges.unit = conversion.from_unit
        and exchanges.told_unit = conversion.to_unit
    where exchanges.amount_source = 'fixed'
{% endmacro %}

-- What is missing of a flow of the product system, in words; a reason of the accounting is told in its own.
{% macro footprint_word(code, language) %}
    {%- set words = {
        "no_meter": ["没有该单元该品种的计量数据", "no meter told this carrier of the unit"],
        "no_production": ["没有产量", "no output was told"],
        "no_activity": ["没有活动数据", "no activity was told"],
        "not_measured": ["计量数据缺失", "it was not measured"],
        "output_not_known": [
            "过程产出未知，定额用量无法计算",
            "the output that the fixed amount refers to is not known",
        ],
        "demand_not_known": ["取用量不完整", "what is taken of it is not all known"],
        "no_mass": ["质量未知，运输量无法计算", "without its mass the transport cannot be told"],
        "no_footprint_factor": ["该时期没有碳足迹因子", "no footprint factor holds in the month"],
        "no_emissions": ["核算中没有该排放", "the accounting has no such emission"],
    } -%}
    coalesce({{ word_of(words, code, language) }}, {{ emission_word(code, language) }})
{% endmacro %}
