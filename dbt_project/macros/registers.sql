-- Whether a step back of a register is its roll-over: it has a size, and the amount on the other side of it is one that
-- can have passed (the point's physical maximum with a fifth to spare; without one, a tenth of the register).
{% macro is_roll_over() %}
    (
        register_size is not null
        and difference + register_size >= 0
        and case
            when physical_max_per_h is null then (difference + register_size) * 10 <= register_size
            else cast((difference + register_size) * scale_to_quantity as decimal(24, 6))
                <= cast(physical_max_per_h * 1.2 as decimal(20, 6))
                * cast({{ integer_divide('to_us - from_us', 3600000) }} as decimal(12, 0)) / 1000
        end
    )
{% endmacro %}
