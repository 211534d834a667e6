-- Why a row was refused, in words.
{% macro reason_name(code, language) %}
    {%- set names = {
        "unknown_point": ["未知测点", "unknown point"],
        "bad_value": ["数值无法识别", "value cannot be read"],
        "bad_time": ["时间无法识别", "time cannot be read"],
        "future_time": ["时间在未来", "time in the future"],
        "register_out_of_range": ["示数超出表底范围", "register out of range"],
        "protocol_error": ["通信协议异常", "protocol error"],
        "bad_payload": ["报文无法解析", "payload cannot be parsed"],
        "bad_row": ["数据行格式错误", "malformed row"],
    } -%}
    case
        {{ code }}
        {%- for key, words in names.items() %}
            when '{{ key }}' then '{{ words[0] if language == "zh" else words[1] }}'
        {% endfor %}
        else {{ code }}
    end
{%- endmacro %}
