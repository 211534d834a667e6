-- Whether a step back of a register is its roll-over: it has a size, and the amount on the other side of it is one that
-- can have passed (the point's physical maximum with a fifth to spare: 3000 = 3600 s / 1.2; without one, a tenth of the
-- register).
{% macro is_roll_over() %}
    (
        register_size is not null
        and difference + register_size >= 0
        and case
            when physical_max_per_h is null
            then (difference + register_size) * 10 <= register_size
            else
                {{ product("(difference + register_size)", 6, "scale_to_quantity", 9, 6) }} * 3000
                <= cast(physical_max_per_h as decimal(24, 6))
                * cast({{ integer_divide("to_us - from_us", 1000000) }} as decimal(12, 0))
        end
    )
{% endmacro %}
