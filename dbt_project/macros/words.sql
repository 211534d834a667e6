-- A code in words of a language, as a case expression; `words` has the Chinese and the English of each code.
{% macro word_of(words, code, language) %}
    case
        {{ code }}
        {%- for word, names in words.items() %}
            when '{{ word }}' then '{{ names[0] if language == "zh" else names[1] }}'
        {%- endfor %}
    end
{%- endmacro %}

-- Words of the emission marts in both languages, as a case expression on their code.
{% macro emission_word(code, language) %}
    {%- set words = {
        "combustion": ["化石燃料燃烧", "fuel combustion"],
        "process": ["工业生产过程", "industrial process"],
        "sequestered": ["产品固碳", "carbon bound in products"],
        "purchased_electricity": ["购入电力", "purchased electricity"],
        "purchased_heat": ["购入热力", "purchased heat"],
        "sold_electricity": ["输出电力", "sold electricity"],
        "sold_heat": ["输出热力", "sold heat"],
        "biogenic_not_counted": ["生物质二氧化碳不计入", "biogenic CO2 is not counted"],
        "kind_of_coal_not_named": ["未说明煤种，无法取因子", "the kind of coal is not named"],
        "no_factor_in_chosen_set": ["所选因子集中没有该燃料", "the chosen factor set has no such fuel"],
        "no_factor_for_region_and_year": ["没有该地区该年度的因子", "no factor for the region and year"],
        "needs_enthalpy": ["蒸汽缺少焓值，无法折算热量", "steam without enthalpy cannot become heat"],
        "no_coefficient_in_force": ["当日没有现行的折标准煤系数", "no coefficient is in force on the day"],
        "no_coefficient": ["标准没有给出折标准煤系数", "the standard prints no coefficient"],
        "not_implemented": ["该核算项目尚未实现", "this item is not implemented"],
        "recovered": ["回收利用", "recovered"],
        "fugitive": ["逸散", "fugitive emissions"],
        "flare": ["火炬燃烧", "flaring"],
        "waste": ["废弃物处理", "treatment of waste"],
        "needs_measurement": [
            "缺少实测参数，指南也未给出缺省值",
            "a parameter was not measured and no default is printed",
        ],
        "unit_of_other_dimension": [
            "活动数据单位与因子量纲不符",
            "the unit of the activity has another dimension than the factor",
        ],
        "negative_activity": ["活动数据为负", "the activity is negative"],
        "unknown_item": ["未知核算项目", "unknown item"],
        "sold_not_made": [
            "已售出，但没有生产或购入的记录",
            "it was sold, and nothing says that it was made or bought",
        ],
        "no_method_in_guideline": ["所用指南没有该项目的核算方法", "the guideline has no method for this item"],
        "no_potential_in_set": ["所选温室效应潜势集中没有该气体", "the set of warming potentials lacks this gas"],
        "member": ["成员单位（各自报告口径）", "member, as it reports by itself"],
        "internal_purchase": ["扣除园区内购入（燃料端已计）", "less what was bought inside, counted at its fuel"],
        "internal_sale": ["加回园区内售出", "what was sold inside, added back"],
        "boundary": ["园区边界", "boundary of the park"],
        "difference": ["差额", "difference"],
        "counted": ["已核算", "counted"],
        "incomplete": ["部分缺数，合计不完整", "incomplete: a part has no number"],
        "no_activity": ["没有活动数据", "no activity was reported"],
        "level_1": ["1 级", "level 1"],
        "level_2": ["2 级", "level 2"],
        "level_3": ["3 级", "level 3"],
        "beyond_3": ["超出 3 级", "beyond level 3"],
        "no_output": ["没有产量", "nothing was made"],
        "no_energy": ["没有该单元的用电量", "the unit has no electricity"],
        "no_condition": ["产量未说明工艺（condition），无法折算", "the output does not name its process (condition)"],
        "unknown_condition": ["标准没有该工艺的折算系数", "the standard has no coefficient for the process"],
        "no_heat_value": ["没有热值，无法计算", "without a heat value"],
    } -%}
    {{- word_of(words, code, language) -}}
{% endmacro %}

-- What was wrong with a reading, in words.
{% macro fault_word(code, language) %}
    {%- set words = {
        "glitch": ["读数毛刺，已剔除", "a glitch, refused"],
        "beyond_rating": ["超出测点额定值，已剔除", "more than the rating allows, refused"],
        "unconfirmed": ["最新读数不合理，待后续读数确认", "the newest reading does not fit and waits for the next"],
        "caught_up": ["示数停滞后一次补足", "stood still, then showed all at once"],
        "clock_jumped": ["时钟跳变，电量集中到达", "the clock jumped, what passed came at once"],
        "clock_behind": ["时钟滞后，时段归属不确定", "the clock was behind, when it passed is not certain"],
        "stepped_back": ["示数小幅倒退", "stepped back a little"],
        "reset": ["示数清零，损失量为估计", "began again from zero, what was lost is estimated"],
        "exchanged": ["示数改变（疑似换表），损失量为估计", "went on from another value, what was lost is estimated"],
        "event": ["计量器具事件未给出示数，损失量为估计", "an event without a register, what was lost is estimated"],
        "ratio_changed": [
            "变比更换时无示数，按恒定功率分摊",
            "the ratio changed without a register, divided at even power",
        ],
    } -%}
    {{- word_of(words, code, language) -}}
{% endmacro %}

-- Bands of price in words.
{% macro band_word(code, language) %}
    {%- set words = {
        "sharp": ["尖峰", "sharp"],
        "peak": ["高峰", "peak"],
        "flat": ["平段", "flat"],
        "valley": ["低谷", "valley"],
        "deep_valley": ["深谷", "deep valley"],
    } -%}
    {{- word_of(words, code, language) -}}
{% endmacro %}

-- What an energy target or status is about, in both languages.
{% macro energy_indicator_word(code, language) %}
    {%- set words = {
        "comprehensive_energy": ["综合能耗", "comprehensive energy"],
        "product": ["单位产品能耗", "energy per product"],
        "output_value": ["单位产值能耗", "energy per output value"],
        "value_added": ["单位增加值能耗", "energy per value added"],
    } -%}
    {{- word_of(words, code, language) -}}
{% endmacro %}

-- Kinds of days in both languages.
{% macro day_type_word(code, language) %}
    {%- set words = {
        "working": ["工作日", "working day"],
        "rest": ["休息日", "day of rest"],
        "holiday": ["节假日", "holiday"],
        "maintenance": ["检修日", "maintenance"],
    } -%}
    {{- word_of(words, code, language) -}}
{% endmacro %}

-- How energy enters or leaves a unit, in words.
{% macro role_word(code, language) %}
    {%- set words = {
        "purchase": ["购入", "purchase"],
        "internal_purchase": ["园区内购入", "bought inside the park"],
        "own_generation": ["自产", "own generation"],
        "recovered": ["回收", "recovered"],
        "conversion": ["加工转换", "conversion"],
        "end_use": ["使用", "end use"],
        "sale": ["外供", "sale"],
        "internal_sale": ["园区内供出", "sold inside the park"],
    } -%}
    {{- word_of(words, code, language) -}}
{% endmacro %}
