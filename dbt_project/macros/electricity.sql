-- Active / apparent energy with six decimals, from active and reactive energy; NULL where either is unknown or the
-- active is zero. A square root is no decimal, so each engine takes it by itself.
{% macro power_factor(active, reactive) %}
    {{- return(adapter.dispatch("power_factor", "nengtan")(active, reactive)) -}}
{% endmacro %}

{% macro default__power_factor(active, reactive) %}
    case
        when {{ active }} > 0
        then
            cast(
                cast({{ active }} as double)
                / sqrt(power(cast({{ active }} as double), 2) + power(cast({{ reactive }} as double), 2)) as decimal(9, 6)
            )
    end
{%- endmacro %}
