-- Half the 95 % interval of each organisation's covered lines, by year: independent of the product's code.
with
    inputs as (
        select *,
            case
                when input_kind = 'meter' then try_cast(regexp_extract(accuracy_class, '[0-9.]+') as double) / 100 / sqrt(3)
                else greatest(low_ratio, high_ratio)::double / 1.959963984540054
            end as u
        from carbon.uncertainty_inputs_annual
        where basis = 'statutory'
    ),

    covered as (
        select year, organization_id, line_id from inputs group by all having count(*) = count(u)
    ),

    moved as (
        select year, organization_id, input_kind, input_id, any_value(u) as u,
            sum(emissions_tco2e::double * share_ratio::double) as tonnes
        from inputs semi join covered using (year, organization_id, line_id)
        group by all
    )

select year, organization_id, 1.959963984540054 * sqrt(sum(tonnes * tonnes * u * u)) as u95_tco2e
from moved group by all
